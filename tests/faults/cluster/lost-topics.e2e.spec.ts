import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { kubectl } from '../../cluster/harness/kubectl.js';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import { until } from '../../e2e/harness/until.js';
import { startKafka, type StartedKafka } from '../../../tools/servers/for-specs.js';
import { tell, times } from '../counting.js';
import { type Lane, numbersOf, openLane } from './lane.js';
import { handled, recordsOf, withAdmin } from './topic.js';

jest.setTimeout(1_800_000);

const rounds = times(1, 10);
const TOPIC = 2;

let kafka: StartedKafka;
let stage: Stage;

beforeAll(async () => {
  // Looks for something to compact ten times a second.
  kafka = await startKafka({ settings: { 'log.cleaner.backoff.ms': '100' } });
  process.env['KAFKA_BROKERS'] = kafka.brokers[0];
  stage = await startStage(locations);
  for (const location of locations) lanes.set(location, await openLane(stage, stage.place(location)));
});
afterAll(async () => {
  await stage.close();
  await kafka.stop();
});

const locations = ['emptied', 'recreated', 'compacted'].map(uniqueName);
const lanes = new Map<string, Lane>();
const laneOf = (name: string): Lane => [...lanes].find(([location]) => location.startsWith(name))![1];
const topicOf = ({ place }: Lane): string => `${stage.prefix}waybill.desired.${place.location}`;

const configure = (topic: string, settings: Record<string, string>): Promise<unknown> =>
  withAdmin((admin) =>
    admin.alterConfigs({
      validateOnly: false,
      resources: [
        { type: TOPIC, name: topic, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })) },
      ],
    }),
  );

/** Records may be deleted from topics only whose policy knows of deletion. */
async function empty(topic: string): Promise<void> {
  await configure(topic, { 'cleanup.policy': 'compact,delete' });
  await withAdmin(async (admin) => {
    const [bounds] = await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: bounds!.high }] });
  });
  await configure(topic, { 'cleanup.policy': 'compact' });
}

const remove = (topic: string): Promise<void> => withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));

const connected = (lane: Lane, from = 0): Promise<unknown> =>
  until(
    'it has read everything',
    () => Promise.resolve(lane.operator.lines.slice(from)),
    (lines) => lines.some((line) => line.includes(' info connected ')),
    60_000,
  );

async function nothingChanges(lane: Lane, work: () => Promise<void>): Promise<number> {
  const before = await numbersOf(lane);
  await work();
  await handled(`${stage.prefix}waybill.reports.${lane.place.location}`, `${stage.prefix}waybill-ledger-reports`);
  return (await numbersOf(lane)).filter((number) => !before.includes(number)).length;
}

it.each([
  ['emptied', empty],
  ['recreated', remove],
])('a topic that is %s removes nothing, and what somebody lacks is sent again', async (name, lose) => {
  const lane = laneOf(name);
  const counts = { runs: 0, writes: 0, lost: 0, repeated: 0, undone: 0 };
  const look = async (): Promise<void> => {
    const loss = await lane.loss();
    counts.lost += loss.lost.length;
    counts.repeated += loss.repeated.length;
    counts.undone += loss.undone.length;
    expect(loss).toEqual({ lost: [], repeated: [], undone: [] });
  };
  for (; counts.runs < rounds; counts.runs++) {
    await lane.ask('with');
    await lane.atRest();
    counts.writes += await nothingChanges(lane, async () => {
      await lose(topicOf(lane));
      // Whoever starts now finds nothing.
      await lane.operator.stop();
      lane.operator = await lane.start();
      await connected(lane);
    });
    await look();
    // What goes on is taken from the topic that is there now.
    await lane.ask('without');
    await lane.atRest();
    await look();

    // An operator that has nothing either, as in a cluster that was set up anew.
    await lose(topicOf(lane));
    await lane.operator.stop();
    const { namespace } = lane.place;
    await kubectl(
      'patch',
      '-n',
      namespace,
      'release',
      lane.release,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    );
    await kubectl('delete', '-n', namespace, 'release', lane.release);
    lane.operator = await lane.start();
    await until(
      'it is sent again',
      () =>
        kubectl('get', 'release', '-n', namespace, lane.release, '--ignore-not-found', '-o', 'jsonpath={.status.step}'),
      (step) => step === 'Steady',
      60_000,
    );
    expect((await recordsOf(topicOf(lane))).map(({ key }) => key?.toString())).toEqual([lane.environment]);
    await lane.ask('removed');
    await lane.atRest();
    await look();
  }
  expect(counts.writes).toBe(0);
  tell(`topic-${name}`, counts);
});

/** Waits until the cleaner has left hardly more than the newest of each key; the segment that is written to stays. */
async function compacted(topic: string): Promise<number> {
  const records = await until(
    `${topic} is compacted`,
    () => recordsOf(topic),
    ({ length }) => length <= 3,
    60_000,
  );
  return records.length;
}

it('a location that was away for long finds the newest after compaction, and does the removals of meanwhile', async () => {
  const lane = laneOf('compacted');
  const counts = { runs: 0, generations: 0, records: 0, lost: 0, repeated: 0, undone: 0 };
  for (; counts.runs < times(2, 10); counts.runs++) {
    await lane.ask('with');
    await lane.atRest();
    await lane.operator.kill();
    await lane.freeLease();
    // A segment for each record, so that all but the newest can be cleaned.
    const eager = { 'segment.ms': '1', 'min.cleanable.dirty.ratio': '0.001', 'max.message.bytes': '4194304' };
    await configure(topicOf(lane), { 'cleanup.policy': 'compact', ...eager });
    const missed = times(10, 50);
    for (let generation = 0; generation < missed; generation++) {
      await lane.ask(generation % 2 === 0 ? 'without' : 'with');
      await lane.sent();
    }
    counts.generations += missed;
    if (counts.runs % 2 === 0) await lane.ask('removed');
    await lane.sent();
    counts.records += await compacted(topicOf(lane));
    lane.operator = await lane.start();
    await lane.atRest();
    const loss = await lane.loss();
    counts.lost += loss.lost.length;
    counts.repeated += loss.repeated.length;
    counts.undone += loss.undone.length;
    expect(loss).toEqual({ lost: [], repeated: [], undone: [] });
  }
  tell('offline-compacted', counts);
});
