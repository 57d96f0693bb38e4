import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeploymentReport } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import { type StartedKubernetes, startKubernetes } from '../../../../tools/servers/for-specs.js';
import { recorded, step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';

const ONCE = ['DeploymentAccepted', 'ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'];

/** What came of it; how often it was tried meanwhile depends on how long the server was away. */
const done = (...args: Parameters<typeof recorded>): string[] =>
  recorded(...args).filter((type) => type !== 'DeploymentDelayed');

describe('an API server that goes away', () => {
  let server: StartedKubernetes;
  let bench: KubernetesBench;
  beforeAll(async () => void (server = await startKubernetes()), 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => void (bench = await kubernetesBench(server)));
  afterEach(() => bench.dispose());

  const lease = { leaseSeconds: 60, renewSeconds: 20 };

  it('and comes back: everything asked for meanwhile is there, each step told once', async () => {
    await bench.start({ lease });
    const first = bench.environment('one');
    await bench.channel.publish(presentRecord(first, 1, bench.place));
    await bench.until(first, step('Steady'));
    await server.apiserver.kill();
    const second = bench.environment('two');
    const asked = [
      bench.channel.publish(presentRecord(first, 2, bench.place)),
      bench.channel.publish(presentRecord(second, 1, bench.place)),
    ];
    await server.apiserver.restart();
    await Promise.all(asked);
    await bench.until(first, step('Steady', 2));
    await bench.until(second, step('Steady', 1));
    const all = await bench.heard('healthy', 3);
    expect(done(all, first, 2)).toEqual(ONCE);
    expect(done(all, second, 1)).toEqual(ONCE);
  });

  it('away in the middle of a rollout: the ledger hears why, and then how it ends', async () => {
    await bench.start({ lease, defaults: { progressDeadlineSeconds: 120 } });
    const environment = bench.environment('three');
    await server.kwok.pause();
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    await bench.until(environment, step('RollingOut'));
    await server.apiserver.kill();
    await server.apiserver.restart();
    await server.kwok.resume();
    await bench.until(environment, step('Steady', 1));
    expect(done(await bench.heard('healthy'), environment, 1)).toEqual(ONCE);
  });

  it('refusing our token: the ledger hears it in the words of the server, and nothing is given up', async () => {
    await bench.start({ lease });
    const environment = bench.environment('four');
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    await bench.until(environment, step('Steady'));
    await server.revoke('operator');
    void bench.channel.publish(presentRecord(environment, 2, bench.place));
    const all = await bench.heard('delayed');
    const [told] = all.filter(
      (report): report is DeploymentReport => report.kind === 'deployment' && report.observation.phase === 'delayed',
    );
    expect(told).toMatchObject({ environment, generation: 2, observation: { reason: 'Unauthorized' } });
    expect(recorded(all, environment, 2)).toEqual(['DeploymentDelayed']);
  });
});
