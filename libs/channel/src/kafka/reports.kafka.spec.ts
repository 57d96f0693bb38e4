import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EnvironmentId } from '@waybill/domain';
import type { Kafka, Message } from 'kafkajs';
import type { Channel } from '../channel.js';
import type { DesiredRecord } from '../desired-state.js';
import type { Report } from '../report.js';
import { connectedReport, deploymentReport, heartbeatReport, presentRecord } from '../testing/examples.js';
import { gather } from '../testing/gather.js';
import type { KafkaAddress } from './address.js';
import { adminOf, createKafka } from './client.js';
import type { KafkaChannelOptions } from './kafka-channel.js';
import { type LinesLog, linesLog, openChannel, ownAddress } from './testing/broker.js';
import { type Names, namesWith } from './topics.js';

const a: EnvironmentId = { project: 'a', slot: 'dev', location: 'here' };

let address: KafkaAddress;
let names: Names;
let kafka: Kafka;
let stop: AbortController;
let log: LinesLog;
let channels: Channel[];

beforeEach(() => {
  address = ownAddress();
  names = namesWith(address.prefix);
  log = linesLog();
  kafka = createKafka(address, 'spec', log);
  stop = new AbortController();
  channels = [];
});
afterEach(async () => {
  stop.abort();
  await Promise.all(channels.map((channel) => channel.close()));
});

function open(options: Partial<KafkaChannelOptions> = {}): Channel {
  const channel = openChannel(address, { log, ...options });
  channels.push(channel);
  return channel;
}

async function produce(topic: string, messages: Message[]): Promise<void> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

const text = (value: unknown): string => JSON.stringify(value);
const newer = (report: Report): string => text({ ...report, schema: 'waybill.dev/report/v2', mood: 'good' });

describe('reports that cannot be taken', () => {
  it('are put aside with the reason and as they were, and what comes after them is taken', async () => {
    const counted: string[] = [];
    const channel = open({ observe: { deadLetter: (reason) => void counted.push(reason) } });
    await channel.report(connectedReport('here', 1));
    const odd: Message[] = [
      { key: 'here', value: Buffer.from([0xff, 0xfe, 0x00]), headers: { from: 'nobody' } },
      { key: 'here', value: '{"half":' },
      { key: 'here', value: text({ ...deploymentReport(a, 1, 0), generation: 0 }) },
      { key: 'here', value: newer(heartbeatReport('here', 1)) },
      { key: 'there', value: text(heartbeatReport('there', 1)) },
      { key: 'there', value: text(heartbeatReport('here', 1)) },
      { key: null, value: null },
    ];
    await produce(names.reports('here'), odd);
    await channel.report(deploymentReport(a, 1, 1));
    const seen = gather<Report>();
    void channel.consumeReports(seen.addAll, stop.signal);
    expect(await seen.first(2)).toEqual([connectedReport('here', 1), deploymentReport(a, 1, 1)]);

    const letters = await channel.deadLetters();
    const reasons = [
      'undecodable',
      'undecodable',
      'invalid',
      'newer-schema',
      'wrong-location',
      'wrong-key',
      'undecodable',
    ];
    expect(letters.map(({ reason }) => reason)).toEqual(reasons);
    expect(counted).toEqual(reasons);
    expect(letters[0]).toMatchObject({
      topic: names.reports('here'),
      partition: 0,
      offset: '1',
      key: 'here',
      bytes: 3,
    });
    expect(letters[2]!.message).toMatch(/^generation: /);
    expect(letters[3]!.message).toMatch(/schema waybill.dev\/report\/v2, which this version/);
    expect(letters[4]!.message).toBe('it stands on the topic of here and is a report of there');
    expect(letters[6]).toMatchObject({ key: null, value: null, bytes: 0 });
  });

  it('go back to where they were found on a retry, byte for byte, and leave the list', async () => {
    const channel = open();
    await channel.report(connectedReport('here', 1));
    const value = Buffer.from(newer(heartbeatReport('here', 1)));
    await produce(names.reports('here'), [{ key: 'here', value, headers: { from: 'an operator' } }]);
    void channel.consumeReports(() => Promise.resolve(), stop.signal);
    let letters = await channel.deadLetters();
    while (letters.length === 0) letters = await channel.deadLetters();
    stop.abort();
    const [letter] = letters;
    await channel.retryDeadLetter(letter!.id);
    expect(await channel.deadLetters()).toEqual([]);
    await expect(channel.retryDeadLetter(letter!.id)).rejects.toThrow(/no dead letter .* or it was retried/);

    const back = gather<{ value: Buffer | null; from: string }>();
    const consumer = kafka.consumer({ groupId: `${address.prefix}spec`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [names.reports('here')], fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => back.add({ value: message.value, from: String(message.headers?.['from']) }),
    });
    const [, first, again] = await back.first(3);
    expect(again).toEqual(first);
    expect(again).toEqual({ value, from: 'an operator' });
    await consumer.disconnect();
  });
});

describe('a desired state that its operator cannot take', () => {
  const later = (generation: number): string => {
    const record = presentRecord(a, generation);
    return text({ ...record, desired: { ...record.desired, schema: 'waybill.dev/desired-state/v2', mood: 'good' } });
  };

  it('is put aside once, told of to the operator, and holds nothing up', async () => {
    const [ledger, operator, restarted] = [open(), open(), open()];
    await ledger.publish(presentRecord(a, 1));
    await produce(names.desired('here'), [{ key: 'a.dev@here', value: later(2) }]);
    const b = { ...a, project: 'b' };
    await open().publish(presentRecord(b, 1));
    const stopFirst = new AbortController();
    const problems = gather<unknown>();
    const seen = gather<DesiredRecord>();
    const handlers = {
      handle: seen.add,
      unreadable: (record: unknown, problem: string) => problems.add([record, problem]),
    };
    const consuming = operator.consumeDesired('here', handlers, stopFirst.signal);
    expect((await seen.first(2)).map(({ environment }) => environment.project)).toEqual(['a', 'b']);
    const outline = { environment: a, generation: 2, release: presentRecord(a, 2).release };
    expect(problems.all()).toEqual([[outline, expect.stringMatching(/desired-state\/v2, which this version/)]]);
    stopFirst.abort();
    await consuming;
    const caughtUp = gather<true>();
    void restarted.consumeDesired('here', { ...handlers, onCaughtUp: () => void caughtUp.add(true) }, stop.signal);
    await caughtUp.first(1);
    expect(problems.all()).toHaveLength(2);
    const letters = await ledger.deadLetters();
    expect(letters.map(({ reason, topic }) => [reason, topic])).toEqual([['newer-schema', names.desired('here')]]);
    await expect(ledger.retryDeadLetter(letters[0]!.id)).rejects.toThrow(/this ledger cannot read it either/);
  });
});

describe('consuming reports', () => {
  it('takes in a location that is new while it runs', async () => {
    const locations = ['here'];
    const channel = open({ locations: () => Promise.resolve([...locations]), locationsIntervalMs: 100 });
    const seen = gather<Report>();
    void channel.consumeReports(seen.addAll, stop.signal);
    await channel.report(heartbeatReport('here', 1));
    await seen.first(1);
    await channel.report(heartbeatReport('late', 1));
    locations.push('late');
    expect((await seen.first(2))[1]).toEqual(heartbeatReport('late', 1));
    await channel.report(heartbeatReport('here', 2));
    expect((await seen.first(3))[2]).toEqual(heartbeatReport('here', 2));
    expect(seen.all()).toHaveLength(3);
  });

  it('reads the others when the topic of one is set up wrongly, and says so once', async () => {
    await adminOf(kafka)((admin) =>
      admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic: names.reports('there'),
            numPartitions: 3,
            configEntries: [{ name: 'cleanup.policy', value: 'delete' }],
          },
        ],
      }),
    );
    const channel = open();
    const seen = gather<Report>();
    void channel.consumeReports(seen.addAll, stop.signal);
    await channel.report(heartbeatReport('here', 1));
    await seen.first(1);
    expect(log.lines.filter((line) => /reports of there are not read: .*3 partitions/.test(line))).toHaveLength(1);
    await expect(channel.report(heartbeatReport('there', 1))).rejects.toThrow(/has 3 partitions/);
  });

  it('goes on behind what was handled, also when the handler fails in the middle', async () => {
    const channel = open();
    for (let seq = 0; seq < 250; seq++) void channel.report(deploymentReport(a, 1, seq));
    await channel.report(deploymentReport(a, 1, 250));
    const taken: number[] = [];
    const disk = new Error('disk full');
    for (let handed = 0; taken.length < 251;) {
      await channel
        .consumeReports(async (reports) => {
          if (++handed % 3 === 0) throw disk;
          for (const report of reports) if (report.kind === 'deployment') taken.push(report.seq);
          if (taken.length === 251) stop.abort();
          await Promise.resolve();
        }, stop.signal)
        .catch((error: unknown) => expect(error).toBe(disk));
    }
    expect(taken).toEqual(Array.from({ length: 251 }, (_, seq) => seq));
  });

  it('says how far each location is behind', async () => {
    const lags: [string, number][] = [];
    const channel = open({ observe: { lag: (...lag) => void lags.push(lag) } });
    for (let seq = 0; seq < 249; seq++) void channel.report(deploymentReport(a, 1, seq));
    await channel.report(deploymentReport(a, 1, 249));
    const seen = gather<Report>();
    const consuming = channel.consumeReports(seen.addAll, stop.signal);
    await seen.first(250);
    stop.abort();
    await consuming;
    expect(lags.map(([location]) => location)).toEqual(lags.map(() => 'here'));
    const behind = lags.map(([, records]) => records);
    expect(behind).toEqual([...behind].sort((x, y) => y - x));
    expect(behind.at(-1)).toBe(0);
  });
});
