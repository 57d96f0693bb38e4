import type { KnownResource } from '../project/commands.js';
import type { BusinessMetadata, DevopsMetadata } from '../project/metadata.js';
import { type Strategy, strategyProblems } from '../strategy.js';
import { type OtherDomain, previewHostChecker } from './preview-hosts.js';
import type { BranchRule } from './rule.js';

/** What a project says about strategies. */
export interface StrategyProject {
  readonly key: string;
  readonly business: Pick<BusinessMetadata, 'domains'> | null;
  readonly devops: Pick<DevopsMetadata, 'strategies'> | null;
  readonly rules: readonly BranchRule[];
  /** Domains of the other projects. */
  readonly elsewhere?: readonly OtherDomain[];
}

export interface StrategyProblem {
  /** Within the strategy. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Tells why a strategy cannot be that of a rule, its own or one that a configuration puts in its place: the tier forbids
 * it, a location of the rule cannot shift traffic, or a host is taken. Empty: it can.
 */
export function strategyChecker(
  { key, business, devops, rules, elsewhere }: StrategyProject,
  known: readonly KnownResource[],
): (rule: BranchRule, strategy: Strategy) => StrategyProblem[] {
  const byKey = new Map(known.map((resource) => [resource.resource, resource]));
  const hostProblem = previewHostChecker(key, business?.domains ?? [], rules, elsewhere);
  return (rule, strategy) => {
    const problems: StrategyProblem[] = strategyProblems(strategy);
    const add = (path: StrategyProblem['path'], message: string): void => {
      problems.push({ path, message });
    };
    const allowed = devops?.strategies[rule.tier];
    if (allowed && !allowed.includes(strategy.type)) {
      add(['type'], `the tier ${rule.tier} allows only ${allowed.join(', ')}, by the devops section`);
    }
    const unable = strategy.type === 'rolling' ? null : unableLocation(rule, byKey);
    if (unable !== null) add(['type'], `a ${strategy.type} cannot run at ${unable}`);
    const host = hostProblem(rule, strategy);
    if (host !== null) add(['previewHost'], host);
    return problems;
  };
}

/** The first location of the rule where nothing can shift traffic, and why. Unknown resources are told elsewhere. */
function unableLocation(rule: BranchRule, known: ReadonlyMap<string, KnownResource>): string | null {
  const used = rule.resources.flatMap((key) => known.get(key) ?? []);
  for (const { location, delivery } of used) {
    if (delivery !== 'cluster') return `${location}: ${WHY_NOT[delivery]}`;
    const kinds = used.filter((other) => other.location === location).map(({ kind }) => kind);
    if (!kinds.includes('kubernetes')) {
      return `${location}: it takes a resource of kind kubernetes there, and the rule names only ${[...new Set(kinds)].join(', ')}`;
    }
  }
  return null;
}

const WHY_NOT = {
  git: 'it is delivered through a Git repository, where nobody shifts traffic step by step',
  ansible: 'it is delivered through Ansible to machines, not to a cluster',
  gateway: 'it is an API gateway, not a cluster',
} as const;
