import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catalogue } from '@waybill/domain';
import { type Position, isWaybillError } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import { randomUUID } from 'node:crypto';
import { type Consumer, type KafkaMessage, ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { createFeedHistory } from '../cdevents/facts.js';
import { type FeedOptions, type FeedPublisher, feedOf, runFeed } from '../cdevents/feed.js';
import { type FeedEvent, FeedEventSchema } from '../cdevents/schema.js';
import { writeFeedStory } from '../testing/feed-story.js';
import { readKafkaAddress } from './address.js';
import { createKafkaFeed } from './feed.js';

const brokers = process.env['KAFKA_BROKERS']!.split(',');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What a tool in another house would have: nothing of ours. */
const plain = new Kafka({
  clientId: 'some-tool',
  brokers,
  logLevel: logLevel.NOTHING,
  // kafkajs tries nothing again where NODE_ENV is test, and a broker's first group takes a moment.
  retry: { initialRetryTime: 100, retries: 8 },
});

let prefix: string;
let feed: FeedPublisher;
let consumer: Consumer;

beforeEach(() => {
  prefix = `feed-${randomUUID().slice(0, 8)}-`;
  feed = newFeed();
  consumer = plain.consumer({ groupId: `${prefix}some-tool` });
});

afterEach(async () => {
  await consumer.disconnect();
  await feed.close();
});

const newFeed = (): FeedPublisher =>
  createKafkaFeed({ address: readKafkaAddress(`kafka://${brokers.join(',')}?prefix=${prefix}`), log });

/** Reads the topic from its beginning until there are as many different events. */
async function read(different: number): Promise<readonly KafkaMessage[]> {
  const messages: KafkaMessage[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: `${prefix}waybill.events`, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload: { error } }) => reject(error));
    consumer
      .run({
        async eachMessage({ message }) {
          messages.push(message);
          if (new Set(messages.map((each) => header(each, 'ce_id'))).size >= different) resolve();
        },
      })
      .catch(reject);
  });
  return messages;
}

const header = ({ headers }: KafkaMessage, name: string): string | undefined => headers?.[name]?.toString();

/** The CloudEvents 1.0 Kafka protocol binding in binary mode, and CDEvents in it. */
function assertCloudEvent(message: KafkaMessage): void {
  const event: unknown = JSON.parse(message.value!.toString());
  expect(FeedEventSchema.parse(event)).toEqual(event);
  const { context, subject } = event as FeedEvent;
  expect(
    Object.fromEntries(Object.entries(message.headers!).map(([name, value]) => [name, value?.toString()])),
  ).toEqual({
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: context.id,
    ce_source: context.source,
    ce_type: context.type,
    ce_time: context.timestamp,
    ce_subject: subject.id,
  });
  expect(message.key?.toString()).toBe(subject.id);
}

async function history(rounds: number) {
  const store = createMemoryEventStore();
  await writeFeedStory(store, rounds);
  const facts = createFeedHistory({ store, catalogue });
  const ids: string[] = [];
  for (const recorded of await store.readAll(undefined, 1_000_000)) {
    ids.push(...(await feedOf(recorded, { store, catalogue }, facts)).map(({ context }) => context.id));
  }
  return { store: { ...store, subscribe: (o?: object) => store.subscribe({ ...o, batchSize: 30 }) }, ids };
}

describe('the feed on a real broker', () => {
  it('is read by a plain consumer, without a gap and with repetitions of the same ids only, over a restart', async () => {
    const { store, ids } = await history(5);
    let kept: Position | undefined;
    const killed = new AbortController();
    const ended = new AbortController();
    const options = (publisher: Pick<FeedPublisher, 'send'>): FeedOptions => ({
      store,
      catalogue,
      publisher,
      checkpoints: {
        load: async () => kept,
        async save(_, position) {
          // Killed when the broker has the records and the checkpoint is not written.
          if (killed.signal.aborted || Number(position) < 120) kept = position;
          else killed.abort();
        },
      },
      onProgress: ({ position }) => {
        if (killed.signal.aborted && position === last) ended.abort();
      },
    });
    const last = await store.lastPosition();

    await runFeed(options(feed), killed.signal);
    await feed.close();
    feed = newFeed();
    await runFeed(options(feed), ended.signal);

    const messages = await read(ids.length);
    messages.forEach(assertCloudEvent);
    const seen = messages.map((message) => header(message, 'ce_id'));
    expect([...new Set(seen)]).toEqual(ids);
    expect(seen.length).toBeGreaterThan(ids.length);
    const values = new Map<string | undefined, string>();
    for (const message of messages) {
      const id = header(message, 'ce_id');
      const value = message.value!.toString();
      expect(values.get(id) ?? value).toBe(value);
      values.set(id, value);
    }
  });

  it('creates a topic that forgets by age, not by key', async () => {
    await feed.send([{ key: 'shop.main', value: '{}', headers: {} }]);
    const admin = plain.admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: `${prefix}waybill.events`,
          configNames: ['cleanup.policy', 'retention.ms'],
        },
      ],
    });
    await admin.disconnect();
    const settings = resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]);
    expect(Object.fromEntries(settings)).toEqual({ 'cleanup.policy': 'delete', 'retention.ms': '2592000000' });
  });

  it('refuses a topic that would drop all but the newest event of each subject', async () => {
    const admin = plain.admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: [
        {
          topic: `${prefix}waybill.events`,
          numPartitions: 1,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });
    await admin.disconnect();
    const refused: unknown = await feed.send([{ key: 'shop.main', value: '{}', headers: {} }]).catch((error) => error);
    expect(isWaybillError(refused, 'CONFIGURATION')).toBe(true);
    expect((refused as Error).message).toContain('cleanup.policy=compact');
  });

  it('waits out a broker that is not there, and tells it', async () => {
    const { store, ids } = await history(1);
    const nobody = createKafkaFeed({ address: readKafkaAddress(`kafka://127.0.0.1:1?prefix=${prefix}`), log });
    const ended = new AbortController();
    const last = await store.lastPosition();
    const failures: number[] = [];
    const away: Pick<FeedPublisher, 'send'> = {
      send: (records) => (failures.length === 0 ? nobody : feed).send(records),
    };
    await runFeed(
      {
        store,
        catalogue,
        publisher: away,
        checkpoints: { load: async () => undefined, save: async () => undefined },
        onProgress: (progress) => {
          if (progress.failures > 0) failures.push(progress.failures);
          if (progress.failures === 0 && progress.position === last) ended.abort();
        },
      },
      ended.signal,
    );
    await nobody.close();
    expect(failures).toEqual([1]);
    const messages = await read(ids.length);
    expect(messages.map((message) => header(message, 'ce_id'))).toEqual(ids);
  });
});
