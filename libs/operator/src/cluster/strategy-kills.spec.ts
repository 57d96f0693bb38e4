import { describe, expect, it } from '@jest/globals';
import type { LiveObject } from '@waybill/adapters';
import type { DesiredRecord } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import type { Strategy } from '@waybill/domain';
import { type ClusterBench, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo } from '../testing/memory-cluster.js';
import type { Death } from '../testing/mortal.js';
import { MESH_KINDS, canary, direct, meshed, sharesOf, versionOf, withStrategy } from '../testing/strategies.js';
import { startMortal } from '../testing/successor.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const name = 'web--dev';
const deployments = {
  blue: referenceTo('apps/v1', 'Deployment', 'default', name),
  green: referenceTo('apps/v1', 'Deployment', 'default', `${name}--green`),
};
const route = referenceTo('networking.istio.io/v1', 'VirtualService', 'default', name);
const service = referenceTo('v1', 'Service', 'default', name);

interface Case {
  readonly mesh: boolean;
  readonly strategy: Strategy;
  /** What becomes of generation 2, once the operator at hand knows of it. */
  live(bench: ClusterBench, record: DesiredRecord): Promise<unknown>;
  readonly ends: 'Steady' | 'Failed';
}

const three = canary([
  [25, 0],
  [50, 0],
  [100, 0],
]);
const steady = (bench: ClusterBench): Promise<unknown> => bench.until(environment, step('Steady', 2));

const CASES: Readonly<Record<string, Case>> = {
  'a canary on a mesh': { mesh: true, strategy: three, live: steady, ends: 'Steady' },
  'a canary without a mesh': { mesh: false, strategy: three, live: steady, ends: 'Steady' },
  'blue-green on a mesh, promoted': {
    mesh: true,
    strategy: { type: 'blue-green', autoPromote: false },
    ends: 'Steady',
    async live(bench, record) {
      await bench.until(environment, step('Paused', 2));
      await direct(bench.channel, record, 1, 'promote');
      await steady(bench);
    },
  },
  'blue-green without a mesh': {
    mesh: false,
    strategy: { type: 'blue-green', autoPromote: true },
    live: steady,
    ends: 'Steady',
  },
  'a canary that is aborted': {
    mesh: true,
    strategy: canary([
      [50, null],
      [100, 0],
    ]),
    ends: 'Failed',
    async live(bench, record) {
      await bench.until(environment, step('Paused', 2));
      await direct(bench.channel, record, 1, 'abort');
      await bench.until(environment, step('Failed', 2));
    },
  },
  'a canary without a mesh that is aborted': {
    mesh: false,
    strategy: canary([
      [75, null],
      [100, 0],
    ]),
    ends: 'Failed',
    async live(bench, record) {
      await bench.until(environment, step('Paused', 2));
      await direct(bench.channel, record, 1, 'abort');
      await bench.until(environment, step('Failed', 2));
    },
  },
};

/** What changes something, or tells of it; `kills.spec.ts` has the rest. */
const WRITES = /^(apply|replace|status|delete|report) (?!Lease|Event)/;

/** Everything that matters in the end. */
interface Told {
  readonly events: readonly string[];
  readonly shifts: readonly string[];
  readonly standing: readonly string[];
  readonly traffic: string;
  /** Writes after which some of the traffic had nowhere to go. */
  readonly lost: readonly string[];
}

const available = (deployment: LiveObject | undefined): number =>
  ((deployment?.['status'] ?? {}) as { availableReplicas?: number }).availableReplicas ?? 0;

/** Where traffic goes: the shares of the route, or what the Service selects. */
function trafficOf({ memory }: ClusterBench, mesh: boolean): string {
  if (mesh) return sharesOf(memory.get(route));
  const { selector = {} } = (memory.get(service)?.['spec'] ?? {}) as { selector?: Record<string, string> };
  return selector['waybill.dev/track'] ?? 'both';
}

function hasNowhereToGo(bench: ClusterBench, mesh: boolean): boolean {
  const traffic = trafficOf(bench, mesh);
  const up = (track: 'blue' | 'green'): boolean => available(bench.memory.get(deployments[track])) > 0;
  if (!mesh && traffic === 'both') return !up('blue') && !up('green');
  return (['blue', 'green'] as const).some((track) => traffic.includes(track) && !up(track));
}

async function told(which: Case, death: Death): Promise<{ told: Told; steps: number; died: string | null }> {
  const { mesh, strategy, live } = which;
  const bench = clusterBench();
  bench.memory.serve(...MESH_KINDS);
  const version = (generation: number, image: string): DesiredRecord =>
    presentRecord(environment, generation, (desired) => {
      const state = withStrategy(strategy, image)(desired);
      return mesh ? meshed(state) : state;
    });
  const before = bench.start();
  await bench.channel.publish(version(1, 'a'));
  await bench.until(environment, step('Steady', 1));
  await before.stop();
  const lost: string[] = [];
  bench.memory.onWritten(({ kind, metadata }) => {
    if (hasNowhereToGo(bench, mesh)) lost.push(`${kind} ${metadata.name}`);
  });
  const first = startMortal(bench, death);
  try {
    const record = version(2, 'b');
    await bench.channel.publish(record);
    await live(bench, record);
    // Whoever took over may tell of generation 1 once more: all has been heard when nothing waits any more.
    await bench.until(environment, ({ status }) => status!.step === which.ends && status!.actions.length === 0);
    const reports = bench.reports.all();
    const shifts = reports.flatMap((report) => {
      if (report.kind !== 'deployment' || report.observation.phase !== 'traffic-shifted') return [];
      const { step: at, of, weight } = report.observation;
      return [`${at}/${of} ${weight}`];
    });
    const standing = ['Deployment', 'Service', 'DestinationRule', 'VirtualService'].flatMap((kind) =>
      bench.memory.all(kind).map((object) => {
        const what = kind === 'Deployment' ? ` ${versionOf(object)}` : '';
        return `${kind} ${object.metadata.name}${what}`;
      }),
    );
    const events = recorded(reports, environment, 2);
    return {
      told: { events, shifts: [...new Set(shifts)], standing, traffic: trafficOf(bench, mesh), lost },
      steps: first.steps(),
      died: first.died(),
    };
  } finally {
    first.bury();
    await bench.dispose();
  }
}

describe('an operator that is killed while it rolls out in steps', () => {
  it.each(Object.entries(CASES))(
    'brings %s to the same end, whichever of its writes was the last, and no traffic is lost',
    async (_, which) => {
      const whole = await told(which, { of: WRITES, at: Infinity, when: 'before' });
      expect(whole).toMatchObject({ died: null, told: { lost: [] } });
      expect(whole.told.standing).toContain(
        which.ends === 'Steady' ? 'Deployment web--dev--green b x4' : 'Deployment web--dev a x4',
      );
      expect(whole.told.standing.filter((object) => object.startsWith('Deployment'))).toHaveLength(1);
      const wrong: unknown[] = [];
      let kills = 0;
      // What is so before a write is so after the one before it.
      for (let at = 1; at <= whole.steps; at++) {
        const end = await told(which, { of: WRITES, at, when: 'after' });
        if (end.died !== null) kills++;
        if (JSON.stringify(end.told) !== JSON.stringify(whole.told)) wrong.push({ at, ...end });
      }
      expect(wrong).toEqual([]);
      expect(kills).toBeGreaterThan(15);
    },
    240_000,
  );
});
