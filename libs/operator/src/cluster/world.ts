import type { Cluster } from '@waybill/adapters';
import type { Observation } from '@waybill/domain';
import type { OperatorLog } from '../log.js';
import type { Release } from '../release-resource/release.js';
import type { Compared } from './compared.js';
import type { ObjectCache } from './object-cache.js';
import type { Outbox } from './outbox.js';
import type { ReleaseStore } from './release-store.js';

/** A record that cannot be kept in its Release: of a newer schema, or not as the API server wants it. */
export interface Refusal {
  readonly generation: number;
  readonly reason: string;
  readonly message: string;
}

/** Everything one leadership of an operator works with. */
export interface World {
  readonly cluster: Cluster;
  readonly location: string;
  /** Where the Releases are. */
  readonly namespace: string;
  readonly epoch: number;
  /** Aborts when the operator stops or no longer leads: what has begun is written down, and nothing more is begun. */
  readonly signal: AbortSignal;
  /** Whether by our own clock nobody else can lead: asked right before each write. */
  readonly leads: () => boolean;
  readonly releases: ReleaseStore;
  readonly objects: ObjectCache;
  readonly outbox: Outbox;
  readonly compared: Compared;
  /** Releases whose last write may have been done although nobody answered. */
  readonly doubts: Set<string>;
  /** Records of Releases that stand which were refused, by name, until a newer one is kept. */
  readonly refused: Map<string, Refusal>;
  /** What the ledger asked for is not here any more: it is told so, and sends it again. */
  readonly lacking: () => void;
  /** Milliseconds from traffic that has left an object until the object may go. */
  readonly settleMs: number;
  readonly now: () => Date;
  readonly log: OperatorLog;
  /** Tells people in the cluster and in the log; nothing depends on it. */
  readonly announce: (release: Release, observation: Observation) => void;
}
