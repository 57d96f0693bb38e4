import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { recorded, step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';
import { type Death, mortal, mortalCluster } from '../testing/mortal.js';

describe('an operator that is killed, on a real API server', () => {
  let bench: KubernetesBench;
  beforeEach(async () => void (bench = await kubernetesBench()));
  afterEach(() => bench.dispose());

  /** What time would do: the lease of the dead one runs out. */
  async function freeLease(): Promise<void> {
    const lease = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', namespace: bench.namespace };
    const live = await bench.admin.get({ ...lease, name: 'waybill-operator' });
    await bench.admin.replace({ ...live!, spec: { ...(live!['spec'] as object), holderIdentity: '' } });
  }

  it.each<[string, Death]>([
    ['once its Release is there', { of: 'create Release', at: 1, when: 'after' }],
    ['before it writes down what it is about to apply', { of: 'status Release', at: 1, when: 'before' }],
    ['once it has written that down', { of: 'status Release', at: 1, when: 'after' }],
    ['between two objects', { of: 'apply Deployment', at: 1, when: 'before' }],
    ['when all are applied and nothing says so', { of: 'apply Deployment', at: 1, when: 'after' }],
    ['once it is written down that all are applied', { of: 'status Release', at: 2, when: 'after' }],
    ['once it is written down that all is well', { of: 'status Release', at: 3, when: 'after' }],
    ['between two objects that it removes', { of: 'delete', at: 1, when: 'after' }],
  ])('%s: all is done, and told once', async (_, death) => {
    const first = mortal(death);
    await bench.start({
      cluster: mortalCluster(await bench.operatorCluster(), first),
      channel: first.channel(bench.channel),
      identity: 'first',
    });
    const succeeded = first.died.then(async () => {
      await freeLease();
      await bench.start({ identity: 'second' });
    });
    try {
      const environment = bench.environment();
      await bench.channel.publish(presentRecord(environment, 1, bench.place));
      await bench.until(environment, step('Steady', 1));
      await bench.heard('healthy');
      await bench.channel.publish(absentRecord(environment, 2));
      await bench.until(environment, step('Removed', 2));
      await succeeded;
      const all = await bench.heard('removed');
      expect(recorded(all, environment, 1)).toEqual([
        'DeploymentAccepted',
        'ManifestsAdapted',
        'ManifestsApplied',
        'DeploymentRolledOut',
        'DeploymentHealthy',
      ]);
      expect(recorded(all, environment, 2)).toEqual(['DeploymentAccepted', 'DeploymentRemoved']);
      for (const kind of ['Service', 'Deployment']) {
        const apiVersion = kind === 'Service' ? 'v1' : 'apps/v1';
        const left = await bench.admin.list({ apiVersion, kind, namespace: bench.target });
        expect(left).toEqual([]);
      }
    } finally {
      first.bury();
    }
  });
});
