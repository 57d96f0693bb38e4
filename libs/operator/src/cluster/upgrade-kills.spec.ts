import { describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import { clusterBench, recorded, step } from '../testing/cluster-bench.js';
import type { Death } from '../testing/mortal.js';
import { startMortal } from '../testing/successor.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const OLD = 'autoscaling/v2beta2/HorizontalPodAutoscaler';
const NEW = 'autoscaling/v2/HorizontalPodAutoscaler';

const scaled = (desired: DesiredState): DesiredState => ({
  ...desired,
  service: { ...desired.service, autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 80 } },
});

const ROUND = ['ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'];

/** One release, and an upgrade of its cluster; the first process dies where it is told to, and a second one goes on. */
async function told(death?: Death): Promise<Record<string, unknown>> {
  const bench = clusterBench();
  bench.memory.serve(OLD);
  bench.memory.unserve(NEW);
  const first = startMortal(bench, death);
  try {
    await bench.channel.publish(presentRecord(environment, 1, scaled));
    await bench.until(environment, step('Steady'));
    const uids = bench.release(environment)!.status!.inventory.map(({ kind, uid }) => [kind, uid]);
    const begun = first.steps();
    bench.memory.serve(NEW);
    bench.memory.unserve(OLD);
    const { status } = await bench.until(
      environment,
      (now) =>
        step('Steady')(now) &&
        now.status!.actions.length === 0 &&
        now.status!.inventory.some(({ kind, version }) => kind === 'HorizontalPodAutoscaler' && version === 'v2'),
    );
    const [autoscaler] = bench.memory.all('HorizontalPodAutoscaler');
    return {
      died: first.died(),
      steps: [begun, first.steps()],
      version: autoscaler?.apiVersion,
      same: JSON.stringify(status!.inventory.map(({ kind, uid }) => [kind, uid])) === JSON.stringify(uids),
      deleted: bench.memory.counts['delete'] ?? 0,
      events: recorded(await bench.heard('healthy', 2), environment, 1),
    };
  } finally {
    first.bury();
    await bench.dispose();
  }
}

const RIGHT = {
  version: 'autoscaling/v2',
  same: true,
  deleted: 0,
  events: ['DeploymentAccepted', ...ROUND, ...ROUND],
};

describe('an operator that is killed while its cluster is upgraded', () => {
  it('leaves everything in the new version and each step told once, whichever of its steps was the last', async () => {
    const whole = await told();
    expect(whole).toMatchObject({ died: null, ...RIGHT });
    const [begun, steps] = whole['steps'] as [number, number];
    expect(steps - begun).toBeGreaterThan(8);
    const wrong: unknown[] = [];
    for (let at = begun + 1; at <= steps; at++) {
      for (const when of ['before', 'after'] as const) {
        const end = await told({ at, when });
        const { died: _, steps: _steps, ...rest } = end;
        if (JSON.stringify(rest) !== JSON.stringify(RIGHT)) wrong.push({ at, when, ...end });
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});
