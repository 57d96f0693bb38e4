import type { Connection } from '../ledger/pages.js';

export interface Person {
  readonly id: string;
  readonly name: string | null;
  readonly login: string | null;
}

export type ReleaseState =
  'UNMATCHED' | 'HELD' | 'PREPARING' | 'DEPLOYING' | 'COMPLETED' | 'FAILED' | 'REFUSED' | 'CANCELLED' | 'SUPERSEDED';

export interface Hold {
  readonly kind: string;
  readonly message: string;
  readonly frees: string;
}

export interface ReleaseLocation {
  readonly location: string;
  readonly stage: number;
  readonly generation: number | null;
  readonly state: string;
  readonly message: string | null;
}

export interface Release {
  readonly id: string;
  readonly project: string;
  readonly ref: string;
  readonly refKind: 'BRANCH' | 'TAG';
  readonly commit: string;
  readonly state: ReleaseState;
  readonly reason: string;
  readonly decisionReason: string | null;
  readonly outcome: string | null;
  readonly trigger: string;
  readonly order: string;
  readonly slot: string | null;
  readonly rule: { readonly name: string } | null;
  readonly deliverable: Record<string, unknown> | null;
  readonly holds: readonly Hold[];
  readonly requestedBy: Person | null;
  readonly requestedAt: string;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly via: string;
  readonly pipelineId: string | null;
  readonly jobId: string | null;
  readonly locations: readonly ReleaseLocation[];
}

export interface ReleaseDetail extends Release {
  readonly reuses: string | null;
  readonly rulesRevision: number | null;
  readonly url: string | null;
  readonly attributes: Record<string, string>;
  readonly correlationId: string;
  readonly rule: { readonly name: string; readonly resources: readonly string[] } | null;
  readonly config: {
    readonly repository: string;
    readonly directory: string;
    readonly fallback: boolean;
    readonly commit: string;
    readonly digest: string;
  } | null;
  readonly approvals: readonly {
    readonly approver: Person;
    readonly at: string;
    readonly current: boolean;
    readonly reason: string | null;
  }[];
  readonly deployments: readonly {
    readonly name: string;
    readonly location: string;
    readonly generation: number;
    readonly state: string;
    readonly message: string | null;
    readonly deliveredCommit: string | null;
  }[];
}

const RELEASE = `
  id project ref refKind commit state reason decisionReason outcome trigger order slot
  rule { name resources }
  deliverable
  holds { kind message frees }
  requestedBy { id name login }
  requestedAt finishedAt durationMs via pipelineId jobId
  locations { location stage generation state message }`;

const DETAIL = `${RELEASE}
  reuses rulesRevision url attributes correlationId
  config { repository directory fallback commit digest }
  approvals { approver { id name login } at current reason }
  deployments { name location generation state message deliveredCommit }`;

export const RELEASES = `query Releases($first: Int, $after: String, $filter: ReleaseFilter) {
  releases(first: $first, after: $after, filter: $filter) {
    nodes {${RELEASE} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface ReleasesAnswer {
  readonly releases: Connection<Release>;
}

export const RELEASE_BY_ID = `query Release($id: ID!) { release(id: $id) {${RELEASE} } }`;
export interface ReleaseAnswer {
  readonly release: Release | null;
}

export const RELEASE_DETAIL = `query ReleaseDetail($id: ID!) { release(id: $id) {${DETAIL} } }`;
export interface ReleaseDetailAnswer {
  readonly release: ReleaseDetail | null;
}

const payload = `{ release {${RELEASE} } position }`;
export interface ReleasePayload {
  readonly release: Release;
  readonly position: string | null;
}

export const REQUEST_RELEASE = `mutation RequestRelease($input: RequestReleaseInput!) { requestRelease(input: $input) ${payload} }`;
export const PROVIDE_DELIVERABLE = `mutation ProvideDeliverable($input: ProvideDeliverableInput!) { provideDeliverable(input: $input) ${payload} }`;
export const APPROVE_RELEASE = `mutation ApproveRelease($input: ReleaseActionInput!) { approveRelease(input: $input) ${payload} }`;
export const REFUSE_RELEASE = `mutation RefuseRelease($input: ReleaseActionInput!) { refuseRelease(input: $input) ${payload} }`;
export const CANCEL_RELEASE = `mutation CancelRelease($input: ReleaseActionInput!) { cancelRelease(input: $input) ${payload} }`;
export const ROLLBACK = `mutation Rollback($input: RollbackInput!) { rollback(input: $input) ${payload} }`;
