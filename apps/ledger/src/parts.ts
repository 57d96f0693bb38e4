import type { Channel, DesiredRecord, FeedPublisher } from '@waybill/channel';
import type { ConfigRepositories } from '@waybill/config';
import type { EventCatalogue, EventStore, RecentStreams } from '@waybill/kernel';
import type { BlobStore, Operations } from '@waybill/stores';
import type { Views } from '@waybill/views';
import type { Sessions } from './access/sessions.js';
import type { Configuration } from './configuration.js';
import type { Sealer } from './evidence/sealer.js';
import type { Address } from './http/address.js';
import type { Metrics } from './http/metrics.js';
import type { Log } from './log.js';
import type { Readiness } from './roles/readiness.js';

/** Everything the process is made of, built once at the start and injected. */
export interface Parts {
  readonly configuration: Configuration;
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  readonly recent: RecentStreams;
  readonly views: Views;
  readonly operations: Operations<DesiredRecord>;
  readonly blobs: BlobStore;
  readonly channel: Channel;
  /** Where CDEvents are published; undefined with the in-process channel, which nobody else could read. */
  readonly feed: FeedPublisher | undefined;
  readonly config: ConfigRepositories;
  readonly sealer: Sealer;
  readonly sessions: Sessions;
  readonly metrics: Metrics;
  readonly address: Address;
  readonly readiness: Readiness;
  readonly log: Log;
  /** ISO 8601 instant with milliseconds, UTC. */
  readonly now: () => string;
  /** Closes every part, the last one opened first. */
  close(): Promise<void>;
}

export const PARTS = Symbol('PARTS');
