import type { Message, Producer } from 'kafkajs';
import type { FeedPublisher } from '../cdevents/feed.js';
import type { FeedRecord } from '../cdevents/kafka-record.js';
import type { KafkaAddress } from './address.js';
import { BATCH, type ChannelLog, adminOf, connectProducer, createKafka } from './client.js';
import { inWords } from './faults.js';
import { createTopics, namesWith } from './topics.js';

/**
 * Writes the feed to `<prefix>waybill.events`, which is created or checked before the first record. One request at a
 * time, so that the records stand in the order in which they were given; what is tried again after a fault may stand
 * there twice, under the same ids.
 */
export function createKafkaFeed({
  address,
  log,
}: {
  readonly address: KafkaAddress;
  readonly log: ChannelLog;
}): FeedPublisher {
  const kafka = createKafka(address, 'waybill-feed', log);
  const topic = namesWith(address.prefix).events;
  const topics = createTopics(adminOf(kafka), address);
  let open: Producer | undefined;

  async function connected(): Promise<Producer> {
    await topics.ensure(topic, 'events');
    return connectProducer(kafka);
  }

  return {
    async send(records) {
      try {
        open ??= await connected();
        for (const messages of requestsOf(records)) await open.send({ topic, acks: -1, messages });
      } catch (error) {
        // kafkajs would go on with a sequence number that the broker may have seen: the next attempt gets a new id.
        const failed = open;
        open = undefined;
        await failed?.disconnect().catch(() => undefined);
        throw inWords(error, `Topic ${topic} cannot be written to`);
      }
    },
    async close() {
      await open?.disconnect().catch(() => undefined);
      open = undefined;
    },
  };
}

/** In order, each as large as a broker takes by default. */
function* requestsOf(records: readonly FeedRecord[]): Generator<Message[]> {
  let messages: Message[] = [];
  let bytes = 0;
  for (const { key, value, headers } of records) {
    const size = Buffer.byteLength(value);
    if (messages.length > 0 && (messages.length >= BATCH.records || bytes + size > BATCH.bytes)) {
      yield messages;
      messages = [];
      bytes = 0;
    }
    messages.push({ key, value, headers: { ...headers } });
    bytes += size;
  }
  if (messages.length > 0) yield messages;
}
