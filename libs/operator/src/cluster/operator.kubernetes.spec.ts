import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { recorded, step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';

describe('the operator on a real API server, with its own rights only', () => {
  let bench: KubernetesBench;
  beforeEach(async () => void (bench = await kubernetesBench()));
  afterEach(() => bench.dispose());

  it('takes a desired record to a rolled-out Deployment, and away again', async () => {
    await bench.start();
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    const release = await bench.until(environment, step('Steady'));
    expect(release.status?.outcome).toMatchObject({ phase: 'healthy' });
    expect(release.status?.inventory).toMatchObject([
      { kind: 'Service', namespace: bench.target, name: 'web--dev', uid: expect.any(String) },
      { kind: 'Deployment', namespace: bench.target, name: 'web--dev', uid: expect.any(String) },
    ]);
    expect(recorded(await bench.heard('healthy'), environment, 1)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'DeploymentHealthy',
    ]);
    const deployment = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: bench.target, name: 'web--dev' };
    expect(await bench.admin.get(deployment)).toMatchObject({ status: { readyReplicas: 1 } });

    await bench.channel.publish(absentRecord(environment, 2));
    await bench.until(environment, step('Removed'));
    expect(await bench.admin.get(deployment)).toBeNull();
    expect(recorded(await bench.heard('removed'), environment, 2)).toEqual(['DeploymentAccepted', 'DeploymentRemoved']);
  });
});
