import {
  type Channel,
  type ChannelObserver,
  type DesiredRecord,
  type FeedPublisher,
  type KafkaAddress,
  createInProcessChannel,
  createKafkaChannel,
  createKafkaFeed,
} from '@waybill/channel';
import type { Operations } from '@waybill/stores';
import type { Views } from '@waybill/views';
import type { Log } from './log.js';

/** Where desired state goes out and reports come in. */
export type ChannelAddress =
  { readonly kind: 'in-process' } | { readonly kind: 'kafka'; readonly address: KafkaAddress };

export interface OpenChannel {
  readonly channel: Channel;
  /** Where CDEvents are published; undefined with the in-process channel, which nobody else could read. */
  readonly feed: FeedPublisher | undefined;
  close(): Promise<void>;
}

/** Over Kafka nothing is asked of the brokers before something is sent or read: they may start later. */
export function openChannel(
  where: ChannelAddress,
  parts: {
    readonly operations: Operations<DesiredRecord>;
    readonly views: Views;
    readonly log: Log;
    readonly observe: ChannelObserver;
  },
): OpenChannel {
  if (where.kind === 'in-process') {
    const channel = createInProcessChannel({ retained: parts.operations.retained });
    return { channel, feed: undefined, close: () => channel.close() };
  }
  const { views, log, observe } = parts;
  const { address } = where;
  const channel = createKafkaChannel({
    address,
    log,
    observe,
    clientId: 'waybill-ledger',
    // Also those of locations that are retired: what runs there may still be taken down, and is reported.
    locations: async () => (await views.locations.all()).map(({ key }) => key),
  });
  const feed = createKafkaFeed({ address, log });
  return {
    channel,
    feed,
    async close() {
      await channel.close();
      await feed.close();
    },
  };
}
