import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import { tell, times } from '../counting.js';
import { type ApiServerProxy, startApiServerProxy } from './api-server-proxy.js';
import { type ProxiedKafka, startProxiedKafka } from './kafka-proxy.js';
import { type Change, CHANGES, type Lane, openLane } from './lane.js';
import type { Step, When } from './passage.js';

jest.setTimeout(1_800_000);

/** The n-th request of a name while a change is brought about. */
interface KillPoint {
  readonly change: Change;
  readonly name: string;
  readonly nth: number;
  readonly when: When;
}

/** Environments that are killed beside each other: most of a kill is waiting for sessions to run out. */
const LANES = times(6, 6, 3);

let kafka: ProxiedKafka;
let proxy: ApiServerProxy;
let stage: Stage;
const locations = Array.from({ length: LANES }, (_, index) => uniqueName(`kill${index}`));
const counts = { runs: 0, lost: 0, repeated: 0, undone: 0 };
const wrong: unknown[] = [];

/** What a lane's gate does at the moment. */
interface Watch {
  readonly seen: Map<string, number>;
  readonly point: KillPoint | undefined;
  /** Ends once another operator runs. */
  killed: Promise<void> | undefined;
}
const watches = new Map<string, Watch>();
const lanes = new Map<string, Lane>();

async function gate({ location, name }: Step, when: When): Promise<'pass' | 'cut'> {
  const watch = watches.get(location);
  if (!watch) return 'pass';
  const nth = (watch.seen.get(`${name} ${when}`) ?? 0) + 1;
  watch.seen.set(`${name} ${when}`, nth);
  const { point } = watch;
  if (watch.killed || point?.name !== name || point.nth !== nth || point.when !== when) return 'pass';
  const lane = lanes.get(location)!;
  const dead = lane.operator.kill();
  watch.killed = dead.then(async () => {
    await lane.freeLease();
    lane.operator = await lane.start();
  });
  await dead;
  return 'cut';
}

/** Brings the change about; true when the operator was killed meanwhile. */
async function changeWith(lane: Lane, change: Change, point?: KillPoint): Promise<Watch> {
  const watch: Watch = { seen: new Map(), point, killed: undefined };
  watches.set(lane.place.location, watch);
  await lane.ask(change);
  await lane.atRest();
  watches.delete(lane.place.location);
  await watch.killed;
  if (watch.killed) {
    counts.runs++;
    const loss = await lane.loss();
    counts.lost += loss.lost.length;
    counts.repeated += loss.repeated.length;
    counts.undone += loss.undone.length;
    if (Object.values(loss).flat().length > 0) wrong.push({ point, environment: lane.environment, ...loss });
  }
  return watch;
}

beforeAll(async () => {
  kafka = await startProxiedKafka(gate);
  process.env['KAFKA_BROKERS'] = kafka.brokers;
  proxy = await startApiServerProxy(gate);
  stage = await startStage(locations);
  for (const location of locations) {
    lanes.set(location, await openLane(stage, stage.place(location), proxy.through));
  }
});
afterAll(async () => {
  await stage.close();
  proxy.close();
  await kafka.stop();
  tell('operator-kills', counts);
});

it('an operator that is killed before or after any of its requests leaves nothing undone and tells nothing twice', async () => {
  const points: KillPoint[] = [];
  const first = lanes.get(locations[0]!)!;
  for (const change of CHANGES) {
    const { seen } = await changeWith(first, change);
    for (const [key, count] of seen) {
      const [, name = '', when] = /^(.*) (before|after)$/.exec(key) ?? [];
      for (let nth = 1; nth <= times(1, count); nth++) points.push({ change, name, nth, when: when as When });
    }
    expect(await first.loss()).toEqual({ lost: [], repeated: [], undone: [] });
  }
  const rounds = times(1, 5);
  const chosen = Array.from({ length: rounds }, () => points).flat();
  // Evenly over all of them when there is no time for each.
  const most = times(Infinity, Infinity, 6);
  const step = Math.max(1, chosen.length / most);
  const planned = new Map<Change, KillPoint[]>(CHANGES.map((change) => [change, []]));
  for (let at = 0; at < chosen.length; at += step)
    planned.get(chosen[Math.floor(at)]!.change)!.push(chosen[Math.floor(at)]!);
  const left = (): boolean => [...planned.values()].some((some) => some.length > 0);
  await Promise.all(
    [...lanes.values()].map(async (lane) => {
      while (left()) for (const change of CHANGES) await changeWith(lane, change, planned.get(change)!.shift());
    }),
  );
  expect(wrong).toEqual([]);
  // A request may be left out when two of them can go as one; hardly ever.
  expect(counts.runs).toBeGreaterThanOrEqual(Math.floor((chosen.length / step) * 0.8));
});
