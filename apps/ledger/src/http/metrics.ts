import type { ChannelObserver, FeedProgress } from '@waybill/channel';
import type { EventStore, Position } from '@waybill/kernel';
import { isWaybillError } from '@waybill/kernel';
import type { PolicyProgress, ResyncFault } from '@waybill/policies';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { channelMetrics } from './channel-metrics.js';

export interface Metrics {
  readonly channel: ChannelObserver;
  /** Prometheus text exposition format. */
  text(): Promise<string>;
  readonly contentType: string;
  policyProgress(progress: PolicyProgress): void;
  /** Something stands at a location that the ledger cannot explain. */
  resyncFault(location: string, kind: ResyncFault['kind']): void;
  /** Events behind the newest checkpoint. */
  unsealed(events: number): void;
  /** A checkpoint was signed over so many events. */
  sealed(treeSize: number): void;
  /** What the witness keeps, and how often in a row it did not take it. */
  witness(progress: { readonly treeSize?: number; readonly failures: number }): void;
  /** What the feed of CDEvents has published. */
  feed(progress: FeedProgress): void;
  request(method: string, path: string, status: number, seconds: number): void;
  /** The same store, every append counted. */
  counting(store: EventStore): EventStore;
  /** What to look at when metrics are asked for. */
  observe(sources: {
    readonly lastPosition: () => Promise<Position | undefined>;
    readonly viewPosition: () => Position | undefined;
  }): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const events = new Counter({
    name: 'waybill_events_total',
    help: 'Events written by this process, by type.',
    labelNames: ['type'],
    registers,
  });
  const appends = new Counter({
    name: 'waybill_appends_total',
    help: 'Appends to the log, by result: written, repeated, conflict or failed.',
    labelNames: ['result'],
    registers,
  });
  const policyPosition = new Gauge({
    name: 'waybill_policy_position',
    help: 'How far each policy has read the log.',
    labelNames: ['policy'],
    registers,
  });
  const policyFailures = new Gauge({
    name: 'waybill_policy_failures',
    help: 'How often in a row the event at hand has failed, by policy; 0 when all is well.',
    labelNames: ['policy'],
    registers,
  });
  const resyncFaults = new Counter({
    name: 'waybill_resync_faults_total',
    help: 'What operators said stands at their location and the ledger cannot explain: unknown, ahead or other-digest.',
    labelNames: ['location', 'kind'],
    registers,
  });
  const unsealed = new Gauge({
    name: 'waybill_checkpoint_unsealed',
    help: 'Events that no signed checkpoint covers yet.',
    registers,
  });
  const sealed = new Gauge({
    name: 'waybill_checkpoint_tree_size',
    help: 'Events that the newest checkpoint of this process covers.',
    registers,
  });
  const witnessed = new Gauge({
    name: 'waybill_witness_tree_size',
    help: 'Events that the newest checkpoint kept by the witness covers.',
    registers,
  });
  const witnessFailures = new Gauge({
    name: 'waybill_witness_failures',
    help: 'How often in a row the witness did not take a checkpoint; 0 when all is well.',
    registers,
  });
  const feedPublished = new Counter({
    name: 'waybill_feed_published_total',
    help: 'CDEvents that the broker has acknowledged to this process.',
    registers,
  });
  const feedFailures = new Gauge({
    name: 'waybill_feed_failures',
    help: 'How often in a row the CDEvents at hand were not taken; 0 when all is well.',
    registers,
  });
  let feedPosition: Position | undefined;
  const requests = new Histogram({
    name: 'waybill_http_request_seconds',
    help: 'Time to answer HTTP requests.',
    labelNames: ['method', 'path', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers,
  });

  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    channel: channelMetrics(registers),
    policyProgress({ policy, position, failures }) {
      policyPosition.set({ policy }, Number(position));
      policyFailures.set({ policy }, failures);
    },
    resyncFault: (location, kind) => resyncFaults.inc({ location, kind }),
    unsealed: (events) => unsealed.set(events),
    sealed: (treeSize) => sealed.set(treeSize),
    witness({ treeSize, failures }) {
      if (treeSize !== undefined) witnessed.set(treeSize);
      witnessFailures.set(failures);
    },
    feed({ position, published, failures }) {
      feedPublished.inc(published);
      feedFailures.set(failures);
      if (failures === 0) feedPosition = position;
    },
    request: (method, path, status, seconds) => requests.observe({ method, path, status }, seconds),
    counting: (store) => ({
      ...store,
      async append(stream, toAppend, expected) {
        try {
          const result = await store.append(stream, toAppend, expected);
          appends.inc({ result: result.repeated ? 'repeated' : 'written' });
          if (!result.repeated) for (const { type } of result.events) events.inc({ type });
          return result;
        } catch (error) {
          appends.inc({ result: isWaybillError(error, 'REVISION_CONFLICT') ? 'conflict' : 'failed' });
          throw error;
        }
      },
    }),
    observe({ lastPosition, viewPosition }) {
      new Gauge({
        name: 'waybill_log_position',
        help: 'Position of the newest event in the log.',
        registers,
        async collect() {
          this.set(Number((await lastPosition()) ?? 0));
        },
      });
      new Gauge({
        name: 'waybill_feed_lag',
        help: 'Positions by which the feed of CDEvents is behind the log; absent where it does not run.',
        registers,
        async collect() {
          if (feedPosition !== undefined) this.set(Number((await lastPosition()) ?? 0) - Number(feedPosition));
        },
      });
      new Gauge({
        name: 'waybill_view_lag',
        help: 'Positions by which the views are behind the log.',
        registers,
        async collect() {
          this.set(Number((await lastPosition()) ?? 0) - Number(viewPosition() ?? 0));
        },
      });
    },
  };
}
