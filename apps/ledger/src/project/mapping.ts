import type { BranchRule } from '@waybill/domain';
import type { Moment, ProjectRow } from '@waybill/views';
import { optionalPrincipal, type PrincipalRef } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';

/** What a row tells; the rest is looked up by the resolvers of its fields. */
export type ProjectAnswer = Omit<Api.Project, 'owner' | 'releases' | 'environments'> & {
  readonly owner: PrincipalRef | null;
  /** As of when it is told; null for now. */
  readonly moment: Moment | null;
};

export function toProject(row: ProjectRow, moment: Moment | null = null): ProjectAnswer {
  return {
    moment,
    key: row.key,
    name: row.name,
    registeredAt: row.registeredAt,
    developer: row.developer,
    business: row.business,
    devops: row.devops,
    owner: optionalPrincipal(row.owner),
    rules: row.rules.map(toRule),
    rulesRevision: row.rulesRevision,
    preset: row.preset,
    missing: row.missing.map(({ section, field, rules, why }) => ({ section, role: section, field, rules, why })),
  };
}

export function toRule(rule: BranchRule): Api.BranchRule {
  const { name, kind, pattern, resources, tier, directory, strategy, approvals, stages, onConfigChange, onFailure } =
    rule;
  return { name, kind, pattern, resources, tier, directory, strategy, approvals, stages, onConfigChange, onFailure };
}
