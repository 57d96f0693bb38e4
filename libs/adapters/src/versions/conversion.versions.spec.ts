import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type StartedKubernetes, installIstioCrds, startKubernetes } from '../../../../tools/servers/for-specs.js';
import type { Cluster, LiveObject } from '../deliver/cluster/cluster.js';
import { connectCluster } from '../deliver/cluster/connect.js';
import { type KubernetesObject, referenceOf } from '../plan/objects.js';
import { inServedVersions } from './in-served-versions.js';

const CASES = join(__dirname, '../../../../tests/golden/manifests');

/** The extra manifests of a golden case, of the kinds that are named. */
function manifestsOf(name: string, ...kinds: string[]): KubernetesObject[] {
  const { manifests } = JSON.parse(readFileSync(join(CASES, name, 'desired.json'), 'utf8')) as DesiredState;
  return manifests.map(({ object }) => object as KubernetesObject).filter(({ kind }) => kinds.includes(kind));
}

/** What stands in the files of a golden case: what is sent. */
const sentIn = (name: string): KubernetesObject[] =>
  readdirSync(join(CASES, name, 'expected')).map(
    (file) => parse(readFileSync(join(CASES, name, 'expected', file), 'utf8')) as KubernetesObject,
  );

/** Behind a gate in 1.24, whose own translation from v2beta1 loses the container: it is no measure for that one. */
function withoutContainers(object: KubernetesObject): KubernetesObject {
  const { metrics, ...spec } = object['spec'] as { metrics?: { type: string }[] };
  if (!metrics) return object;
  return { ...object, spec: { ...spec, metrics: metrics.filter(({ type }) => type !== 'ContainerResource') } };
}

async function withServer(
  start: () => Promise<StartedKubernetes>,
): Promise<{ server: StartedKubernetes; cluster: Cluster; stop: () => Promise<void> }> {
  const server = await start();
  const cluster = await connectCluster({ kubeconfig: server.kubeconfig });
  return {
    server,
    cluster,
    async stop() {
      cluster.close();
      await server.stop();
    },
  };
}

const OTHER: Readonly<Record<string, string>> = {
  'policy/v1beta1/PodDisruptionBudget': 'policy/v1',
  'policy/v1/PodDisruptionBudget': 'policy/v1beta1',
  'autoscaling/v2beta1/HorizontalPodAutoscaler': 'autoscaling/v2',
  'autoscaling/v2/HorizontalPodAutoscaler': 'autoscaling/v2beta1',
  'batch/v1beta1/CronJob': 'batch/v1',
};

/** An API server that serves old and new versions of a kind translates between them itself: it is to say the same. */
describe('what the table translates', () => {
  let there: Awaited<ReturnType<typeof withServer>>;
  beforeAll(async () => void (there = await withServer(() => startKubernetes({ version: '1.24' }))));
  afterAll(() => there.stop());

  const named = (object: KubernetesObject, name: string): KubernetesObject => ({
    ...object,
    metadata: { name, namespace: 'default' },
  });

  async function specIn(apiVersion: string, object: KubernetesObject): Promise<unknown> {
    await there.cluster.apply(object);
    const live: LiveObject | null = await there.cluster.get(referenceOf({ ...object, apiVersion }));
    expect(live?.apiVersion).toBe(apiVersion);
    return live?.['spec'];
  }

  const lifted = [
    ...manifestsOf('versions-budgets-and-autoscalers-lifted', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'),
    ...manifestsOf('versions-workloads-lifted', 'CronJob'),
  ];
  const lowered = manifestsOf(
    'versions-budgets-and-autoscalers-lowered',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
  );
  const pairs = [...lifted, ...lowered].map((object) => {
    const { kind, apiVersion } = object;
    const to = OTHER[`${apiVersion}/${kind}`]!;
    return { kind, from: apiVersion, to, name: object.metadata.name, object: withoutContainers(object) };
  });

  it.each(pairs)(
    '$kind $name from $from to $to is what the API server makes of it',
    async ({ object, kind, from, to }) => {
      const served = [`${to}/${kind}`, 'extensions/v1beta1/Deployment', 'apps/v1/Deployment'];
      const [ours] = inServedVersions({ own: [], extra: [object] }, { served });
      expect(ours!.apiVersion).toBe(to);
      // Both are read in the newer of the two, after the defaults of their own versions were filled in.
      const newer = /beta/.test(from) ? to : from;
      const name = object.metadata.name;
      expect(await specIn(newer, named(ours!, `${name}-ours`))).toEqual(
        await specIn(newer, named(object, `${name}-theirs`)),
      );
    },
  );
});

describe('what is sent to a current cluster', () => {
  let there: Awaited<ReturnType<typeof withServer>>;
  beforeAll(async () => {
    there = await withServer(() => startKubernetes({ version: '1.36' }));
    await installIstioCrds(there.server, '1.30');
    await there.cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-feature' } });
  });
  afterAll(() => there.stop());

  it.each([
    'versions-budgets-and-autoscalers-lifted',
    'versions-kubernetes-1.36-istio-1.30',
    'versions-network-lifted',
    'versions-workloads-lifted',
  ])('is taken by it: %s', async (name) => {
    for (const object of sentIn(name)) {
      const live = await there.cluster.apply(object);
      expect(live).toMatchObject({ apiVersion: object.apiVersion, kind: object.kind });
    }
  });
});
