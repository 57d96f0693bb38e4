import { type ConfigFound, type ConfigProblem, settingLine } from '@waybill/config';
import { type BranchRule, type KnownResource, type StrategyProject, strategyChecker } from '@waybill/domain';

/** Why the strategy that a configuration puts in place of the rule's cannot be, as a problem of its `waybill.yaml`. */
export function strategyProblem(
  found: ConfigFound,
  project: StrategyProject,
  rule: BranchRule,
  known: readonly KnownResource[],
): ConfigProblem | undefined {
  const { strategy } = found.parsed.settings;
  if (!strategy) return undefined;
  const [problem] = strategyChecker(project, known)(rule, strategy);
  if (!problem) return undefined;
  const path = ['strategy', ...problem.path];
  return {
    ok: false,
    repository: found.repository,
    directory: found.directory,
    problem: 'invalid',
    file: `${found.directory}/waybill.yaml`,
    line: settingLine(found.contents, path),
    message: `${path.join('.')}: ${problem.message}`,
  };
}
