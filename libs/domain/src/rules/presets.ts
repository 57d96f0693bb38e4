import type { BranchRule } from './rule.js';

export type RulePreset = 'gitflow' | 'trunk';

/** A ready-made set of branch rules: a fresh copy at every call. */
export function presetRules(preset: RulePreset): BranchRule[] {
  return PRESETS[preset]();
}

const PRESETS: Readonly<Record<RulePreset, () => BranchRule[]>> = {
  gitflow: () => [
    rule('dev', '^dev$', 'dev', ['dev']),
    rule('feature', '^feature(-[a-z0-9]+)+$', 'feature', ['feature']),
    rule('release', '^release-([0-9]+)(.[0-9]+)*$', 'release', ['release']),
    rule('lt', '^lt-([0-9]+)(.[0-9]+)*$', 'lt', ['lt']),
    rule('tag', null, 'prod', ['prod1', 'prod2']),
  ],
  /** One long-lived branch that is always deployed, and tags that go to production. Other branches stay undeployed. */
  trunk: () => [rule('main', '^main$', 'dev', ['dev']), rule('tag', null, 'prod', ['prod1', 'prod2'])],
};

/** A rule for a branch pattern, or for every tag when `pattern` is null: Kubernetes and Istio at each location. */
function rule(
  name: string,
  pattern: string | null,
  tier: BranchRule['tier'],
  locations: readonly string[],
): BranchRule {
  return {
    name,
    kind: pattern === null ? 'tag' : 'branch',
    pattern,
    resources: locations.flatMap((location) => [`kubernetes-${location}`, `istio-${location}`]),
    tier,
    directory: name,
    strategy: { type: 'rolling' },
    approvals: 0,
    stages: [],
    onConfigChange: 'nothing',
    onFailure: 'nothing',
  };
}
