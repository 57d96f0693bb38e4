import { parseInput, type FieldProblem } from '@waybill/kernel';
import { z } from 'zod';
import type { KnownResource } from '../project/commands.js';
import { parsePattern } from './match.js';
import { expandedSize } from './pattern.js';
import { BranchRuleInput, type BranchRule } from './rule.js';
import { type StrategyProject, strategyChecker } from './strategies.js';
import { unreachableRules } from './unreachable.js';

/** Directory of tags in the config repository; no branch rule may have it. */
export const TAG_DIRECTORY = 'tag';

/** Most steps a pattern may compile into. The largest hand-written ones stay below 200. */
export const MAX_PATTERN_SIZE = 2_000;

/** Nothing was said of the project yet. */
const NO_PROJECT = { key: '', business: null, devops: null };

const RuleList = z.strictObject({
  rules: z.array(BranchRuleInput).min(1, 'give at least one rule').max(20_000, 'at most 20000 rules'),
});

/**
 * Rules as people write them (a list of `BranchRuleInput`), with every default filled in: the directory is the rule's
 * name, for tags `tag`. Throws `INVALID_INPUT`; its fields read like `rules.2.branch`.
 */
export function completeRules(inputs: unknown): BranchRule[] {
  return parseInput(RuleList, { rules: inputs }, 'branch rules').rules.map(
    ({ branch, tag, directory, name, resources, tier, strategy, approvals, stages, onConfigChange, onFailure }) => ({
      name,
      kind: branch === undefined ? 'tag' : 'branch',
      pattern: branch ?? (tag === true || tag === undefined ? null : tag),
      resources,
      tier,
      directory: directory ?? (branch === undefined ? TAG_DIRECTORY : name),
      strategy,
      approvals,
      stages,
      onConfigChange,
      onFailure,
    }),
  );
}

/**
 * Everything that is wrong with a list of rules, beyond the shape of each: patterns, names, rules that are never
 * reached, resources that `known` does not hold, stages, strategies that the project or a location does not allow.
 * Fields read like `rules.2.pattern`. Empty: all is well.
 */
export function ruleProblems(
  rules: readonly BranchRule[],
  known: readonly KnownResource[],
  project: Omit<StrategyProject, 'rules'> = NO_PROJECT,
): FieldProblem[] {
  const resources = new Map(known.map((resource) => [resource.resource, resource]));
  const byName = new Map<string, number>();
  const strategyProblemsOf = strategyChecker({ ...project, rules }, known);
  const problems: FieldProblem[] = [];
  const faulty = new Set<number>();
  rules.forEach((rule, index) => {
    const earlier = byName.get(rule.name);
    if (earlier !== undefined) {
      problems.push({ field: `rules.${index}.name`, message: `rule ${earlier} is called ${rule.name} already` });
    } else byName.set(rule.name, index);
    const pattern = patternProblem(rule.pattern);
    if (pattern !== null) {
      faulty.add(index);
      problems.push({ field: `rules.${index}.pattern`, message: pattern });
    }
    problems.push(...directoryProblems(rule, index));
    const locations = new Set<string>();
    problems.push(...resourceProblems(rule, index, resources, locations));
    problems.push(...stageProblems(rule, index, locations));
    for (const { path, message } of strategyProblemsOf(rule, rule.strategy)) {
      problems.push({ field: ['rules', index, 'strategy', ...path].join('.'), message });
    }
  });
  for (const { index, why } of unreachableRules(rules, faulty)) {
    problems.push({ field: `rules.${index}.pattern`, message: `never reached: ${why}` });
  }
  return problems;
}

function patternProblem(pattern: string | null): string | null {
  if (pattern === null) return null;
  const size = expandedSize(pattern);
  if (size > MAX_PATTERN_SIZE) return tooExpensive(size);
  const { engine, problem } = parsePattern(pattern);
  if (engine === null) return `not a valid RE2 pattern: ${problem}`;
  const compiled = engine.programSize();
  return compiled > 2 * MAX_PATTERN_SIZE ? tooExpensive(compiled) : null;
}

function tooExpensive(size: number): string {
  return `too expensive: it stands for about ${size} steps, ${MAX_PATTERN_SIZE} are the most; use * or + instead of counted repetition`;
}

function directoryProblems(rule: BranchRule, index: number): FieldProblem[] {
  if (rule.kind === 'tag' || rule.directory !== TAG_DIRECTORY) return [];
  return [{ field: `rules.${index}.directory`, message: `the directory ${TAG_DIRECTORY} is reserved for tags` }];
}

/** Also collects the locations of the rule. */
function resourceProblems(
  rule: BranchRule,
  index: number,
  known: ReadonlyMap<string, KnownResource>,
  locations: Set<string>,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const taken = new Map<string, string>();
  const add = (at: number, message: string): void => {
    problems.push({ field: `rules.${index}.resources.${at}`, message });
  };
  rule.resources.forEach((key, at) => {
    if (rule.resources.indexOf(key) !== at) return add(at, `${key} is named twice`);
    const resource = known.get(key);
    if (!resource) return add(at, `no resource is called ${key}: onboard it first, or correct the name`);
    locations.add(resource.location);
    // A rule that was written before a migration may be given again as it is.
    for (const from of resource.moved?.from ?? []) locations.add(from);
    const place = `${resource.kind} at ${resource.location}`;
    const other = taken.get(place);
    if (other !== undefined)
      return add(at, `${key} and ${other} are both ${place}: a rule takes one of a kind per location`);
    taken.set(place, key);
  });
  return problems;
}

function stageProblems(rule: BranchRule, index: number, locations: ReadonlySet<string>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const seen = new Set<string>();
  rule.stages.forEach((stage, s) => {
    stage.forEach((location, l) => {
      const field = `rules.${index}.stages.${s}.${l}`;
      if (seen.has(location)) problems.push({ field, message: `${location} stands in two stages or twice in one` });
      else if (!locations.has(location)) {
        problems.push({ field, message: `none of the rule's resources is at ${location}` });
      }
      seen.add(location);
    });
  });
  return problems;
}
