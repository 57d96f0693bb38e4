import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { eventsOf } from '../../cluster/harness/shop.js';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import { until } from '../../e2e/harness/until.js';
import { tell, times } from '../counting.js';
import { type Lane, numbersOf, openLane } from './lane.js';
import { deliver, handled, recordsOf, type TopicRecord, withAdmin } from './topic.js';

jest.setTimeout(1_800_000);

const DELIVERIES = times(10_000, 100_000, 1_000);
const location = uniqueName('deliver');
const counts = { deliveries: 0, writes: 0, events: 0, 'dead-letters': 0 };

let stage: Stage;
let lane: Lane;
const topics = { desired: '', reports: '' };

beforeAll(async () => {
  stage = await startStage([location]);
  lane = await openLane(stage, stage.place(location));
  topics.desired = `${stage.prefix}waybill.desired.${location}`;
  topics.reports = `${stage.prefix}waybill.reports.${location}`;
  for (const change of ['with', 'without', 'removed', 'with', 'without'] as const) {
    await lane.ask(change);
    await lane.atRest();
  }
  await handled(topics.reports, `${stage.prefix}waybill-ledger-reports`);
});
afterAll(async () => {
  await stage.close();
  tell('deliveries', counts);
});

/** Types of everything that the ledger knows of the environment and of the location. */
async function recorded(): Promise<string[]> {
  const generations = Array.from(
    { length: lane.generation },
    (_, index) => `deployment-${lane.environment}.${index + 1}`,
  );
  const all = [];
  for (const stream of [...generations, `environment-${lane.environment}`]) {
    for (const { type } of await eventsOf(stage.kit.admin, stream)) all.push(`${stream}: ${type}`);
  }
  return all;
}

/** `count` of the records, again and again and in an order that has nothing to do with theirs. */
function shuffled(records: readonly TopicRecord[], count: number): TopicRecord[] {
  const places = Array.from({ length: count }, (_, index) => ({
    record: records[index % records.length]!,
    place: createHash('sha256').update(`${location} ${index}`).digest('hex'),
  }));
  return places.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ record }) => record);
}

async function unchangedBy(work: () => Promise<void>): Promise<void> {
  const before = { numbers: await numbersOf(lane), recorded: await recorded() };
  await work();
  const after = { numbers: await numbersOf(lane), recorded: await recorded() };
  counts.writes += after.numbers.filter((number) => !before.numbers.includes(number)).length;
  counts.events += after.recorded.length - before.recorded.length;
  expect(after).toEqual(before);
}

const ledgerGroup = (): string => `${stage.prefix}waybill-ledger-reports`;

it('reports that come again and out of order are recorded once', async () => {
  const records = await recordsOf(topics.reports);
  await unchangedBy(async () => {
    await deliver(topics.reports, shuffled(records, DELIVERIES / 2));
    await handled(topics.reports, ledgerGroup());
  });
  counts.deliveries += DELIVERIES / 2;
});

it('desired records that come again and out of order change nothing in the cluster', async () => {
  const records = await recordsOf(topics.desired);
  await unchangedBy(async () => {
    await deliver(topics.desired, shuffled(records, DELIVERIES / 2));
    await handled(topics.desired, `${stage.prefix}waybill-operator-${location}`);
  });
  counts.deliveries += DELIVERIES / 2;
});

async function readFromTheBeginning(): Promise<void> {
  await lane.operator.stop();
  lane.operator = await lane.start();
  await until(
    'it has read everything',
    () => Promise.resolve(lane.operator.lines),
    (lines) => lines.some((line) => line.includes(' info connected ')),
    60_000,
  );
  await handled(topics.reports, ledgerGroup());
}

it('an operator that reads all of it from the beginning changes nothing either', () =>
  unchangedBy(readFromTheBeginning));

it('the next generation goes its way, and what is removed does not come up again', async () => {
  for (const change of ['with', 'removed'] as const) {
    await lane.ask(change);
    await lane.atRest();
    expect(await lane.loss()).toEqual({ lost: [], repeated: [], undone: [] });
  }
  await unchangedBy(readFromTheBeginning);
  expect(await lane.loss()).toEqual({ lost: [], repeated: [], undone: [] });
});

it('nothing was put aside', async () => {
  const topic = `${stage.prefix}waybill.dead-letters`;
  const there = await withAdmin((admin) => admin.listTopics());
  counts['dead-letters'] = there.includes(topic) ? (await recordsOf(topic)).length : 0;
  expect(counts['dead-letters']).toBe(0);
});
