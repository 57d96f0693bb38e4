import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { releaseReference } from '../release-resource/release.js';
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

  it('keeps files and an autoscaler, heals what is changed, and gives the autoscaler its replicas', async () => {
    await bench.start();
    const environment = bench.environment();
    const whole = (desired: DesiredState): DesiredState => ({
      ...bench.place(desired),
      service: { ...desired.service, autoscaling: { minReplicas: 2, maxReplicas: 5, targetCpuPercent: 80 } },
      config: { ...desired.config, files: { 'app.yaml': 'a: b\n' } },
    });
    await bench.channel.publish(presentRecord(environment, 1, whole));
    const release = await bench.until(environment, step('Steady'));
    expect(release.status!.inventory.map(({ kind }) => kind)).toEqual([
      'ConfigMap',
      'Service',
      'Deployment',
      'HorizontalPodAutoscaler',
    ]);
    const { name } = release.status!.inventory[0]!;
    expect(name).toMatch(/^web--dev--[0-9a-f]{10}$/);
    const files = { group: '', version: 'v1', kind: 'ConfigMap', namespace: bench.target, name };
    const live = (await bench.admin.get(files))!;
    await bench.admin.replace({ ...live, data: { 'app.yaml': 'a: changed\n' } });
    const healed = await bench.until(environment, ({ status }) => status?.heals?.total === 1);
    expect(await bench.admin.get(files)).toMatchObject({ data: { 'app.yaml': 'a: b\n' } });
    expect(healed.status!.drift).toBeUndefined();
    const told = (await bench.heard('healed')).flatMap((report) =>
      report.kind === 'deployment' && report.observation.phase === 'drifted' ? report.observation.paths : [],
    );
    expect(told).toEqual([`ConfigMap/${bench.target}/${name}: data["app.yaml"]`]);
  });

  it('writes a Release again that was deleted by hand, and takes nothing down', async () => {
    await bench.start();
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    const before = await bench.until(environment, step('Steady'));
    const reference = releaseReference(bench.namespace, 'web--dev');
    await bench.admin.remove(reference, before.metadata.uid);
    const after = await bench.until(
      environment,
      (release) => release.metadata.uid !== before.metadata.uid && step('Steady')(release),
    );
    expect(after.spec).toEqual(before.spec);
    expect(after.status!.inventory).toEqual(before.status!.inventory);
    const all = await bench.heard('healed');
    expect(recorded(all, environment, 1).slice(-2)).toEqual(['DriftDetected', 'DriftHealed']);
  });

  it('hands over to a second operator when it stops, and tells nothing twice', async () => {
    const first = await bench.start({ identity: 'first' });
    const second = await bench.start({ identity: 'second' });
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    await bench.until(environment, step('Steady'));
    const [leader, other] = first.state().leading ? [first, second] : [second, first];
    expect(other.state().leading).toBe(false);
    await leader.stop();
    await bench.channel.publish(presentRecord(environment, 2, bench.place));
    await bench.until(environment, step('Steady', 2));
    expect(other.state().leading).toBe(true);
    let all = await bench.heard('healthy', 2);
    // The successor sends again what the first one could not note as sent: the second of them may be that.
    while (!recorded(all, environment, 2).includes('DeploymentHealthy')) {
      all = await bench.reports.first(all.length + 1);
    }
    for (const generation of [1, 2]) {
      expect(recorded(all, environment, generation)).toEqual([
        'DeploymentAccepted',
        'ManifestsAdapted',
        'ManifestsApplied',
        'DeploymentRolledOut',
        'DeploymentHealthy',
      ]);
    }
  });
});
