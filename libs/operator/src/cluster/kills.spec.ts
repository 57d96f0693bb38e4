import { describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import type { Death } from '../testing/mortal.js';
import { type Succession, startMortal } from '../testing/successor.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };

/** Generation 1 brings an object along that generation 2 does not want any more. */
const withExtra = (desired: DesiredState): DesiredState => ({
  ...desired,
  manifests: [
    {
      file: 'extra.yaml',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' }, data: { a: 'b' } },
    },
  ],
});

interface Told {
  readonly died: string | null;
  readonly steps: number;
  readonly events: readonly (readonly string[])[];
  readonly left: readonly string[];
}

/** Two generations and a removal; the first process dies where it is told to, and a second one goes on. */
async function live(bench: ClusterBench, first: Succession): Promise<Told> {
  await bench.channel.publish(presentRecord(environment, 1, withExtra));
  await bench.until(environment, step('Steady', 1));
  await bench.channel.publish(presentRecord(environment, 2));
  await bench.until(environment, step('Steady', 2));
  await bench.channel.publish(absentRecord(environment, 3));
  await bench.until(environment, step('Removed', 3));
  const all = await bench.heard('removed');
  const left = ['Deployment', 'Service', 'ConfigMap'].flatMap((kind) => bench.memory.all(kind));
  return {
    died: first.died(),
    steps: first.steps(),
    events: [1, 2, 3].map((generation) => recorded(all, environment, generation)),
    left: left.map(({ metadata }) => metadata.name),
  };
}

const EVENTS = [
  ['DeploymentAccepted', 'ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'],
  [
    'DeploymentAccepted',
    'ManifestsAdapted',
    'ManifestsApplied',
    'DeploymentRolledOut',
    'ObjectsPruned',
    'DeploymentHealthy',
  ],
  ['DeploymentAccepted', 'DeploymentRemoved'],
];

async function told(death?: Death): Promise<Told> {
  const bench = clusterBench();
  const first = startMortal(bench, death);
  try {
    return await live(bench, first);
  } finally {
    first.bury();
    await bench.dispose();
  }
}

describe('an operator that is killed', () => {
  it('is not, for once', async () => {
    expect(await told()).toMatchObject({ died: null, events: EVENTS, left: [] });
  });

  it('leaves nothing undone and nothing told twice, whichever of its steps was the last', async () => {
    const { steps } = await told();
    const wrong: unknown[] = [];
    for (let at = 1; at <= steps; at++) {
      for (const when of ['before', 'after'] as const) {
        const end = await told({ at, when });
        if (JSON.stringify([end.events, end.left]) !== JSON.stringify([EVENTS, []])) wrong.push({ at, when, ...end });
      }
    }
    expect(wrong).toEqual([]);
    expect(steps).toBeGreaterThan(40);
  }, 120_000);
});
