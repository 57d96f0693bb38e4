import type { JsonObject } from '@waybill/kernel';
import type { Connection } from '../ledger/pages.js';
import type { Person } from './releases.js';

export interface LedgerEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly actor: Person & { readonly kind: string };
  readonly actorRoles: readonly string[];
  readonly commandId: string;
  readonly commandDigest: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly data: JsonObject;
  readonly previousHash: string;
  readonly hash: string;
}

const EVENT = `id type version stream revision position occurredAt recordedAt
  actor { id kind name login } actorRoles commandId commandDigest correlationId causationId data previousHash hash`;

export const EVENTS = `query Events($first: Int, $after: String, $stream: String, $correlationId: String, $newestFirst: Boolean) {
  events(first: $first, after: $after, stream: $stream, correlationId: $correlationId, newestFirst: $newestFirst) {
    nodes { ${EVENT} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface EventsAnswer {
  readonly events: Connection<LedgerEvent>;
}

export const WHY = `query Why($subject: String!, $direction: WhyDirection) {
  why(subject: $subject, direction: $direction) {
    subject summary cut
    steps { sentence depth because isSubject event { id type stream position recordedAt actor { id name login } } }
  }
}`;
export interface Why {
  readonly subject: string;
  readonly summary: string;
  readonly cut: boolean;
  readonly steps: readonly {
    readonly sentence: string;
    readonly depth: number;
    /** Ids of the events it follows from; what caused it comes first. */
    readonly because: readonly string[];
    readonly isSubject: boolean;
    readonly event: Pick<LedgerEvent, 'id' | 'type' | 'stream' | 'position' | 'recordedAt'> & {
      readonly actor: Person;
    };
  }[];
}
export interface WhyAnswer {
  readonly why: Why;
}

export const WHY_NOT = `query WhyNot($input: WhyNotInput!, $first: Int) {
  whyNot(input: $input, first: $first) {
    release { id ref refKind commit state requestedAt }
    deployments { name state }
    reasons {
      __typename message location event { id type position recordedAt }
      ... on HeldBack { holds { kind message frees } waitsFor { id name login } roles }
      ... on NoRuleMatched { closest explanations { rule pattern why } }
      ... on NeverAsked { explanations { rule pattern why } }
      ... on RefusedByCluster { deployment }
      ... on SupersededBefore { by { id } byGeneration }
    }
  }
}`;
export interface NotDeployed {
  readonly __typename: string;
  readonly message: string;
  readonly location: string | null;
  readonly event: Pick<LedgerEvent, 'id' | 'type' | 'position' | 'recordedAt'> | null;
  readonly holds?: readonly { readonly message: string; readonly frees: string }[];
  readonly waitsFor?: readonly Person[];
  readonly roles?: readonly string[];
  readonly explanations?: readonly { readonly rule: string; readonly pattern: string | null; readonly why: string }[];
}
export interface Push {
  readonly release: {
    readonly id: string;
    readonly ref: string;
    readonly refKind: 'BRANCH' | 'TAG';
    readonly commit: string;
    readonly state: string;
    readonly requestedAt: string;
  } | null;
  readonly deployments: readonly { readonly name: string; readonly state: string }[];
  readonly reasons: readonly NotDeployed[];
}
export interface WhyNotAnswer {
  readonly whyNot: readonly Push[];
}

export interface Rebuild {
  readonly state: string;
  readonly done: number;
  readonly total: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly error: string | null;
}
const REBUILD_FIELDS = `state done total startedAt finishedAt error`;
export const START_REBUILD = `mutation StartRebuild { rebuildViews { ${REBUILD_FIELDS} } }`;
export interface StartRebuildAnswer {
  readonly rebuildViews: Rebuild;
}
export const REBUILD = `query Rebuild { rebuild { ${REBUILD_FIELDS} } }`;
export interface RebuildAnswer {
  readonly rebuild: Rebuild | null;
}
