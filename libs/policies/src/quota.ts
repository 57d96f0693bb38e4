import type { ConfigFound, ConfigProblem } from '@waybill/config';
import type { DevopsMetadata } from '@waybill/domain';

/** What a configuration asks for beyond the quotas of the devops section, as a problem of its `waybill.yaml`. */
export function quotaProblem(
  found: ConfigFound,
  quotas: DevopsMetadata['quotas'] | undefined,
): ConfigProblem | undefined {
  const { replicas, autoscaling } = found.parsed.settings;
  const wanted = autoscaling?.maxReplicas ?? replicas;
  if (!quotas || wanted <= quotas.maxReplicas) return undefined;
  return {
    ok: false,
    repository: found.repository,
    directory: found.directory,
    problem: 'invalid',
    file: `${found.directory}/waybill.yaml`,
    line: lineOf(found, autoscaling ? 'maxReplicas' : 'replicas'),
    message: `asks for ${wanted} replicas; the devops metadata allows ${quotas.maxReplicas}`,
  };
}

/** First line that sets the key, null when it is left to its default. */
function lineOf({ contents }: ConfigFound, key: string): number | null {
  const lines = (contents.files['waybill.yaml'] ?? '').split('\n');
  const at = lines.findIndex((line) => new RegExp(`^\\s*['"]?${key}['"]?\\s*:|[{,]\\s*${key}\\s*:`).test(line));
  return at === -1 ? null : at + 1;
}
