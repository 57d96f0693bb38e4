import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { OperatorProcess } from '../../cluster/harness/operator-process.js';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import { until } from '../../e2e/harness/until.js';
import { tell, times } from '../counting.js';
import { type ApiServerProxy, startApiServerProxy } from './api-server-proxy.js';
import { type ProxiedKafka, startProxiedKafka } from './kafka-proxy.js';
import { type Change, type Lane, numbersOf, openLane } from './lane.js';
import { deferred, type Step, type When } from './passage.js';

jest.setTimeout(1_800_000);

/** What the leader was about to do, or had just done, when it fell asleep. */
const POINTS: readonly { readonly change: Change; readonly name: string; readonly when: When }[] = [
  { change: 'without', name: 'apply deployments', when: 'before' },
  { change: 'without', name: 'status write', when: 'before' },
  { change: 'without', name: 'remove configmaps', when: 'before' },
  { change: 'without', name: 'release write', when: 'before' },
  { change: 'without', name: 'report', when: 'before' },
  { change: 'removed', name: 'remove deployments', when: 'before' },
  { change: 'without', name: 'apply deployments', when: 'after' },
  { change: 'without', name: 'status write', when: 'after' },
  { change: 'removed', name: 'status write', when: 'before' },
];
const used = POINTS.slice(0, times(6, POINTS.length, 2));
const rounds = times(1, 4);

let kafka: ProxiedKafka;
let proxy: ApiServerProxy;
let stage: Stage;
const lanes: Lane[] = [];
const locations = used.map((_, index) => uniqueName(`zombie${index}`));
const counts = { runs: 0, writes: 0, lost: 0, repeated: 0, undone: 0 };

interface Sleep {
  readonly point: (typeof POINTS)[number];
  readonly leader: OperatorProcess;
  readonly asleep: () => void;
  /** The request that was under way goes on when it wakes. */
  readonly awake: Promise<void>;
  done: boolean;
}
const sleeps = new Map<string, Sleep>();

async function gate({ location, name }: Step, when: When): Promise<'pass' | 'cut'> {
  const sleep = sleeps.get(location);
  if (!sleep || sleep.done || sleep.point.name !== name || sleep.point.when !== when) return 'pass';
  sleep.done = true;
  sleep.leader.pause();
  sleep.asleep();
  await sleep.awake;
  return 'pass';
}

beforeAll(async () => {
  kafka = await startProxiedKafka(gate);
  process.env['KAFKA_BROKERS'] = kafka.brokers;
  proxy = await startApiServerProxy(gate);
  stage = await startStage(locations);
  for (const location of locations) lanes.push(await openLane(stage, stage.place(location), proxy.through));
});
afterAll(async () => {
  await stage.close();
  proxy.close();
  await kafka.stop();
  tell('zombie-leaders', counts);
});

const leads = (operator: OperatorProcess): Promise<unknown> =>
  until(
    'it leads',
    async () => (await fetch(`${operator.url}/metrics`)).text(),
    (text) => /^waybill_operator_leading 1$/m.test(text),
    60_000,
  );

async function fallAsleep(lane: Lane, point: Sleep['point']): Promise<void> {
  const leader = lane.operator;
  await leads(leader);
  await lane.ask('with');
  await lane.atRest();
  const standby = await lane.start();
  const [asleep, awake] = [deferred(), deferred()];
  sleeps.set(lane.place.location, { point, leader, asleep: asleep.resolve, awake: awake.promise, done: false });
  await lane.ask(point.change);
  await asleep.promise;
  await lane.atRest();
  const lost = [await lane.loss()];
  const before = await numbersOf(lane);
  const said = leader.lines.length;
  awake.resolve();
  leader.resume();
  // Said when nothing of that term runs any more.
  await until(
    'the zombie knows',
    () => Promise.resolve(leader.lines.slice(said)),
    (lines) => lines.some((line) => line.includes('no longer leading')),
    60_000,
  );
  counts.writes += (await numbersOf(lane)).filter((number) => !before.includes(number)).length;
  lost.push(await lane.loss());
  lane.operator = standby;
  for (const change of ['with', 'removed'] as const) {
    await lane.ask(change);
    await lane.atRest();
    lost.push(await lane.loss());
  }
  await leader.kill();
  counts.runs++;
  for (const loss of lost) {
    counts.lost += loss.lost.length;
    counts.repeated += loss.repeated.length;
    counts.undone += loss.undone.length;
  }
  expect({ point, lost }).toEqual({ point, lost: lost.map(() => ({ lost: [], repeated: [], undone: [] })) });
}

it('a leader that wakes after another has taken over changes nothing, also not with what was under way', async () => {
  for (let round = 0; round < rounds; round++) {
    await Promise.all(lanes.map((lane, index) => fallAsleep(lane, used[index]!)));
  }
  expect(counts.writes).toBe(0);
});
