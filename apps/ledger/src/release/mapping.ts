import type { ReleaseRow } from '@waybill/views';
import { type PrincipalRef, optionalPrincipal, principalRef } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';
import { toRule } from '../project/mapping.js';

type Looked = 'config' | 'approvals' | 'requestedBy' | 'deployments';

export type ReleaseAnswer = Omit<Api.Release, Looked> & {
  readonly config: (Omit<Api.ReleaseConfig, 'author'> & { readonly author: PrincipalRef | null }) | null;
  readonly approvals: readonly (Omit<Api.Approval, 'approver'> & { readonly approver: PrincipalRef })[];
  readonly requestedBy: PrincipalRef | null;
};

export function toRelease(row: ReleaseRow): ReleaseAnswer {
  const { config } = row;
  return {
    id: row.id,
    project: row.project,
    ref: row.ref,
    refKind: row.refKind,
    commit: row.commit,
    state: row.state,
    reason: row.reason,
    outcome: row.outcome,
    trigger: row.trigger,
    reuses: row.reuses,
    order: row.order,
    slot: row.slot,
    rule: row.rule && toRule(row.rule),
    rulesRevision: row.rulesRevision,
    deliverable: row.deliverable,
    config: config && {
      repository: config.repository,
      directory: config.directory,
      fallback: config.fallback,
      commit: config.commit,
      digest: config.digest,
      committedAt: config.committedAt,
      author: optionalPrincipal(config.author),
    },
    holds: row.holds,
    approvals: row.approvals.map(({ approver, at, current }) => ({ approver: principalRef(approver), at, current })),
    requestedBy: optionalPrincipal(row.requestedBy),
    requestedAt: row.requestedAt,
    finishedAt: row.finishedAt,
    durationMs: row.durationMs,
    via: row.via,
    pipelineId: row.pipelineId,
    jobId: row.jobId,
    url: row.url,
    attributes: row.attributes,
    correlationId: row.correlationId,
    locations: row.locations,
  };
}
