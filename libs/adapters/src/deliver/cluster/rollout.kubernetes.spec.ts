import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KubernetesObject, referenceOf } from '../../plan/objects.js';
import { adminCluster, eventually, kubectl, testKubernetes, testNamespace } from '../../testing/test-kubernetes.js';
import type { Cluster, Health, LiveObject } from './cluster.js';
import { connectCluster } from './connect.js';
import { driftOf } from './drift.js';
import { emitEvent } from './emit-event.js';
import { healthOf } from './health/health.js';
import { ownedBy } from './owned-by.js';
import { podTroubles } from './pod-troubles.js';

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = await adminCluster();
  namespace = await testNamespace(cluster);
  const account = { group: '', version: 'v1', kind: 'ServiceAccount', namespace, name: 'default' };
  await eventually(async () => (await cluster.get(account)) ?? undefined);
});
afterAll(() => cluster.close());

interface Wanted {
  readonly replicas?: number;
  readonly image?: string;
  /** What the simulated node makes of its pods. */
  readonly pods?: string;
  readonly deadline?: number;
  readonly cpu?: string;
  readonly labels?: Record<string, string>;
}

function deployment(
  name: string,
  { replicas = 2, image = 'shop:1', pods, deadline, cpu, labels }: Wanted = {},
): KubernetesObject {
  const app = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ...(labels && { labels }) },
    spec: {
      replicas,
      ...(deadline !== undefined && { progressDeadlineSeconds: deadline }),
      selector: { matchLabels: app },
      template: {
        metadata: { labels: { ...app, ...(pods && { 'servers.waybill.dev/pod': pods }) } },
        spec: {
          containers: [{ name: 'app', image, ...(cpu !== undefined && { resources: { requests: { cpu } } }) }],
        },
      },
    },
  } as KubernetesObject;
}

const live = async (object: KubernetesObject): Promise<LiveObject> => (await cluster.get(referenceOf(object)))!;

async function becomes(object: KubernetesObject, status: Health['status'], reason?: string): Promise<Health> {
  return eventually(async () => {
    const health = healthOf(await live(object));
    return health.status === status && (reason === undefined || health.reason === reason) ? health : undefined;
  });
}

/** Waits until the lines hold all of these. */
const troubles = (object: KubernetesObject, ...parts: string[]): Promise<string[]> =>
  eventually(async () => {
    const lines = await podTroubles(cluster, await live(object));
    return parts.every((part) => lines.some((line) => line.includes(part))) ? lines : undefined;
  });

describe('a rollout', () => {
  it('is in progress, then current; the next one as well', async () => {
    const first = await cluster.apply(deployment('good'));
    expect(healthOf(first).status).toBe('in-progress');
    expect(await becomes(first, 'current')).toEqual({ status: 'current', reason: 'Available', message: '2 pods run' });
    expect(await podTroubles(cluster, await live(first))).toEqual([]);
    const second = await cluster.apply(deployment('good', { image: 'shop:2', replicas: 3 }));
    expect(healthOf(second)).toMatchObject({ status: 'in-progress', reason: 'LatestGenerationNotObserved' });
    expect(await becomes(second, 'current')).toMatchObject({ message: '3 pods run' });
  });

  it('fails by the deadline of the Deployment, in the words of the server', async () => {
    const object = await cluster.apply(deployment('late', { pods: 'unready', deadline: 1 }));
    expect(await becomes(object, 'failed')).toEqual({
      status: 'failed',
      reason: 'ProgressDeadlineExceeded',
      message: expect.stringContaining('has timed out progressing'),
    });
    expect(await troubles(object, '(2 pods)')).toEqual(['Container app runs but is not ready (2 pods)']);
  });

  it('is terminating while its pods go', async () => {
    const object = await cluster.apply(deployment('going'));
    await becomes(object, 'current');
    expect(await cluster.remove(referenceOf(object), object.metadata.uid)).toBe('deleting');
    const last = await cluster.get(referenceOf(object));
    if (last) expect(healthOf(last)).toMatchObject({ status: 'terminating' });
    await eventually(async () => (await cluster.get(referenceOf(object))) === null || undefined);
    expect(await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: 'app=going' })).toEqual([]);
  });
});

describe('podTroubles', () => {
  it('tells an image that cannot be pulled, once for all pods, and nothing of the pods before', async () => {
    const before = await cluster.apply(deployment('pull'));
    await becomes(before, 'current');
    const object = await cluster.apply(deployment('pull', { image: 'shop:2', replicas: 4, pods: 'pull-fails' }));
    const lines = await troubles(object, 'Container app: ', ' pods)');
    expect(lines[0]).toMatch(/^Container app: (ErrImagePull|ImagePullBackOff); .+ \(\d pods\)$/);
    expect(lines.every((line) => line.length <= 300)).toBe(true);
  });

  it('tells a crash with its exit code and last words', async () => {
    const object = await cluster.apply(deployment('crash', { pods: 'crash-loops' }));
    const [line] = await troubles(object, 'CrashLoopBackOff');
    expect(line).toMatch(/^Container app: CrashLoopBackOff; .*last exit code [1-9]\d* \(Error\)/);
  });

  it('tells why no node takes a pod', async () => {
    const object = await cluster.apply(deployment('huge', { cpu: '5000' }));
    const lines = await troubles(object, 'Unschedulable: ', 'FailedScheduling');
    expect(lines[0]).toMatch(/Insufficient cpu/);
  });

  it('tells what keeps pods from being made', async () => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'tight', namespace },
      spec: { hard: { 'requests.cpu': '1' } },
    };
    const made = await cluster.apply(quota);
    const object = await cluster.apply(deployment('refused', { cpu: '3' }));
    const lines = await troubles(object, 'FailedCreate: ');
    expect(lines[0]).toMatch(/exceeded quota: tight/);
    expect((await becomes(object, 'in-progress', 'LessReplicas')).message).toMatch(/exceeded quota/);
    await cluster.remove(referenceOf(made), made.metadata.uid);
  });

  it('tells what it may not read', async () => {
    const object = await cluster.apply(deployment('unread', { replicas: 0 }));
    const stranger = await connectCluster({ kubeconfig: testKubernetes().strangerKubeconfig });
    expect(await podTroubles(stranger, await live(object))).toEqual([
      expect.stringMatching(/^Pods cannot be read: pods is forbidden: User "stranger" cannot list resource "pods"/),
      expect.stringMatching(/^Events cannot be read: /),
    ]);
    stranger.close();
  });
});

describe('driftOf', () => {
  const edit = (name: string, ...args: string[]): Promise<string> =>
    kubectl(['-n', namespace, ...args, `deployment/${name}`]);

  it('finds nothing where defaults, a status and the fields of others stand', async () => {
    const object = deployment('same', { replicas: 1 });
    await cluster.apply(object);
    await becomes(object, 'current');
    await kubectl(['-n', namespace, 'label', 'deployment/same', 'team=blue']);
    expect(await driftOf(cluster, object, await live(object))).toEqual([]);
  });

  it('finds what another manager took by force, a field that was removed and a list that was changed', async () => {
    const object = deployment('edited', { labels: { tier: 'web' } });
    await cluster.apply(object);
    await edit('edited', 'scale', '--replicas=5');
    await kubectl(['-n', namespace, 'set', 'image', 'deployment/edited', 'app=shop:hacked']);
    await kubectl(['-n', namespace, 'label', 'deployment/edited', 'tier-']);
    expect((await driftOf(cluster, object, await live(object))).sort()).toEqual([
      'metadata.labels',
      'spec.replicas',
      'spec.template.spec.containers[0].image',
    ]);
    await cluster.apply(object);
    expect(await driftOf(cluster, object, await live(object))).toEqual([]);
  });

  it('compares with what stands there now, however old the object is that it was given', async () => {
    const object = deployment('old', { replicas: 1 });
    const first = await cluster.apply(object);
    await becomes(object, 'current');
    await kubectl(['-n', namespace, 'label', 'deployment/old', 'team=blue']);
    expect(await driftOf(cluster, object, first)).toEqual([]);
  });

  it('finds an object missing that is gone or was made anew by others', async () => {
    const object = deployment('lost', { replicas: 0 });
    const { metadata } = await cluster.apply(object);
    expect(await driftOf(cluster, object, null)).toEqual(['missing']);
    const before = await live(object);
    await cluster.remove(referenceOf(object), metadata.uid);
    await eventually(async () => (await cluster.get(referenceOf(object))) === null || undefined);
    expect(await driftOf(cluster, object, before)).toEqual(['missing']);
  });
});

describe('emitEvent', () => {
  const eventsAbout = (object: LiveObject): Promise<readonly LiveObject[]> =>
    cluster.list({
      apiVersion: 'v1',
      kind: 'Event',
      namespace,
      fieldSelector: `involvedObject.uid=${object.metadata.uid},source=waybill.dev/operator`,
    });

  it('is shown by kubectl, and never fails its caller', async () => {
    const object = await cluster.apply(deployment('told', { replicas: 0 }));
    const words = { type: 'Warning', reason: 'RolloutFailed', message: 'x'.repeat(3000) } as const;
    await emitEvent(cluster, object, { ...words, annotations: { 'waybill.dev/release': 'r1' } });
    await emitEvent(cluster, object, words);
    await emitEvent(cluster, object, { type: 'Normal', reason: 'RolledOut', message: 'All pods run' });
    const events = await eventsAbout(object);
    expect(events.map(({ reason }) => reason).sort()).toEqual(['RolledOut', 'RolloutFailed']);
    expect(events.find(({ reason }) => reason === 'RolloutFailed')?.metadata.annotations).toEqual({
      'waybill.dev/release': 'r1',
    });
    expect(await kubectl(['-n', namespace, 'describe', 'deployment', 'told'])).toMatch(
      /RolledOut .*waybill.dev\/operator.*All pods run/,
    );
    const stranger = await connectCluster({ kubeconfig: testKubernetes().strangerKubeconfig });
    await expect(emitEvent(stranger, object, words)).resolves.toBeUndefined();
    stranger.close();
  });
});

describe('emitEvent, again and again', () => {
  it('counts, and writes the count now and then', async () => {
    const object = await cluster.apply(deployment('repeated', { replicas: 0 }));
    let now = 1_000_000;
    const emit = (): Promise<void> =>
      emitEvent(cluster, object, { type: 'Warning', reason: 'Delayed', message: 'once more' }, () => now);
    const seen = async (): Promise<unknown[]> => {
      const selector = `regarding.uid=${object.metadata.uid}`;
      const events = await cluster.list({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        namespace,
        fieldSelector: selector,
      });
      return events.map(({ series }) => (series as { count?: number } | undefined)?.count ?? 1);
    };
    await emit();
    now += 100;
    await emit();
    expect(await seen()).toEqual([1]);
    now += 20_000;
    await emit();
    expect(await seen()).toEqual([3]);
    now += 3_600_000;
    await emit();
    expect((await seen()).sort()).toEqual([1, 3]);
  });
});

describe('ownedBy', () => {
  it('finds what has our labels, of the kinds that are served', async () => {
    const labels = {
      'app.kubernetes.io/managed-by': 'waybill',
      'waybill.dev/project': 'shop',
      'waybill.dev/slot': namespace,
    };
    await cluster.apply(deployment('ours', { replicas: 0, labels }));
    await cluster.apply(deployment('theirs', { replicas: 0, labels: { ...labels, 'waybill.dev/slot': 'other' } }));
    const kinds = [
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
    ];
    const found = await ownedBy(cluster, { project: 'shop', slot: namespace }, kinds);
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['ours']);
  });
});
