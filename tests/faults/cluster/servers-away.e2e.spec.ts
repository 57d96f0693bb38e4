import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as elapsed } from 'node:timers/promises';
import { kubectl } from '../../cluster/harness/kubectl.js';
import { startStage, type Stage, uniqueName } from '../../cluster/harness/stage.js';
import {
  type Faults,
  startKafka,
  type StartedKafka,
  startKubernetes,
  type StartedKubernetes,
} from '../../../tools/servers/for-specs.js';
import { isAside, tell, times } from '../counting.js';
import { CHANGES, type Lane, numbersOf, openLane } from './lane.js';

jest.setTimeout(1_800_000);

/** How long a server is away. Milliseconds. */
const AWAY = times(5_000, 60_000, 2_000);
const rounds = times(1, 3);

let kafka: StartedKafka;
let kubernetes: StartedKubernetes;
let stage: Stage;
const lanes: Lane[] = [];
const locations = Array.from({ length: times(3, 6, 2) }, (_, index) => uniqueName(`away${index}`));

beforeAll(async () => {
  [kafka, kubernetes] = await Promise.all([startKafka(), startKubernetes()]);
  const { kubeconfig, operatorKubeconfig, kubectl: program } = kubernetes;
  process.env['KAFKA_BROKERS'] = kafka.brokers[0];
  process.env['WAYBILL_TEST_KUBERNETES'] = JSON.stringify({ kubeconfig, operatorKubeconfig, kubectl: program });
  stage = await startStage(locations);
  for (const location of locations) lanes.push(await openLane(stage, stage.place(location)));
});
afterAll(async () => {
  await stage.close();
  await Promise.all([kafka.stop(), kubernetes.stop()]);
});

const everyLane = async <T>(work: (lane: Lane) => Promise<T>): Promise<T[]> => Promise.all(lanes.map(work));

interface Absence {
  readonly name: string;
  readonly server: () => Faults;
  readonly leave: 'kill' | 'pause';
}

const ABSENCES: readonly Absence[] = [
  { name: 'broker-killed', server: () => kafka, leave: 'kill' },
  { name: 'broker-paused', server: () => kafka, leave: 'pause' },
  { name: 'api-server-killed', server: () => kubernetes.apiserver, leave: 'kill' },
  { name: 'api-server-paused', server: () => kubernetes.apiserver, leave: 'pause' },
  { name: 'etcd-killed', server: () => kubernetes.etcd, leave: 'kill' },
];

describe.each(
  ABSENCES.filter(({ leave }, index) => index < times(Infinity, Infinity, 3) && (leave === 'kill' || !isAside)),
)('$name', ({ name, server, leave }) => {
  const counts = { runs: 0, generations: 0, lost: 0, repeated: 0, undone: 0, writes: 0 };

  async function away(meanwhile: () => Promise<void>): Promise<void> {
    await server()[leave]();
    await meanwhile();
    // How long it is away is what is tried here; nothing else is waited for.
    await elapsed(AWAY);
    await (leave === 'kill' ? server().restart() : server().resume());
  }

  async function look(lane: Lane): Promise<void> {
    await lane.atRest();
    const loss = await lane.loss({ delays: true });
    counts.generations++;
    counts.lost += loss.lost.length;
    counts.repeated += loss.repeated.length;
    counts.undone += loss.undone.length;
    expect(loss).toEqual({ lost: [], repeated: [], undone: [] });
  }

  it('goes away while releases are asked for and rolled out, and comes back', async () => {
    for (; counts.runs < rounds; counts.runs++) {
      // Begun before it goes away.
      await everyLane((lane) => lane.ask('with'));
      await away(() => Promise.resolve());
      await everyLane(look);
      // Asked for while it is away.
      for (const change of CHANGES.slice(1)) {
        await away(async () => void (await everyLane((lane) => lane.ask(change))));
        await everyLane(look);
      }
    }
  });

  it('goes away while everything is at rest, and nothing is written', async () => {
    await everyLane((lane) => lane.ask('with'));
    await everyLane(look);
    const before = await everyLane(numbersOf);
    await away(() => Promise.resolve());
    // Both sides work again.
    await kubectl('get', 'namespaces');
    const after = await everyLane(numbersOf);
    counts.writes += after.flat().filter((number) => !before.flat().includes(number)).length;
    await everyLane((lane) => lane.ask('removed'));
    await everyLane(look);
    expect(after).toEqual(before);
  });

  afterAll(() => tell(name, counts));
});
