import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { refused } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };

/** As the API server passes it on: the status is the webhook's own. */
const denied = (): Error =>
  refused(409, 'Conflict', 'admission webhook "policy.example" denied the request: a freeze is on', true);

describe('a conflict that lasts although nothing changes', () => {
  let bench: ClusterBench;
  let refuses: boolean;
  beforeEach(() => {
    bench = clusterBench();
    refuses = true;
  });
  afterEach(() => bench.dispose());

  const refusingDeployments = () =>
    bench.memory.connect(async (verb, { kind }, done) => {
      await Promise.resolve();
      if (refuses && verb === 'apply' && kind === 'Deployment') throw denied();
      return done();
    });

  it('is told in the words of whoever answers it, and goes on when that is over', async () => {
    bench.start({ cluster: refusingDeployments() });
    await bench.channel.publish(presentRecord(environment, 1));
    const { status } = await bench.until(environment, ({ status: now }) => now?.delay !== undefined);
    expect(status!.delay).toMatchObject({ reason: 'Conflict', message: expect.stringContaining('a freeze is on') });
    refuses = false;
    await bench.until(environment, step('Steady'));
    expect(recorded(await bench.heard('healthy'), environment, 1)).toContain('DeploymentDelayed');
  });

  it('ends the generation at the deadline', async () => {
    bench.start({ cluster: refusingDeployments(), defaults: { progressDeadlineSeconds: 0.05 } });
    await bench.channel.publish(presentRecord(environment, 1));
    const { status } = await bench.until(environment, ({ status: now }) => now?.outcome !== undefined);
    expect(status!.outcome).toMatchObject({ reason: 'Conflict', message: expect.stringContaining('a freeze is on') });
  });

  it('that is one is not told', async () => {
    let conflicts = 3;
    const cluster = bench.memory.connect(async (verb, { kind }, done) => {
      await Promise.resolve();
      if (verb === 'apply' && kind === 'Deployment' && conflicts-- > 0)
        throw refused(409, 'Conflict', 'modified', true);
      return done();
    });
    bench.start({ cluster });
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    expect(recorded(await bench.heard('healthy'), environment, 1)).not.toContain('DeploymentDelayed');
  });
});
