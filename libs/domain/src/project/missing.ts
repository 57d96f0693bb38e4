import { resourceKindOf } from '../rules/resource-kind.js';
import type { BranchRule } from '../rules/rule.js';
import type { ResourceKind } from '../vocabulary.js';
import type { Section } from './metadata.js';
import type { ProjectState } from './state.js';

/** Something a project must still be told before a rule can deploy it. */
export interface MissingMetadata {
  readonly section: Section;
  /** Dotted path within the section; `*` for the whole of it. */
  readonly field: string;
  /** Names of the rules that need it. */
  readonly rules: readonly string[];
  /** Why it is needed, in words. The role that must give it is the section's. */
  readonly why: string;
}

/** Kinds that route traffic and therefore must know a port. */
const ROUTED: readonly ResourceKind[] = ['istio', 'knative', 'gateway-api', 'apig'];

/** Kinds that are reached from outside under a host name. Istio routes within the mesh and needs none. */
const NAMED: readonly ResourceKind[] = ['gateway-api', 'apig'];

/**
 * What must still be given before the rules can deploy, and for which of them; empty when nothing is missing. Pass one
 * rule to ask for that one only. A project without rules lacks exactly those.
 */
export function missingMetadata(
  state: Pick<ProjectState, 'developer' | 'business' | 'devops' | 'rules'>,
  rules: readonly BranchRule[] = state.rules,
): MissingMetadata[] {
  if (rules.length === 0) {
    return [
      {
        section: 'devops',
        field: 'rules',
        rules: [],
        why: 'no branch rules are defined: no branch or tag is deployed',
      },
    ];
  }
  return [...developerGaps(state, rules), ...businessGaps(state, rules), ...devopsGaps(state, rules)];
}

function developerGaps(
  { developer }: Pick<ProjectState, 'developer'>,
  rules: readonly BranchRule[],
): MissingMetadata[] {
  if (developer === null) {
    const why = 'the source repository, the deliverable and the config source are not known';
    return gap('developer', '*', rules, why);
  }
  if (developer.ports.length > 0) return [];
  return gap('developer', 'ports', usingKinds(rules, ROUTED), 'traffic is routed to a port, and none is named');
}

function businessGaps({ business }: Pick<ProjectState, 'business'>, rules: readonly BranchRule[]): MissingMetadata[] {
  const gaps: MissingMetadata[] = [];
  if (business === null) {
    gaps.push(...gap('business', 'owner', rules, 'nobody answers for the project yet'));
    gaps.push(...gap('business', 'productLine', rules, 'deployments are counted by product line'));
  }
  if ((business?.domains.length ?? 0) === 0) {
    const why = 'the gateway needs a host name under which the service is reached';
    gaps.push(...gap('business', 'domains', usingKinds(rules, NAMED), why));
  }
  const approvers = new Set(business?.approvers).size;
  for (const rule of rules) {
    if (rule.approvals <= approvers) continue;
    const why = `rule ${rule.name} needs approval by ${rule.approvals}; approvers named so far: ${approvers}`;
    gaps.push(...gap('business', 'approvers', [rule], why));
  }
  return gaps;
}

function devopsGaps({ devops }: Pick<ProjectState, 'devops'>, rules: readonly BranchRule[]): MissingMetadata[] {
  if (devops === null) return gap('devops', 'quotas', rules, 'how much the project may use is not set');
  return rules.flatMap((rule) => {
    const allowed = devops.strategies[rule.tier];
    if (!allowed || allowed.includes(rule.strategy.type)) return [];
    const why = `rule ${rule.name} deploys ${rule.strategy.type}; the tier ${rule.tier} allows only ${allowed.join(', ')}`;
    return gap('devops', `strategies.${rule.tier}`, [rule], why);
  });
}

function gap(section: Section, field: string, rules: readonly BranchRule[], why: string): MissingMetadata[] {
  return rules.length === 0 ? [] : [{ section, field, rules: rules.map(({ name }) => name), why }];
}

function usingKinds(rules: readonly BranchRule[], kinds: readonly ResourceKind[]): BranchRule[] {
  return rules.filter(({ resources }) =>
    resources.some((key) => {
      const kind = resourceKindOf(key);
      return kind !== undefined && kinds.includes(kind);
    }),
  );
}
