import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EnvironmentId } from '@waybill/domain';
import { isWaybillError } from '@waybill/kernel';
import type { Admin, Kafka } from 'kafkajs';
import type { Channel } from '../channel.js';
import type { DesiredRecord } from '../desired-state.js';
import { absentRecord, presentRecord } from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import type { KafkaAddress } from './address.js';
import { adminOf, createKafka } from './client.js';
import { linesLog, openChannel, ownAddress } from './testing/broker.js';
import { namesWith } from './topics.js';

const a: EnvironmentId = { project: 'a', slot: 'dev', location: 'here' };
const b: EnvironmentId = { project: 'b', slot: 'dev', location: 'here' };

let address: KafkaAddress;
let kafka: Kafka;
let stop: AbortController;
let channels: Channel[];
const ask = <T>(question: (admin: Admin) => Promise<T>): Promise<T> => adminOf(kafka)(question);
const topicOf = (location: string): string => namesWith(address.prefix).desired(location);

beforeEach(() => {
  address = ownAddress();
  kafka = createKafka(address, 'spec', linesLog());
  stop = new AbortController();
  channels = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(channels.map((channel) => channel.close()));
});

function open(...options: Parameters<typeof openChannel> extends [unknown, ...infer Rest] ? Rest : never): Channel {
  const channel = openChannel(address, ...options);
  channels.push(channel);
  return channel;
}

const generations = (records: readonly DesiredRecord[]): number[] => records.map(({ generation }) => generation);

const endOf = async (location: string): Promise<number> =>
  Number((await ask((admin) => admin.fetchTopicOffsets(topicOf(location))))[0]!.high);

/** Everything that readers of committed records are given, from the beginning. */
async function standing(location = 'here'): Promise<DesiredRecord[]> {
  const seen: DesiredRecord[] = [];
  const done = new AbortController();
  const reader = openChannel(address);
  await reader.consumeDesired(
    location,
    {
      handle: (record) => {
        seen.push(record);
        return Promise.resolve();
      },
      onCaughtUp: () => done.abort(),
    },
    done.signal,
  );
  await reader.close();
  return seen;
}

describe('the topic of desired state', () => {
  it('is created with what the channel relies on', async () => {
    await open().publish(presentRecord(a, 1));
    const { resources } = await ask((admin) =>
      admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topicOf('here') }] }),
    );
    const config = new Map(resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]));
    expect(config.get('cleanup.policy')).toBe('compact');
    expect(Number(config.get('delete.retention.ms'))).toBeGreaterThanOrEqual(30 * 86_400_000);
  });

  it.each([
    ['a cleanup policy that forgets', { numPartitions: 1, policy: 'delete' }, /has cleanup.policy=delete.*compact/],
    ['two partitions', { numPartitions: 2, policy: 'compact' }, /has 2 partitions.* needs 1/],
  ])('is refused with %s, and nothing is published', async (_what, { numPartitions, policy }, sentence) => {
    const configEntries = [{ name: 'cleanup.policy', value: policy }];
    const topics = [{ topic: topicOf('here'), numPartitions, configEntries }];
    await ask((admin) => admin.createTopics({ topics, waitForLeaders: true }));
    const refused = open().publish(presentRecord(a, 1));
    await expect(refused).rejects.toThrow(sentence);
    await refused.catch((error: unknown) => expect(isWaybillError(error, 'CONFIGURATION')).toBe(true));
    expect(await endOf('here')).toBe(0);
    await expect(open().consumeDesired('here', { handle: () => Promise.resolve() }, stop.signal)).rejects.toThrow(
      sentence,
    );
  });

  it('is not created where that is left to somebody else', async () => {
    const channel = openChannel({ ...address, create: false });
    await expect(channel.publish(presentRecord(a, 1))).rejects.toThrow(/cannot be used|has 0 partitions/);
    expect(await ask((admin) => admin.listTopics())).not.toContain(topicOf('here'));
    await channel.close();
  });
});

describe('the writer of a location', () => {
  it('sends nothing again that stands there, whoever wrote it', async () => {
    const sent: number[] = [];
    const first = open();
    for (const generation of [1, 2, 3]) await first.publish(presentRecord(a, generation));
    await first.publish(absentRecord(b, 5));
    const second = open({ observe: { sent: (_kind, records) => void sent.push(records) } });
    for (const generation of [1, 2, 3]) await second.publish(presentRecord(a, generation));
    await second.publish(absentRecord(b, 5));
    expect(sent).toEqual([]);
    // Four records, each with the marker of its commit: the abort of the transaction that took the location over leaves no
    // trace. Asked before the take-over, the broker may not have written the last marker yet.
    expect(await endOf('here')).toBe(8);
  });

  it('is fenced off when another takes over, and nothing of what it sends is visible', async () => {
    const zombie = open();
    await zombie.publish(presentRecord(a, 1));
    const next = open();
    await next.publish(presentRecord(a, 2));
    await expect(zombie.publish(presentRecord(a, 3))).rejects.toThrow(
      /Another dispatcher has taken over location here/,
    );
    expect(generations(await standing())).toEqual([1, 2]);
    // Started again it takes the location over, knowing what came meanwhile.
    await zombie.publish(presentRecord(a, 2));
    await zombie.publish(presentRecord(a, 3));
    expect(generations(await standing())).toEqual([1, 2, 3]);
  });

  it('fences the one before off when it takes over, also where it finds nothing to send', async () => {
    const zombie = open();
    await zombie.publish(presentRecord(a, 1));
    // What the other would still add from here on is not in what this one has read.
    await open().publish(presentRecord(a, 1));
    await expect(zombie.publish(presentRecord(a, 2))).rejects.toThrow(
      /Another dispatcher has taken over location here/,
    );
    expect(generations(await standing())).toEqual([1]);
  });

  it('ends the transaction that a dead one left open, so that readers are not held up', async () => {
    const names = namesWith(address.prefix);
    const first = open();
    await first.publish(presentRecord(a, 1));
    const dead = kafka.producer({
      transactionalId: names.transactionalId('here'),
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await dead.connect();
    const transaction = await dead.transaction();
    await transaction.send({ topic: topicOf('here'), messages: [{ key: 'a.dev@here', value: 'half' }] });
    const next = open();
    await next.publish(presentRecord(a, 2));
    await dead.disconnect();
    expect(generations(await standing())).toEqual([1, 2]);
  });

  it('puts the next generation over a record that nobody can read', async () => {
    const producer = kafka.producer();
    await open().publish(presentRecord(a, 4));
    await producer.connect();
    await producer.send({ topic: topicOf('here'), messages: [{ key: 'a.dev@here', value: '{' }] });
    await producer.disconnect();
    await open().publish(presentRecord(a, 5));
    expect(generations(await standing())).toEqual([4, 5]);
  });

  it('puts a generation over one of a newer schema that stands in its place, and no older one', async () => {
    const producer = kafka.producer();
    await open().publish(presentRecord(a, 4));
    const value = JSON.stringify({ ...presentRecord(a, 5), schema: 'waybill.dev/desired-record/v2' });
    await producer.connect();
    await producer.send({ topic: topicOf('here'), messages: [{ key: 'a.dev@here', value }] });
    await producer.disconnect();
    const next = open();
    await next.publish(presentRecord(a, 4));
    await next.publish(presentRecord(a, 5));
    await next.publish(presentRecord(a, 5));
    expect(generations(await standing())).toEqual([4, 5]);
  });
});

describe('operators of one location', () => {
  it('are given no older record after a newer one, nor the same again, whoever wrote it', async () => {
    await open().publish(presentRecord(a, 2));
    const byHand = async (generation: number): Promise<void> => {
      const producer = kafka.producer();
      await producer.connect();
      const value = JSON.stringify(presentRecord(a, generation));
      await producer.send({ topic: topicOf('here'), messages: [{ key: 'a.dev@here', value }] });
      await producer.disconnect();
    };
    await byHand(1);
    const seen = gather<DesiredRecord>();
    const channel = open();
    void channel.consumeDesired('here', { handle: seen.add }, stop.signal);
    await seen.first(1);
    await byHand(1);
    await byHand(3);
    expect((await seen.first(2)).map(({ generation }) => generation)).toEqual([2, 3]);
  });

  it('read one at a time: a second one waits, and is given everything when the first goes', async () => {
    const [first, second, ledger] = [open(), open(), open()];
    const stopFirst = new AbortController();
    const seen = { first: gather<DesiredRecord>(), second: gather<DesiredRecord>() };
    const caughtUp = { first: gather<true>(), second: gather<true>() };
    const consuming = first.consumeDesired(
      'here',
      { handle: seen.first.add, onCaughtUp: () => void caughtUp.first.add(true) },
      stopFirst.signal,
    );
    await caughtUp.first.first(1);
    void second.consumeDesired(
      'here',
      { handle: seen.second.add, onCaughtUp: () => void caughtUp.second.add(true) },
      stop.signal,
    );
    const group = namesWith(address.prefix).operatorGroup('here');
    let members = 0;
    while (members < 2) members = (await ask((admin) => admin.describeGroups([group]))).groups[0]!.members.length;
    for (const generation of [1, 2, 3]) await ledger.publish(presentRecord(a, generation));
    expect(generations(await seen.first.first(3))).toEqual([1, 2, 3]);
    expect(seen.second.all()).toEqual([]);
    expect(caughtUp.second.all()).toEqual([]);
    stopFirst.abort();
    await consuming;
    await caughtUp.second.first(1);
    expect(generations(seen.second.all())).toEqual([1, 2, 3]);
    await ledger.publish(presentRecord(a, 4));
    expect(generations(await seen.second.first(4))).toEqual([1, 2, 3, 4]);
    expect(generations(seen.first.all())).toEqual([1, 2, 3]);
  }, 60_000);
});

describe('a topic that is not what it was', () => {
  it('removes nothing when its records are deleted, and goes on', async () => {
    const ledger = open();
    await ledger.publish(presentRecord(a, 1));
    const seen = gather<DesiredRecord>();
    const retired = gather<string>();
    void open().consumeDesired('here', { handle: seen.add, retired: retired.add }, stop.signal);
    await seen.first(1);
    const [offsets] = await ask((admin) => admin.fetchTopicOffsets(topicOf('here')));
    await ask((admin) =>
      admin
        .alterConfigs({
          validateOnly: false,
          resources: [
            { type: 2, name: topicOf('here'), configEntries: [{ name: 'cleanup.policy', value: 'compact,delete' }] },
          ],
        })
        .then(() =>
          admin.deleteTopicRecords({ topic: topicOf('here'), partitions: [{ partition: 0, offset: offsets!.high }] }),
        ),
    );
    await ledger.publish(presentRecord(a, 2));
    expect(generations(await seen.first(2))).toEqual([1, 2]);
    expect(retired.all()).toEqual([]);
  });

  it('removes nothing when it is deleted, and takes what is published once it is there again', async () => {
    const ledger = open();
    for (const generation of [1, 2, 3]) await ledger.publish(presentRecord(a, generation));
    const seen = gather<DesiredRecord>();
    const retired = gather<string>();
    void open().consumeDesired('here', { handle: seen.add, retired: retired.add }, stop.signal);
    await seen.first(3);
    await ask((admin) => admin.deleteTopics({ topics: [topicOf('here')] }));
    const next = open();
    await next.publish(presentRecord(a, 3));
    await next.publish(presentRecord(a, 4));
    // Written again, and so given again: whoever has lost it gets it back that way.
    expect(generations(await seen.first(5))).toEqual([1, 2, 3, 3, 4]);
    expect(retired.all()).toEqual([]);
  }, 60_000);
});
