import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FeedEventSchema, createFeedHistory, feedOf } from '@waybill/channel';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Consumer, Kafka, logLevel } from 'kafkajs';
import type { RoleName } from '../configuration.js';
import { requestRelease, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

const brokers = process.env['KAFKA_BROKERS']!;
const ROLES: readonly RoleName[] = ['api', 'projector', 'policies', 'feed'];

let data: string;
let prefix: string;
let consumer: Consumer;
let running: RunningLedger[];
/** Ids of what was read, in order. */
let read: string[];
let wake: () => void;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'waybill-feed-'));
  prefix = `role-${randomUUID().slice(0, 8)}-`;
  read = [];
  running = [];
  wake = () => undefined;
  const plain = new Kafka({
    clientId: 'some-tool',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, retries: 8 },
  });
  // A consumer may come before the first event: then somebody has made the topic.
  const admin = plain.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: `${prefix}waybill.events`, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  consumer = plain.consumer({ groupId: `${prefix}some-tool` });
});

afterEach(async () => {
  await consumer.disconnect();
  for (const ledger of running) await ledger.process.stop();
  await rm(data, { recursive: true });
});

async function start(): Promise<RunningLedger> {
  const ledger = await startRunningLedger(ROLES, undefined, {
    WAYBILL_DATA: data,
    WAYBILL_CHANNEL: `kafka://${brokers}?prefix=${prefix}`,
  });
  running.push(ledger);
  return ledger;
}

async function stop(ledger: RunningLedger): Promise<void> {
  running = running.filter((other) => other !== ledger);
  await ledger.process.stop();
}

async function follow(): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topic: `${prefix}waybill.events`, fromBeginning: true });
  await consumer.run({
    async eachMessage({ message }) {
      const event: unknown = JSON.parse(message.value!.toString());
      expect(FeedEventSchema.parse(event)).toEqual(event);
      read.push(message.headers!['ce_id']!.toString());
      wake();
    },
  });
}

async function until(id: string): Promise<void> {
  while (!read.includes(id)) await new Promise<void>((resolve) => (wake = resolve));
}

/** What the feed is to tell of the log up to the first event of this type of the release. */
async function expected({ process }: RunningLedger, release: string, type: string): Promise<readonly string[]> {
  const { store, catalogue } = process.parts;
  const history = createFeedHistory({ store, catalogue });
  const ids: string[] = [];
  for await (const batch of store.subscribe()) {
    for (const recorded of batch) {
      ids.push(...(await feedOf(recorded, { store, catalogue }, history)).map(({ context }) => context.id));
      if (recorded.type === type && recorded.data['release'] === release) return ids;
    }
  }
  throw new Error('the log ended');
}

describe('the role feed', () => {
  it('tells all of the log over a restart, without a gap, to a consumer that knows Kafka only', async () => {
    const first = await start();
    await setUpShop(first);
    const one = await requestRelease(first, { ref: { name: 'dev' }, pipelineId: '17', jobId: '4' });
    const before = await expected(first, one, 'DeploymentRequested');
    await follow();
    await until(before.at(-1)!);
    expect(await (await fetch(`${first.url}/metrics`)).text()).toMatch(/^waybill_feed_failures 0$/m);
    await stop(first);

    const second = await start();
    const two = await requestRelease(second, { ref: { name: 'dev' }, pipelineId: '18', jobId: '4' });
    const all = await expected(second, two, 'DeploymentRequested');
    await until(all.at(-1)!);
    await stop(second);

    expect([...new Set(read)].slice(0, all.length)).toEqual(all);
    expect(all.slice(0, before.length)).toEqual(before);
  });
});
