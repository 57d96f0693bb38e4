import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, NAMESPACE, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo, refused } from '../testing/memory-cluster.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const deployment = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
const service = referenceTo('v1', 'Service', 'default', 'web--dev');

const replicas = (bench: ClusterBench): number =>
  (bench.memory.get(deployment)!['spec'] as { replicas: number }).replicas;

const scale = (bench: ClusterBench, to: number): void =>
  void bench.memory.edit(deployment, (object) => ((object['spec'] as { replicas: number }).replicas = to));

describe('drift', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  async function steady(options: Parameters<ClusterBench['start']>[0] = {}): Promise<void> {
    bench.start(options);
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, (release) => step('Steady')(release) && release.status!.actions.length === 0);
  }

  it('of a changed object is told by its paths, healed, and told to be over', async () => {
    await steady();
    scale(bench, 5);
    const { status } = await bench.until(environment, ({ status: now }) => now?.heals?.total === 1);
    expect(replicas(bench)).toBe(1);
    expect(status!.conditions).toContainEqual(expect.objectContaining({ type: 'Drifted', status: 'False' }));
    const all = await bench.heard('healed');
    const [told] = all.flatMap((report) =>
      report.kind === 'deployment' && report.observation.phase === 'drifted' ? [report.observation] : [],
    );
    expect(told?.paths).toEqual(['Deployment/default/web--dev: spec.replicas']);
    expect(recorded(all, environment, 1).slice(-2)).toEqual(['DriftDetected', 'DriftHealed']);
  });

  it('of a removed object is healed too', async () => {
    await steady();
    bench.memory.delete(service);
    await bench.until(environment, ({ status }) => status?.heals?.total === 1);
    expect(bench.memory.get(service)).toBeDefined();
  });

  it('that cannot be healed for a while is no good news meanwhile, and the ledger hears when that is over', async () => {
    let refuses = false;
    const cluster = bench.memory.connect(async (verb, { kind }, done) => {
      if (refuses && verb === 'apply' && kind === 'Service')
        throw refused(403, 'NamespaceTerminating', 'it is leaving');
      return done();
    });
    await steady({ cluster });
    refuses = true;
    bench.memory.delete(service);
    const { status } = await bench.until(environment, ({ status: now }) => now?.delay !== undefined);
    const said = { reason: 'NamespaceTerminating', message: expect.stringContaining('it is leaving') };
    expect(status!.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'Unknown', ...said }));
    expect(status!.conditions).toContainEqual(
      expect.objectContaining({ type: 'Reconciling', status: 'True', ...said }),
    );
    refuses = false;
    const after = await bench.until(
      environment,
      ({ status: now }) => now?.heals?.total === 1 && now.delay === undefined,
    );
    expect(after.status!.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    const told = recorded(await bench.heard('healthy', 2), environment, 1);
    expect(told.slice(-2)).toEqual(['DriftHealed', 'DeploymentHealthy']);
    expect(told).toContain('DeploymentDelayed');
  });

  it('is only told where the policy says so, and told to be over when it is', async () => {
    await steady({ defaults: { driftPolicy: 'Report' } });
    scale(bench, 5);
    const { status } = await bench.until(environment, ({ status: now }) => now?.drift !== undefined);
    expect(status!.conditions).toContainEqual(expect.objectContaining({ type: 'Drifted', status: 'True' }));
    expect(replicas(bench)).toBe(5);
    scale(bench, 1);
    await bench.until(environment, ({ status: now }) => now?.drift === undefined);
    await bench.heard('healed');
  });

  it('is given way to when it comes again and again', async () => {
    let now = Date.now();
    await steady({ now: () => new Date(now) });
    scale(bench, 5);
    await bench.until(environment, ({ status }) => status?.heals?.total === 1);
    scale(bench, 6);
    await bench.heard('drifted', 2);
    expect(replicas(bench)).toBe(6);
    now += 2_000;
    scale(bench, 7);
    const { status } = await bench.until(environment, (release) => release.status?.heals?.total === 2);
    expect(status!.heals).toMatchObject({ inARow: 2 });
    expect(replicas(bench)).toBe(1);
  });

  it('of what a controller of the cluster writes is none', async () => {
    await steady();
    const before = { ...bench.memory.counts };
    bench.memory.edit(deployment, ({ metadata }) => {
      (metadata.annotations as Record<string, string>)['deployment.kubernetes.io/revision'] = '2';
    });
    scale(bench, 1);
    await bench.channel.publish(presentRecord({ ...environment, slot: 'other' }, 1));
    await bench.until({ ...environment, slot: 'other' }, step('Steady'));
    expect(bench.memory.counts['dry-run'] ?? 0).toBe(before['dry-run'] ?? 0);
    expect(bench.release(environment)?.status?.drift).toBeUndefined();
  });

  it('of the Release itself: deleted by hand it is written again with all it knew, and nothing is taken down', async () => {
    await steady();
    const before = bench.release(environment)!;
    const uid = bench.memory.get(deployment)!.metadata.uid;
    bench.memory.delete(referenceTo('waybill.dev/v1alpha1', 'Release', NAMESPACE, 'web--dev'));
    const { metadata, status } = await bench.until(
      environment,
      (release) => release.metadata.uid !== before.metadata.uid && release.status !== undefined,
    );
    expect(metadata.deletionTimestamp).toBeUndefined();
    expect(status!.inventory).toEqual(before.status!.inventory);
    expect(bench.memory.get(deployment)!.metadata.uid).toBe(uid);
    const all = await bench.heard('healed');
    expect(recorded(all, environment, 1).slice(-2)).toEqual(['DriftDetected', 'DriftHealed']);
  });

  const release = referenceTo('waybill.dev/v1alpha1', 'Release', NAMESPACE, 'web--dev');
  const editCommit = (commit: string): void =>
    void bench.memory.edit(release, (object) => {
      (object['spec'] as { desired: { commit: string } }).desired.commit = commit;
    });
  const commitOf = (edited: ReturnType<ClusterBench['release']>): string | undefined => edited?.spec.desired?.commit;

  it('of the desired state in the Release is told, and what the ledger asked for is put back', async () => {
    await steady();
    const right = commitOf(bench.release(environment))!;
    editCommit('0'.repeat(40));
    const { spec, status } = await bench.until(
      environment,
      ({ status: now }) => now?.heals?.total === 1 && now.actions.length === 0,
    );
    expect(spec).toMatchObject({ desired: { commit: right } });
    expect(status!.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    const all = await bench.heard('healed');
    expect(recorded(all, environment, 1).slice(-2)).toEqual(['DriftDetected', 'DriftHealed']);
    expect(JSON.stringify(all)).toContain(`Release/${NAMESPACE}/web--dev: spec.desired`);
  });

  it('of the desired state in the Release while no operator looks is found by what the topic retains', async () => {
    const operator = bench.start();
    await bench.channel.publish(presentRecord(environment, 1));
    await bench.until(environment, (now) => step('Steady')(now) && now.status!.actions.length === 0);
    await operator.stop();
    const right = commitOf(bench.release(environment))!;
    editCommit('0'.repeat(40));
    bench.start();
    const { spec } = await bench.until(environment, ({ status: now }) => now?.heals?.total === 1);
    expect(spec).toMatchObject({ desired: { commit: right } });
  });

  it('of the desired state in the Release that nobody retains is told as lacking, and is put back when it is sent again', async () => {
    const operator = bench.start();
    const record = presentRecord(environment, 1);
    await bench.channel.publish(record);
    await bench.until(environment, (now) => step('Steady')(now) && now.status!.actions.length === 0);
    await operator.stop();
    editCommit('0'.repeat(40));
    const emptied = bench.secondChannel();
    bench.start({ channel: emptied });
    const { status } = await bench.until(environment, ({ status: now }) => now?.delay !== undefined);
    expect(status!.delay).toMatchObject({ reason: 'DigestMismatch', message: expect.stringContaining('asked for it') });
    for (let heard = 0; ; heard = bench.reports.all().length) {
      await bench.reports.first(heard + 1);
      const lists = bench.reports.all().flatMap((report) => (report.kind === 'resync' ? [report.environments] : []));
      if (lists.some((list) => list?.length === 0)) break;
    }
    await emptied.publish(record, { again: true });
    const { spec } = await bench.until(environment, ({ status: now }) => now?.heals?.total === 1 && !now.delay);
    expect(spec.desired).toEqual(record.desired);
    expect(recorded(await bench.heard('healthy', 2), environment, 1).slice(-1)).toEqual(['DeploymentHealthy']);
  });

  it('costs nothing while there is none', async () => {
    await steady();
    await bench.heard('healthy');
    const before = { ...bench.memory.counts };
    for (let stirred = 0; stirred < 5; stirred++) {
      bench.memory.edit(deployment, (object) => {
        (object['status'] as { replicas: number }).replicas = 2 + stirred;
      });
    }
    await bench.channel.publish(presentRecord({ ...environment, slot: 'other' }, 1));
    await bench.until({ ...environment, slot: 'other' }, (release) => release.status?.actions.length === 0);
    const writes = (counts: Readonly<Record<string, number>>): number =>
      (counts['status'] ?? 0) + (counts['replace'] ?? 0);
    // The other one's: accepted and adapted, applied, rolled out, all told.
    expect(writes(bench.memory.counts) - writes(before)).toBe(4);
  });
});
