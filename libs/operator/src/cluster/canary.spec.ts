import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DesiredRecord, type DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, NAMESPACE, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo } from '../testing/memory-cluster.js';
import { MESH_KINDS, canary, direct, meshed, sharesOf, versionOf, withStrategy } from '../testing/strategies.js';

const environment = { project: 'web', slot: 'dev', location: 'here' };
const blue = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
const green = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev--green');
const route = referenceTo('networking.istio.io/v1', 'VirtualService', 'default', 'web--dev');
const service = referenceTo('v1', 'Service', 'default', 'web--dev');

const version = (
  generation: number,
  image: string,
  strategy = canary([
    [50, null],
    [100, 0],
  ]),
  mesh = true,
): DesiredRecord =>
  presentRecord(environment, generation, (desired: DesiredState) => {
    const state = withStrategy(strategy, image)(desired);
    return mesh ? meshed(state) : state;
  });

describe('a canary on a mesh', () => {
  let bench: ClusterBench;
  beforeEach(() => {
    bench = clusterBench();
    bench.memory.serve(...MESH_KINDS);
  });
  afterEach(() => bench.dispose());

  const shares = (): string => sharesOf(bench.memory.get(route));
  const weights = (generation: number): string[] =>
    bench.reports.all().flatMap((report) => {
      if (report.kind !== 'deployment' || report.generation !== generation) return [];
      const { observation } = report;
      return observation.phase === 'traffic-shifted'
        ? [`${observation.step}/${observation.of} ${observation.weight} ${observation.track}`]
        : [];
    });

  it('shifts in steps beside the version that runs, and takes that away last', async () => {
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    expect(shares()).toBe('blue 100');
    expect(versionOf(bench.memory.get(blue))).toBe('a x4');

    await bench.channel.publish(version(2, 'b'));
    const paused = await bench.until(environment, step('Paused', 2));
    expect(shares()).toBe('blue 50, green 50');
    expect(versionOf(bench.memory.get(blue))).toBe('a x4');
    expect(bench.memory.get(blue)?.metadata.annotations).toMatchObject({ 'waybill.dev/generation': '1' });
    expect(versionOf(bench.memory.get(green))).toBe('b x4');
    expect(paused.status).toMatchObject({
      rollout: '1/2 at 50%, paused: pause',
      tracks: { active: 'blue', candidate: 'green' },
      progress: { step: 1, of: 2, weight: 50 },
    });

    await direct(bench.channel, version(2, 'b'), 1, 'promote');
    const { status } = await bench.until(environment, step('Steady', 2));
    expect(shares()).toBe('green 100');
    expect(bench.memory.get(blue)).toBeUndefined();
    expect(versionOf(bench.memory.get(green))).toBe('b x4');
    expect(status!.tracks).toEqual({ active: 'green' });
    expect(status!.progress).toBeUndefined();
    expect(recorded(await bench.heard('healthy', 2), environment, 2)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'TrafficShifted',
      'RolloutPaused',
      'RolloutResumed',
      'TrafficShifted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'ObjectsPruned',
      'DeploymentHealthy',
    ]);
    expect(weights(2)).toEqual(['1/2 50 green', '2/2 100 green']);
  });

  it('goes back to blue with the next canary, and a rolling one stays on the active track', async () => {
    bench.start();
    const quick = canary([
      [10, 0],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', quick));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', quick));
    await bench.until(environment, step('Steady', 2));
    await bench.channel.publish(version(3, 'c', { type: 'rolling' }));
    await bench.until(environment, step('Steady', 3));
    expect(versionOf(bench.memory.get(green))).toBe('c x4');
    expect(bench.memory.get(blue)).toBeUndefined();
    expect(shares()).toBe('green 100');
    await bench.channel.publish(version(4, 'd', quick));
    await bench.until(environment, step('Steady', 4));
    expect(versionOf(bench.memory.get(blue))).toBe('d x4');
    expect(bench.memory.get(green)).toBeUndefined();
    expect(shares()).toBe('blue 100');
  });

  it('goes back when somebody aborts, and leaves the version that runs as it was', async () => {
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    const before = await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    await direct(bench.channel, version(2, 'b'), 1, 'abort');
    const { status } = await bench.until(environment, step('Failed', 2));
    expect(shares()).toBe('blue 100');
    expect(versionOf(bench.memory.get(blue))).toBe('a x4');
    expect(bench.memory.get(green)).toBeUndefined();
    expect(status!.outcome).toMatchObject({ phase: 'failed', reason: 'Aborted' });
    expect(bench.memory.get(service)?.['spec']).toMatchObject({ selector: { 'waybill.dev/track': 'blue' } });
    const namesIn = ({ inventory }: NonNullable<typeof status>): string[] =>
      inventory.map(({ kind, name }) => `${kind} ${name}`).sort();
    expect(namesIn(status!)).toEqual(namesIn(before.status!));
    expect(recorded(await bench.heard('failed'), environment, 2).slice(-3)).toEqual([
      'RolloutPaused',
      'ReturnedToStable',
      'DeploymentFailed',
    ]);
    await bench.channel.publish(version(3, 'c'));
    await bench.until(environment, step('Paused', 3));
    expect(shares()).toBe('blue 50, green 50');
  });

  it('goes back when the candidate does not come up', async () => {
    bench.start({ defaults: { progressDeadlineSeconds: 0.2 } });
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    bench.rollouts.hold();
    await bench.channel.publish(version(2, 'b'));
    const { status } = await bench.until(environment, step('Failed', 2));
    expect(status!.outcome).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
    expect(shares()).toBe('blue 100');
    expect(bench.memory.get(green)).toBeUndefined();
    expect(versionOf(bench.memory.get(blue))).toBe('a x4');
  });

  it('gives its traffic back first when a newer generation comes', async () => {
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    bench.rollouts.hold();
    await bench.channel.publish(version(3, 'c'));
    await bench.until(environment, step('RollingOut', 3));
    expect(shares()).toBe('blue 100');
    expect(versionOf(bench.memory.get(green))).toBe('c x4');
    bench.rollouts.release();
    await bench.until(environment, step('Paused', 3));
    expect(shares()).toBe('blue 50, green 50');
    await bench.channel.publish(version(4, 'd', { type: 'rolling' }));
    await bench.until(environment, step('Steady', 4));
    expect(shares()).toBe('blue 100');
    expect(versionOf(bench.memory.get(blue))).toBe('d x4');
    expect(bench.memory.get(green)).toBeUndefined();
  });

  it('gives its traffic back when a newer generation comes that cannot be planned', async () => {
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    const object = { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', metadata: { name: 'p' } };
    const unplannable = presentRecord(environment, 3, (desired: DesiredState) => ({
      ...meshed(withStrategy({ type: 'rolling' }, 'c')(desired)),
      manifests: [{ file: 'policy.yaml', object }],
    }));
    await bench.channel.publish(unplannable);
    await bench.until(environment, step('Rejected', 3));
    expect(shares()).toBe('blue 100');
    expect(versionOf(bench.memory.get(blue))).toBe('a x4');
  });

  it('counts a step as shifted when its route reads back equal, and not before', async () => {
    let stolen = false;
    const told: string[] = [];
    bench.memory.onWritten((object) => {
      if (object.kind === 'VirtualService' && !stolen && shares() === 'blue 50, green 50') {
        stolen = true;
        bench.memory.edit(route, (live) => {
          (live['spec'] as { http: { route: { weight: number }[] }[] }).http[0]!.route[0]!.weight = 1;
        });
      }
      const { progress } = (object['status'] ?? {}) as { progress?: { step: number } };
      if (object.kind === 'Release' && progress?.step === 1) told.push(shares());
    });
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    expect(stolen).toBe(true);
    expect(told[0]).toBe('blue 50, green 50');
  });

  it('takes nothing away before every proxy had time to follow the route that left it', async () => {
    const settleMs = 250;
    bench.start({ settleMs });
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    const gone: Record<string, number> = {};
    let shiftedAt = 0;
    bench.memory.onWritten(() => {
      if (shares() === 'green 100' || shares() === 'blue 100') shiftedAt ||= Date.now();
      for (const [name, track] of Object.entries({ blue, green })) {
        if (!bench.memory.get(track)) gone[name] ??= Date.now();
      }
    });
    await direct(bench.channel, version(2, 'b'), 1, 'promote');
    await bench.until(environment, step('Steady', 2));
    expect(gone['blue']! - shiftedAt).toBeGreaterThanOrEqual(settleMs - 5);

    await bench.channel.publish(version(3, 'c'));
    await bench.until(environment, step('Paused', 3));
    delete gone['blue'];
    shiftedAt = 0;
    await direct(bench.channel, version(3, 'c'), 1, 'abort');
    await bench.until(environment, step('Failed', 3));
    expect(gone['blue']! - shiftedAt).toBeGreaterThanOrEqual(settleMs - 5);
  });

  it('sends nothing to a candidate that is no endpoint of the Service yet', async () => {
    bench.memory.serve('discovery.k8s.io/v1/EndpointSlice');
    let looks = 0;
    let lookedTwice: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => (lookedTwice = resolve));
    const cluster = bench.memory.connect(async (verb, { kind }, done) => {
      if (verb === 'list' && kind === 'EndpointSlice' && ++looks === 2) lookedTwice();
      return done();
    });
    bench.start({ cluster });
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await asked;
    expect(shares()).toBe('blue 100');
    await bench.memory.connect().create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web--dev-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web--dev' } },
      endpoints: [{ conditions: { ready: true }, targetRef: { kind: 'Pod', name: 'web--dev--green-7d9f-x2x4z' } }],
    } as never);
    await bench.until(environment, step('Paused', 2));
    expect(shares()).toBe('blue 50, green 50');
  });

  it('finds its tracks again when its Release was deleted while no operator looked', async () => {
    const first = bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    await first.stop();
    const release = referenceTo('waybill.dev/v1alpha1', 'Release', NAMESPACE, 'web--dev');
    bench.memory.edit(release, ({ metadata }) => void ((metadata as { finalizers: string[] }).finalizers = []));
    bench.memory.delete(release);
    bench.rollouts.hold();
    bench.start({ identity: 'second' });
    await bench.until(environment, step('Paused', 2));
    expect(shares()).toBe('blue 50, green 50');
    await direct(bench.channel, version(2, 'b'), 1, 'promote');
    const { status } = await bench.until(environment, step('Steady', 2));
    expect(shares()).toBe('green 100');
    expect(bench.memory.get(blue)).toBeUndefined();
    expect(status!.inventory.map(({ name }) => name)).toContain('web--dev--green');
  });

  it('makes the candidate the active one when somebody took away what ran before', async () => {
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    bench.memory.delete(blue);
    await bench.channel.publish(version(3, 'c', { type: 'rolling' }));
    const { status } = await bench.until(environment, step('Steady', 3));
    expect(status!.tracks).toEqual({ active: 'green' });
    expect(versionOf(bench.memory.get(green))).toBe('c x4');
    expect(shares()).toBe('green 100');
  });
});

describe('a canary without a mesh', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  const selector = (): unknown => (bench.memory.get(service)?.['spec'] as { selector: object } | undefined)?.selector;

  it('shares the traffic out by replicas', async () => {
    bench.start();
    const steps = canary([
      [25, null],
      [75, null],
      [100, null],
    ]);
    await bench.channel.publish(version(1, 'a', steps, false));
    await bench.until(environment, step('Steady', 1));
    expect(selector()).toMatchObject({ 'waybill.dev/track': 'blue' });
    const counts: number[] = [];
    bench.memory.onWritten(() => {
      const standing = bench.memory.get(blue)?.['spec'] as { replicas: number } | undefined;
      const coming = bench.memory.get(green)?.['status'] as { availableReplicas?: number } | undefined;
      counts.push((standing?.replicas ?? 0) + (coming?.availableReplicas ?? 0));
    });
    await bench.channel.publish(version(2, 'b', steps, false));
    await bench.until(environment, step('Paused', 2));
    expect(selector()).not.toHaveProperty(['waybill.dev/track']);
    expect([versionOf(bench.memory.get(blue)), versionOf(bench.memory.get(green))]).toEqual(['a x3', 'b x1']);
    await direct(bench.channel, version(2, 'b', steps, false), 1, 'promote');
    await bench.until(environment, ({ status }) => status?.progress?.step === 2 && status.step === 'Paused');
    expect([versionOf(bench.memory.get(blue)), versionOf(bench.memory.get(green))]).toEqual(['a x1', 'b x3']);
    await direct(bench.channel, version(2, 'b', steps, false), 2, 'promote');
    await bench.until(environment, ({ status }) => status?.progress?.step === 3 && status.step === 'Paused');
    expect(selector()).toMatchObject({ 'waybill.dev/track': 'green' });
    expect([versionOf(bench.memory.get(blue)), versionOf(bench.memory.get(green))]).toEqual(['a x1', 'b x4']);
    await direct(bench.channel, version(2, 'b', steps, false), 3, 'promote');
    await bench.until(environment, step('Steady', 2));
    expect(bench.memory.get(blue)).toBeUndefined();
    expect(versionOf(bench.memory.get(green))).toBe('b x4');
    // The candidate's are available before the version that runs gives up its own.
    expect(Math.min(...counts)).toBe(4);
  });

  it('gives the version that runs its replicas back when it is aborted', async () => {
    bench.start();
    const steps = canary([
      [75, null],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', steps, false));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', steps, false));
    await bench.until(environment, step('Paused', 2));
    await direct(bench.channel, version(2, 'b', steps, false), 1, 'abort');
    await bench.until(environment, step('Failed', 2));
    expect(versionOf(bench.memory.get(blue))).toBe('a x4');
    expect(selector()).toMatchObject({ 'waybill.dev/track': 'blue' });
    expect(bench.memory.get(green)).toBeUndefined();
  });
});
