import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const deployment = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');

describe('the operator of a cluster', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  it('takes a desired record to a rolled-out Deployment', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    const release = await bench.until(environment, step('Steady'));
    expect(release.spec).toMatchObject({
      project: 'web',
      slot: 'dev',
      location: 'here',
      generation: 1,
      state: 'Present',
    });
    expect(release.status).toMatchObject({
      observedLedgerGeneration: 1,
      outcome: { phase: 'healthy' },
      inventory: [
        { kind: 'Service', name: 'web--dev', uid: expect.any(String), hash: expect.any(String) },
        { group: 'apps', kind: 'Deployment', name: 'web--dev', uid: expect.any(String) },
      ],
    });
    const conditions = Object.fromEntries(release.status!.conditions.map(({ type, status }) => [type, status]));
    expect(conditions).toMatchObject({
      Ready: 'True',
      Reconciling: 'False',
      Stalled: 'False',
      Adapted: 'True',
      Applied: 'True',
      RolledOut: 'True',
      Drifted: 'False',
    });
    expect(bench.memory.get(deployment)?.metadata.labels).toMatchObject({ 'waybill.dev/location': 'here' });
    const all = await bench.heard('healthy');
    expect(recorded(all, environment, 1)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'DeploymentHealthy',
    ]);
    const told = await bench.until(environment, ({ status }) => status!.actions.length === 0);
    expect(told.status!.conditions.find(({ type }) => type === 'Reported')).toMatchObject({ status: 'True' });
  });

  it('removes what the ledger wants gone, and keeps the Release as a fence', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    await bench.channel.publish(absentRecord(environment, 2));
    const release = await bench.until(environment, step('Removed'));
    expect(bench.memory.get(deployment)).toBeUndefined();
    expect(release.spec).toMatchObject({ state: 'Absent', generation: 2 });
    expect(release.status?.inventory).toEqual([]);
    const all = await bench.heard('removed');
    expect(recorded(all, environment, 2)).toEqual(['DeploymentAccepted', 'DeploymentRemoved']);
  });

  it('ends in the namespace of another location, and says whose it is', async () => {
    bench.start();
    await bench.logged('leading');
    await expect(bench.start({ location: 'nowhere' }).done).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('is that of the location here'),
    });
  });
});
