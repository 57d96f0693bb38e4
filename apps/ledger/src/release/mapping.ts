import { ROLLBACK_REASON } from '@waybill/domain';
import type { Moment, ReleaseRow } from '@waybill/views';
import { type PrincipalRef, optionalPrincipal, principalRef } from '../access/principal.js';
import type * as Api from '../graphql.gen.js';
import { toRule } from '../project/mapping.js';

type Looked =
  'config' | 'approvals' | 'requestedBy' | 'deployments' | 'decisionReason' | 'metadata' | 'notDeployed' | 'incidents';

/** `reason` is the digest of the approver's words until they are looked up. */
export type ApprovalAnswer = Omit<Api.Approval, 'approver' | 'reason'> & {
  readonly approver: PrincipalRef;
  readonly reason: string | null;
};

export type ReleaseAnswer = Omit<Api.Release, Looked> & {
  readonly config: (Omit<Api.ReleaseConfig, 'author'> & { readonly author: PrincipalRef | null }) | null;
  readonly approvals: readonly ApprovalAnswer[];
  /** Digest of the words of who refused, cancelled or rolled back. */
  readonly decisionReason: string | null;
  readonly requestedBy: PrincipalRef | null;
  /** Of the project's stream, whose metadata is used; null before that is decided. */
  readonly metadataRevision: number | null;
  /** As of when it is told; null for now. */
  readonly moment: Moment | null;
};

export function toRelease(row: ReleaseRow, moment: Moment | null = null): ReleaseAnswer {
  const { config } = row;
  return {
    moment,
    id: row.id,
    project: row.project,
    ref: row.ref,
    refKind: row.refKind,
    commit: row.commit,
    state: row.state,
    reason: row.reason,
    decisionReason: row.endReason ?? (row.trigger === 'rollback' ? (row.attributes[ROLLBACK_REASON] ?? null) : null),
    outcome: row.outcome,
    trigger: row.trigger,
    reuses: row.reuses,
    order: row.order,
    slot: row.slot,
    rule: row.rule && toRule(row.rule),
    rulesRevision: row.rulesRevision,
    metadataRevision: row.metadataRevision,
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
    holds: row.holds.map((hold) => ({ ...hold, frees: filledIn(hold.frees, row) })),
    approvals: row.approvals.map(({ approver, ...approval }) => ({ approver: principalRef(approver), ...approval })),
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

/** Commands as they can be typed: domain sentences do not know of which release they are. */
const filledIn = (frees: string, { id, project }: Pick<ReleaseRow, 'id' | 'project'>): string =>
  frees.replaceAll('<release>', id.slice(0, 8)).replaceAll('<project>', project);
