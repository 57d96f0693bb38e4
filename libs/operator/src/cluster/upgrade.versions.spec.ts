import { FIELD_MANAGER } from '@waybill/adapters';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import type { EnvironmentId } from '@waybill/domain';
import {
  OLD_APIS_ONLY,
  type StartedKubernetes,
  installIstioCrds,
  serveCrdVersion,
  startKubernetes,
} from '../../../../tools/servers/for-specs.js';
import { apiVersionOf, referenceOfEntry } from '../release-resource/inventory.js';
import type { InventoryEntry, Release } from '../release-resource/release.js';
import { recorded, step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';

const ROUND = ['ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'];
const lease = { leaseSeconds: 60, renewSeconds: 20 };

/** Something of each kind whose version differs from cluster to cluster. */
const everything = (desired: DesiredState): DesiredState => ({
  ...desired,
  service: { ...desired.service, autoscaling: { minReplicas: 2, maxReplicas: 4, targetCpuPercent: 70 } },
  resources: [
    ...desired.resources,
    { resource: 'istio-here', kind: 'istio', parameters: desired.resources[0]!.parameters, connection: null },
  ],
  manifests: [
    {
      file: 'budget.yaml',
      object: {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'web' },
        spec: { maxUnavailable: 1, selector: {} },
      },
    },
    {
      file: 'gateway.yaml',
      object: {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: { name: 'web' },
        spec: {
          selector: { istio: 'ingressgateway' },
          servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['web.example'] }],
        },
      },
    },
  ],
});

/** Extra kinds need a role of their own (docs/operator.md). */
async function mayWriteExtras({ admin, namespace }: KubernetesBench): Promise<void> {
  const verbs = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
  const name = `extras-${namespace}`;
  const apiGroup = 'rbac.authorization.k8s.io';
  await admin.apply({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs },
      { apiGroups: ['networking.istio.io'], resources: ['gateways'], verbs },
    ],
  });
  await admin.apply({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ apiGroup, kind: 'Group', name: 'waybill:operators' }],
  });
}

const versionsOf = ({ status }: Release): Record<string, string> =>
  Object.fromEntries(status!.inventory.map((entry) => [entry.kind, apiVersionOf(entry)]));
const uidsOf = ({ status }: Release): (readonly [string, string | undefined])[] =>
  status!.inventory.map(({ kind, name, uid }) => [`${kind} ${name}`, uid] as const).sort();

/** What the ledger records of a generation, once it is healthy. */
async function untilHealthy(bench: KubernetesBench, environment: EnvironmentId, generation: number): Promise<string[]> {
  for (;;) {
    const all = bench.reports.all();
    const events = recorded(all, environment, generation);
    if (events.includes('DeploymentHealthy')) return events;
    await bench.reports.first(all.length + 1);
  }
}

/** Each object of the inventory is there, read in the version it was written in, and ours in that version only. */
async function holdsOnlyServed(bench: KubernetesBench, inventory: readonly InventoryEntry[]): Promise<void> {
  const { served } = await bench.admin.refresh();
  for (const entry of inventory) {
    expect(served).toContain(`${apiVersionOf(entry)}/${entry.kind}`);
    const live = await bench.admin.get(referenceOfEntry(entry));
    expect(live).toMatchObject({ apiVersion: apiVersionOf(entry), metadata: { uid: entry.uid } });
    const entries = live!.metadata['managedFields'] as unknown as { manager: string; apiVersion: string }[];
    const ours = entries.filter(({ manager }) => manager === FIELD_MANAGER);
    expect(ours.map(({ apiVersion }) => apiVersion)).toEqual([apiVersionOf(entry)]);
  }
}

describe('the same release in clusters of different versions', () => {
  const servers: StartedKubernetes[] = [];
  const benches: KubernetesBench[] = [];
  beforeAll(async () => {
    servers.push(
      ...(await Promise.all([
        startKubernetes({ version: '1.24', runtimeConfig: OLD_APIS_ONLY }),
        startKubernetes({ version: '1.36' }),
      ])),
    );
    await installIstioCrds(servers[0]!, '1.16');
    await installIstioCrds(servers[1]!, '1.30');
    for (const server of servers) benches.push(await kubernetesBench(server));
  });
  afterAll(async () => {
    for (const bench of benches) await bench.dispose();
    for (const server of servers) await server.stop();
  });

  async function deployed(bench: KubernetesBench): Promise<Release> {
    await mayWriteExtras(bench);
    await bench.start({ lease });
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, (desired) => everything(bench.place(desired))));
    const release = await bench.until(environment, ({ status }) => status?.outcome !== undefined);
    expect(release.status!.outcome).toMatchObject({ phase: 'healthy' });
    expect(recorded(await bench.heard('healthy'), environment, 1)).toEqual(['DeploymentAccepted', ...ROUND]);
    return release;
  }

  it('is written in what each of them serves', async () => {
    const [old, current] = benches as [KubernetesBench, KubernetesBench];
    const [first, second] = [await deployed(old), await deployed(current)];
    const same = { Service: 'v1', Deployment: 'apps/v1' };
    const istio = (version: string): object => ({
      DestinationRule: `networking.istio.io/${version}`,
      Gateway: `networking.istio.io/${version}`,
      VirtualService: `networking.istio.io/${version}`,
    });
    expect(versionsOf(first)).toEqual({
      ...same,
      HorizontalPodAutoscaler: 'autoscaling/v2beta2',
      PodDisruptionBudget: 'policy/v1beta1',
      ...istio('v1beta1'),
    });
    expect(versionsOf(second)).toEqual({
      ...same,
      HorizontalPodAutoscaler: 'autoscaling/v2',
      PodDisruptionBudget: 'policy/v1',
      ...istio('v1'),
    });
    await holdsOnlyServed(old, first.status!.inventory);
    await holdsOnlyServed(current, second.status!.inventory);
    // An empty selector means every pod, in whichever version it is said.
    for (const bench of benches) {
      const live = await bench.see(
        {
          group: 'policy',
          version: bench === old ? 'v1beta1' : 'v1',
          kind: 'PodDisruptionBudget',
          namespace: bench.target,
          name: 'web',
        },
        (budget) => ((budget?.['status'] as { expectedPods?: number } | undefined)?.expectedPods ?? 0) > 0,
      );
      expect(live).not.toBeNull();
    }
  });
});

describe('a cluster that is upgraded under a running operator', () => {
  let server: StartedKubernetes;
  let bench: KubernetesBench;
  beforeAll(async () => {
    server = await startKubernetes({ version: '1.24', runtimeConfig: OLD_APIS_ONLY });
    await installIstioCrds(server, '1.16');
  });
  afterAll(() => server.stop());
  beforeEach(async () => void (bench = await kubernetesBench(server)));
  afterEach(() => bench.dispose());

  it('gets everything in its new versions by itself, and loses nothing', async () => {
    await mayWriteExtras(bench);
    await bench.start({ lease, servedLookMs: 1_000 });
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, (desired) => everything(bench.place(desired))));
    const before = await bench.until(environment, ({ status }) => status?.outcome !== undefined);
    expect(before.status!.outcome).toMatchObject({ phase: 'healthy' });
    expect(versionsOf(before)).toMatchObject({ HorizontalPodAutoscaler: 'autoscaling/v2beta2' });

    await server.upgrade({ version: '1.36' });
    const after = await bench.until(
      environment,
      (now) => step('Steady')(now) && versionsOf(now)['HorizontalPodAutoscaler'] === 'autoscaling/v2',
    );
    expect(versionsOf(after)).toMatchObject({
      PodDisruptionBudget: 'policy/v1',
      VirtualService: 'networking.istio.io/v1beta1',
    });
    expect(uidsOf(after)).toEqual(uidsOf(before));
    await holdsOnlyServed(bench, after.status!.inventory);

    await installIstioCrds(server, '1.30');
    for (const plural of ['virtualservices', 'destinationrules', 'gateways']) {
      for (const old of ['v1alpha3', 'v1beta1']) {
        await serveCrdVersion(server, `${plural}.networking.istio.io`, old, false);
      }
    }
    const last = await bench.until(
      environment,
      (now) =>
        step('Steady')(now) &&
        ['VirtualService', 'DestinationRule', 'Gateway'].every(
          (kind) => versionsOf(now)[kind] === 'networking.istio.io/v1',
        ) &&
        now.status!.actions.length === 0,
    );
    expect(uidsOf(last)).toEqual(uidsOf(before));
    await holdsOnlyServed(bench, last.status!.inventory);
    const events = recorded(bench.reports.all(), environment, 1);
    expect(events.slice(0, 5)).toEqual(['DeploymentAccepted', ...ROUND]);
    expect(events).not.toContain('ObjectsPruned');
    expect(events).not.toContain('DriftDetected');
    expect(events.slice(-1)).toEqual(['DeploymentHealthy']);
    expect(events.filter((type) => type === 'ManifestsAdapted').length).toBeGreaterThan(1);
    // A release after it goes on from there.
    await bench.channel.publish(presentRecord(environment, 2, (desired) => everything(bench.place(desired))));
    const next = await bench.until(environment, step('Steady', 2));
    expect(uidsOf(next)).toEqual(uidsOf(before));
    expect(await untilHealthy(bench, environment, 2)).toEqual(['DeploymentAccepted', ...ROUND]);
  });
});

describe('a mesh that is upgraded under a running operator', () => {
  let server: StartedKubernetes;
  let bench: KubernetesBench;
  beforeAll(async () => {
    server = await startKubernetes({ version: '1.36' });
    await installIstioCrds(server, '1.16');
    bench = await kubernetesBench(server);
  });
  afterAll(async () => {
    await bench.dispose();
    await server.stop();
  });

  it('gets its routes in the new version as soon as its definitions say so', async () => {
    await mayWriteExtras(bench);
    await bench.start({ lease, servedLookMs: 3_600_000 });
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, (desired) => everything(bench.place(desired))));
    const before = await bench.until(environment, ({ status }) => status?.outcome !== undefined);
    expect(versionsOf(before)).toMatchObject({ VirtualService: 'networking.istio.io/v1beta1' });
    await installIstioCrds(server, '1.30');
    const kinds = ['VirtualService', 'DestinationRule', 'Gateway'];
    const after = await bench.until(
      environment,
      (now) => step('Steady')(now) && kinds.every((kind) => versionsOf(now)[kind] === 'networking.istio.io/v1'),
    );
    expect(uidsOf(after)).toEqual(uidsOf(before));
    await holdsOnlyServed(bench, after.status!.inventory);
  });
});
