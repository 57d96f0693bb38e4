import { testKubernetes } from '@waybill/adapters/testing';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import {
  type StartedIstiod,
  type XdsWatch,
  installIstioCrds,
  reachable,
  startIstiod,
  watchXds,
} from '../../../tools/servers/for-specs.js';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import { tell, times } from '../counting.js';
import { type ApiServerProxy, startApiServerProxy } from './api-server-proxy.js';
import { type ProxiedKafka, startProxiedKafka } from './kafka-proxy.js';
import type { Step, When } from './passage.js';
import { openStrategyLane, type StrategyCase, type StrategyLane } from './strategy-lane.js';

jest.setTimeout(3_600_000);

const steps = (...weights: number[]): object[] => weights.map((weight) => ({ weight, pauseSeconds: 0 }));

const CASES: Readonly<Record<string, StrategyCase>> = {
  canary: { mesh: true, aborted: false, strategy: { type: 'canary', steps: steps(10, 50, 100) } },
  shares: { mesh: false, aborted: false, strategy: { type: 'canary', steps: steps(30, 60, 100) } },
  switch: { mesh: true, aborted: false, strategy: { type: 'blue-green', autoPromote: true } },
  abort: {
    mesh: true,
    aborted: true,
    strategy: { type: 'canary', steps: [{ weight: 40, pauseSeconds: null }, ...steps(100)] },
  },
};

/** The n-th request of a name while a version is rolled out. */
interface KillPoint {
  readonly name: string;
  readonly nth: number;
  readonly when: When;
}

/** What a lane's gate does at the moment. */
interface Watch {
  readonly seen: Map<string, number>;
  readonly point: KillPoint | undefined;
  /** Ends once another operator runs. */
  killed: Promise<void> | undefined;
}

let kafka: ProxiedKafka;
let proxy: ApiServerProxy;
let stage: Stage;
let istiod: StartedIstiod;
const counts = { strategies: 0, kills: 0, steps: 0, repeated: 0, undone: 0, told: 0, lost: 0 };
const watches = new Map<string, Watch>();
const lanes = new Map<string, StrategyLane>();
const locations = new Map(Object.keys(CASES).map((name) => [name, uniqueName(name)]));

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

async function rollWith(lane: StrategyLane, point?: KillPoint): Promise<Watch> {
  const watch: Watch = { seen: new Map(), point, killed: undefined };
  watches.set(lane.place.location, watch);
  await lane.roll().catch((error: unknown) => {
    const told = { point, killed: watch.killed !== undefined, lines: lane.operator.lines.slice(-8) };
    throw new Error(`${String(error)}\n${JSON.stringify(told, null, 2)}`);
  });
  watches.delete(lane.place.location);
  await watch.killed;
  return watch;
}

beforeAll(async () => {
  kafka = await startProxiedKafka(gate);
  process.env['KAFKA_BROKERS'] = kafka.brokers;
  proxy = await startApiServerProxy(gate);
  await installIstioCrds(testKubernetes(), '1.30');
  istiod = await startIstiod(testKubernetes());
  stage = await startStage([...locations.values()]);
});
afterAll(async () => {
  await stage?.close();
  proxy?.close();
  await istiod?.stop();
  await kafka?.stop();
  tell('strategy-kills', counts);
});

/** States of the stream in which some of the traffic was sent where nothing answers, from when on all of it was not. */
function lostIn(watch: XdsWatch, host: string): unknown[] {
  const known = watch.seen.filter((answer) => answer.hosts[host] !== undefined);
  counts.told += known.length;
  const first = known.findIndex((answer) => reachable(answer, host) === 100);
  if (first < 0) return ['it was never reachable'];
  return known
    .slice(first)
    .filter((answer) => reachable(answer, host) < 100)
    .map(({ at, hosts, endpoints }) => ({ at, route: hosts[host], endpoints }));
}

/** Kill points of a whole rollout, evenly over all of them when there is no time for each. */
function chosen(seen: ReadonlyMap<string, number>): KillPoint[] {
  const all: KillPoint[] = [];
  for (const [key, count] of seen) {
    const [, name = '', when] = /^(.*) (before|after)$/.exec(key) ?? [];
    for (let nth = 1; nth <= count; nth++) all.push({ name, nth, when: when as When });
  }
  const most = times(24, Infinity, 6);
  const stride = Math.max(1, all.length / most);
  return Array.from({ length: Math.min(all.length, most) }, (_, at) => all[Math.floor(at * stride)]!);
}

/** Kills the operator of one strategy again and again. Gives what was wrong. */
async function killThrough(name: string): Promise<unknown[]> {
  const which = CASES[name]!;
  const location = locations.get(name)!;
  const lane = await openStrategyLane(stage, stage.place(location), which, proxy.through);
  lanes.set(location, lane);
  const watch = await watchXds(istiod, { routes: ['8080'], namespace: lane.place.target });
  try {
    await rollWith(lane);
    const whole = await rollWith(lane);
    const [told, standing] = [await lane.told(), await lane.standing()];
    expect(standing).toEqual([
      'image wanted',
      'replicas 3',
      'selected its own',
      ...(which.mesh ? ['routed true'] : []),
    ]);
    const shifts = told.find((words) => words.startsWith('TrafficShifted '));
    expect(shifts).toBeDefined();
    counts.strategies++;
    const wrong: unknown[] = [];
    for (const point of chosen(whole.seen)) {
      const { killed } = await rollWith(lane, point);
      if (killed) counts.kills++;
      counts.steps += Number(shifts!.split(' ')[1]);
      const end = { told: await lane.told(), standing: await lane.standing() };
      if (JSON.stringify(end.told) !== JSON.stringify(told)) counts.repeated++;
      if (JSON.stringify(end.standing) !== JSON.stringify(standing)) counts.undone++;
      if (JSON.stringify(end) !== JSON.stringify({ told, standing })) {
        wrong.push({ name, point, generation: lane.generation(), ...end });
      }
    }
    const lost = lostIn(watch, lane.host);
    counts.lost += lost.length;
    return [...wrong, ...lost];
  } finally {
    await watch.stop();
  }
}

it('a killed operator brings every strategy to its declared end, each step told once and no traffic lost', async () => {
  // Beside each other: most of a rollout is waiting.
  const wrong = await Promise.all(Object.keys(CASES).map(killThrough));
  expect(wrong.flat()).toEqual([]);
  expect(counts.kills).toBeGreaterThanOrEqual(times(60, 200, 16));
});
