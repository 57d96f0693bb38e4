import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { absentRecord, presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, NAMESPACE, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo, refused } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const deployment = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
const service = referenceTo('v1', 'Service', 'default', 'web--dev');
const extra = referenceTo('v1', 'ConfigMap', 'default', 'extra');

const withExtra = (desired: DesiredState): DesiredState => ({
  ...desired,
  manifests: [
    {
      file: 'extra.yaml',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extra' }, data: { a: 'b' } },
    },
  ],
});

describe('a rollout', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  it('fails when nothing comes of it before the deadline, and stops there', async () => {
    bench.rollouts.hold();
    bench.start({ defaults: { progressDeadlineSeconds: 0.05 } });
    await bench.channel.publish(presentRecord(environment, 1));
    const { status } = await bench.until(environment, step('Failed'));
    expect(status).toMatchObject({ outcome: { phase: 'failed', reason: 'ProgressDeadlineExceeded' } });
    expect(status!.outcome!.message).toContain('Deployment web--dev');
    expect(status!.conditions).toContainEqual(
      expect.objectContaining({ type: 'Stalled', status: 'True', reason: 'ProgressDeadlineExceeded' }),
    );
    expect(recorded(await bench.heard('failed'), environment, 1)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentFailed',
    ]);
    const before = bench.memory.counts['apply'];
    bench.memory.edit(deployment, (object) => ((object['spec'] as { replicas: number }).replicas = 7));
    await bench.until(environment, ({ status: now }) => now!.actions.length === 0);
    expect(bench.memory.counts['apply']).toBe(before);
  });

  it('tells the ledger of a fault that cannot be written down, and goes on when it is mended', async () => {
    let isRevoked = false;
    const cluster = bench.memory.connect(async (verb, { kind }, done) => {
      await Promise.resolve();
      if (isRevoked && (verb === 'apply' || (verb === 'status' && kind === 'Release'))) {
        throw refused(401, 'Unauthorized', 'you must be logged in to the server', true);
      }
      return done();
    });
    bench.start({ cluster });
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('Steady', 1));
    isRevoked = true;
    await bench.channel.publish(presentRecord(environment, 2));
    const told = (await bench.heard('delayed')).flatMap((report) =>
      report.kind === 'deployment' && report.observation.phase === 'delayed' ? [report] : [],
    );
    expect(told[0]).toMatchObject({ generation: 2, observation: { attempt: 1, reason: 'Unauthorized' } });
    expect(JSON.stringify(told[0])).toContain('you must be logged in to the server');
    isRevoked = false;
    await bench.until(environment, step('Steady', 2));
    expect(recorded(await bench.heard('healthy', 2), environment, 2).at(-1)).toBe('DeploymentHealthy');
  });

  it('is superseded by a newer generation: the older one is told nothing more of', async () => {
    bench.rollouts.hold();
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('RollingOut', 1));
    await bench.channel.publish(presentRecord(environment, 2));
    await bench.until(environment, step('RollingOut', 2));
    bench.rollouts.release();
    await bench.until(environment, step('Steady', 2));
    const all = await bench.heard('healthy');
    expect(recorded(all, environment, 1)).toEqual(['DeploymentAccepted', 'ManifestsAdapted', 'ManifestsApplied']);
    expect(recorded(all, environment, 2)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'DeploymentHealthy',
    ]);
    expect(bench.memory.get(deployment)?.metadata.annotations).toMatchObject({ 'waybill.dev/generation': '2' });
  });

  it('applies again what is taken away or written over meanwhile', async () => {
    bench.rollouts.hold();
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('RollingOut'));
    bench.memory.delete(service);
    bench.memory.edit(deployment, ({ metadata }) => {
      (metadata.annotations as Record<string, string>)['waybill.dev/generation'] = '0';
    });
    await bench.until(
      environment,
      () =>
        bench.memory.get(service) !== undefined &&
        bench.memory.get(deployment)?.metadata.annotations?.['waybill.dev/generation'] === '1',
    );
    bench.rollouts.release();
    await bench.until(environment, step('Steady'));
    expect(recorded(await bench.heard('healthy'), environment, 1)).not.toContain('DriftDetected');
  });

  it('gives way to whoever undoes it again and again, and tells of it', async () => {
    let now = Date.now();
    bench.rollouts.hold();
    bench.start({ now: () => new Date(now) });
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('RollingOut'));
    const overwrite = (): void =>
      void bench.memory.edit(deployment, ({ metadata }) => {
        (metadata.annotations as Record<string, string>)['waybill.dev/generation'] = '0';
      });
    overwrite();
    await bench.until(environment, ({ status }) => status?.heals?.total === 1);
    const before = bench.memory.counts['apply'];
    overwrite();
    const { status } = await bench.until(environment, ({ status: seen }) => seen?.delay !== undefined);
    expect(status!.delay).toMatchObject({
      reason: 'UndoneBySomebody',
      message: expect.stringContaining('Deployment web--dev'),
    });
    expect(bench.memory.counts['apply']).toBe(before);
    now += 2_000;
    overwrite();
    bench.memory.edit(deployment, (object) => ((object['spec'] as { replicas: number }).replicas = 3));
    await bench.until(environment, ({ status: seen }) => seen?.heals?.total === 2);
    bench.rollouts.release();
    const { status: after } = await bench.until(environment, step('Steady'));
    expect(after!.delay).toBeUndefined();
    expect(recorded(await bench.heard('healthy'), environment, 1)).toContain('DeploymentDelayed');
  });

  it('prunes last what the new generation does not need, and only what is ours', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, withExtra));
    await bench.until(environment, step('Steady'));
    bench.rollouts.hold();
    await bench.channel.publish(presentRecord(environment, 2));
    await bench.until(environment, step('RollingOut', 2));
    expect(bench.memory.get(extra)).toBeDefined();
    bench.rollouts.release();
    const release = await bench.until(environment, step('Steady', 2));
    expect(bench.memory.get(extra)).toBeUndefined();
    expect(release.status!.inventory.map(({ kind }) => kind)).toEqual(['Service', 'Deployment']);
    expect(recorded(await bench.heard('healthy', 2), environment, 2)).toContain('ObjectsPruned');
  });

  it('leaves alone what took the name of an object that is to be pruned', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, withExtra));
    await bench.until(environment, step('Steady'));
    bench.rollouts.hold();
    await bench.channel.publish(presentRecord(environment, 2));
    await bench.until(environment, step('RollingOut', 2));
    // A copy, our labels among what was copied: only its uid tells.
    const { labels = {} } = bench.memory.get(extra)!.metadata;
    bench.memory.delete(extra);
    await bench.memory.connect().create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'extra', namespace: 'default', labels: { ...labels } },
    });
    bench.rollouts.release();
    await bench.until(environment, step('Steady', 2));
    expect(bench.memory.get(extra)).toBeDefined();
  });

  it('leaves alone what somebody else has made his own since', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, withExtra));
    await bench.until(environment, step('Steady'));
    bench.rollouts.hold();
    await bench.channel.publish(presentRecord(environment, 2));
    await bench.until(environment, step('RollingOut', 2));
    bench.memory.edit(extra, ({ metadata }) => {
      (metadata.labels as Record<string, string>)['app.kubernetes.io/managed-by'] = 'Helm';
    });
    bench.rollouts.release();
    const release = await bench.until(environment, step('Steady', 2));
    expect(bench.memory.get(extra)).toBeDefined();
    // No longer ours to know of.
    expect(release.status!.inventory.map(({ kind }) => kind)).toEqual(['Service', 'Deployment']);
    expect(recorded(await bench.heard('healthy', 2), environment, 2)).not.toContain('ObjectsPruned');
  });

  it('does not touch an object that stands there already and is not ours', async () => {
    await bench.memory.connect().create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web--dev', namespace: 'default', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    });
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    const { status } = await bench.until(environment, step('Rejected'));
    expect(status!.outcome).toMatchObject({ reason: 'OwnedByAnother' });
    expect(status!.outcome!.message).toBe('Service default/web--dev stands there already and belongs to Helm');
    expect(status!.inventory).toEqual([]);
    expect(bench.memory.get(deployment)).toBeUndefined();
    expect(recorded(await bench.heard('rejected'), environment, 1)).toEqual([
      'DeploymentAccepted',
      'DeploymentRejected',
    ]);
  });

  it('rejects an object of another environment, whose it is', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, withExtra));
    await bench.until(environment, step('Steady'));
    const other = { ...environment, slot: 'feature' };
    await bench.channel.publish(presentRecord(other, 1, withExtra));
    const { status } = await bench.until(other, step('Rejected'));
    expect(status!.outcome!.message).toContain('belongs to the environment web.dev@here');
    await bench.until(environment, step('Steady'));
  });

  it('fails, and does not say that nothing was changed, when something was applied before what the server refuses', async () => {
    const cluster = bench.memory.connect(async (verb, { kind }, done) => {
      if (verb === 'apply' && kind === 'Deployment') throw refused(422, 'Invalid', 'spec.replicas is odd');
      return done();
    });
    bench.start({ cluster });
    await bench.channel.publish(presentRecord(environment, 1));
    const { status } = await bench.until(environment, step('Failed'));
    expect(bench.memory.get(service)).toBeDefined();
    expect(status!.outcome).toMatchObject({ phase: 'failed', reason: 'Invalid' });
    expect(recorded(await bench.heard('failed'), environment, 1)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'DeploymentFailed',
    ]);
  });

  it('rejects what cannot be planned, and takes the next generation', async () => {
    bench.start();
    const odd = (desired: DesiredState): DesiredState => ({
      ...desired,
      deliverable: { kind: 'rpm', package: 'app', version: '1.0-1' },
    });
    await bench.channel.publish(presentRecord(environment, 1, odd));
    const { status } = await bench.until(environment, step('Rejected', 1));
    expect(status!.outcome).toMatchObject({ reason: 'UnsupportedDeliverable' });
    await bench.channel.publish(presentRecord(environment, 2));
    await bench.until(environment, step('Steady', 2));
  });

  it('waits while people have it suspended', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, step('Steady'));
    const release = referenceTo('waybill.dev/v1alpha1', 'Release', NAMESPACE, 'web--dev');
    bench.memory.edit(release, (object) => ((object['spec'] as { suspend: boolean }).suspend = true));
    await bench.until(environment, step('Suspended'));
    await bench.channel.publish(presentRecord(environment, 2));
    bench.memory.edit(deployment, (object) => ((object['spec'] as { replicas: number }).replicas = 7));
    const { spec } = await bench.until(environment, ({ spec: now }) => now.generation === 2);
    expect(spec.suspend).toBe(true);
    bench.memory.edit(release, (object) => ((object['spec'] as { suspend: boolean }).suspend = false));
    await bench.until(environment, step('Steady', 2));
    expect(bench.memory.get(deployment)?.['spec']).toMatchObject({ replicas: 1 });
  });

  it('removes only what is ours, and is done when that is gone', async () => {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, withExtra));
    await bench.until(environment, step('Steady'));
    bench.memory.edit(extra, ({ metadata }) => {
      (metadata.labels as Record<string, string>)['app.kubernetes.io/managed-by'] = 'somebody';
    });
    await bench.until(environment, ({ status }) => status!.heals?.total === 1);
    bench.memory.edit(deployment, ({ metadata }) => void ((metadata as { finalizers: string[] }).finalizers = ['x/y']));
    await bench.channel.publish(absentRecord(environment, 2));
    await bench.until(environment, step('Removing'));
    expect(recorded(bench.reports.all(), environment, 2)).not.toContain('DeploymentRemoved');
    bench.memory.edit(deployment, ({ metadata }) => void ((metadata as { finalizers: string[] }).finalizers = []));
    await bench.until(environment, step('Removed'));
    expect(bench.memory.get(extra)).toBeUndefined();
  });
});
