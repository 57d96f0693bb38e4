import type { BranchRule, Deliverable, Hold, LocationOutcome, ReleaseEvent, ResolvedConfig } from '@waybill/domain';
import {
  defineTable,
  integer,
  json,
  oneOf,
  optionalInteger,
  optionalJson,
  optionalOneOf,
  optionalText,
  text,
} from '../table.js';

export type ReleaseStateName =
  'UNMATCHED' | 'HELD' | 'PREPARING' | 'DEPLOYING' | 'COMPLETED' | 'FAILED' | 'REFUSED' | 'CANCELLED' | 'SUPERSEDED';

/** States from which a release still moves by itself, by a person or by a timer. */
export const OPEN_STATES = ['HELD', 'PREPARING', 'DEPLOYING'] as const satisfies readonly ReleaseStateName[];

/** How far a release is in one of its locations. */
export interface ReleaseLocation {
  readonly location: string;
  /** From 0. */
  readonly stage: number;
  readonly generation: number | null;
  readonly state: 'pending' | 'deploying' | LocationOutcome;
  readonly message: string | null;
}

type Data<Type extends ReleaseEvent['type']> = Extract<ReleaseEvent, { type: Type }>['data'];

/** What an approver agreed to; it counts while the release still has exactly that. */
export interface StoredApproval {
  readonly approver: string;
  readonly at: string;
  readonly deliverable: Deliverable;
  readonly configDigest: string;
  readonly rulesRevision: number;
  /** Digest of the words of the approver, in the blob store. */
  readonly reason?: string | undefined;
}

export const releaseTable = defineTable({
  name: 'releases',
  key: 'id',
  columns: {
    id: text(),
    /** Position of `ReleaseRequested`: the release's order. */
    position: integer(),
    project: text(),
    ref: text(),
    refKind: oneOf<'branch' | 'tag'>(),
    commit: text(),
    state: oneOf<ReleaseStateName>(),
    outcome: optionalOneOf<Data<'ReleaseCompleted'>['outcome']>(),
    trigger: oneOf<Data<'ReleaseRequested'>['trigger']>(),
    reuses: optionalText(),
    slot: optionalText(),
    rule: optionalJson<BranchRule>(),
    rulesRevision: optionalInteger(),
    unmatched: optionalJson<Pick<Data<'BranchUnmatched'>, 'reason' | 'closest'>>(),
    deliverable: optionalJson<Deliverable>(),
    /** Of the deliverable, to be looked up by. */
    digest: optionalText(),
    config: optionalJson<ResolvedConfig>(),
    /** Of the configuration, to be looked up by. */
    configCommit: optionalText(),
    configProblem: optionalJson<Omit<Data<'ConfigUnresolved'>, 'release'>>(),
    holds: json<readonly Hold[]>(),
    approvals: json<readonly StoredApproval[]>(),
    /** Who ended it, for refused and cancelled; null when a policy did. */
    endedBy: optionalText(),
    cancelCause: optionalOneOf<Data<'ReleaseCancelled'>['cause']>(),
    /** Digest of the reason a person gave, in the blob store. */
    endReason: optionalText(),
    metadataRevision: optionalInteger(),
    resources: json<Data<'ReleasePlanned'>['resources']>(),
    locations: json<readonly ReleaseLocation[]>(),
    requestedBy: optionalText(),
    requestedAt: text(),
    finishedAt: optionalText(),
    via: oneOf<Data<'ReleaseRequested'>['source']['via']>(),
    pipelineId: optionalText(),
    jobId: optionalText(),
    url: optionalText(),
    attributes: json<Data<'ReleaseRequested'>['source']['attributes']>(),
    correlationId: text(),
  },
  indexes: [
    { columns: ['position'], unique: true },
    { columns: ['project', 'position'] },
    { columns: ['state', 'position'] },
    { columns: ['ref', 'position'] },
    { columns: ['commit', 'position'] },
    { columns: ['digest', 'position'] },
    { columns: ['configCommit', 'position'] },
    { columns: ['pipelineId', 'position'] },
    { columns: ['jobId', 'position'] },
    { columns: ['correlationId', 'position'] },
  ],
});

/** Which releases were planned for a location: to be looked up by, the rest stands in the release's row. */
export const releaseLocationTable = defineTable({
  name: 'release_locations',
  key: 'id',
  columns: {
    id: text(),
    release: text(),
    location: text(),
    /** Of the release, so that the newest ones are found first. */
    position: integer(),
  },
  indexes: [{ columns: ['location', 'position'] }],
});
