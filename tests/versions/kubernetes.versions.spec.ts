import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  OLD_APIS_ONLY,
  type StartedKubernetes,
  servedResources,
  startKubernetes,
} from '../../tools/servers/for-specs.js';
import { apply, ask, deployment, kubectlOn, read } from './cluster.js';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

let old: StartedKubernetes;
let current: StartedKubernetes;

beforeAll(async () => {
  [old, current] = await Promise.all([
    startKubernetes({ version: '1.24', runtimeConfig: OLD_APIS_ONLY }),
    startKubernetes({ version: '1.36' }),
  ]);
});
afterAll(() => Promise.all([old?.stop(), current?.stop()]));

function autoscaler(version: string): object {
  const resource = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } };
  return {
    apiVersion: `autoscaling/${version}`,
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web-blue' },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [{ type: 'Resource', resource }],
    },
  };
}

const budget = {
  apiVersion: 'policy/v1beta1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default' },
  spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
};

describe('an old control plane beside the current one', () => {
  it('is what it says', async () => {
    const told = (cluster: StartedKubernetes) => read<{ gitVersion: string }>(cluster, '/version');
    expect([old.version, current.version]).toEqual(['1.24.17', '1.36.3']);
    expect((await told(old)).gitVersion).toBe('v1.24.17');
    expect((await told(current)).gitVersion).toBe('v1.36.3');
  });

  it('serves other versions', async () => {
    const served = async (cluster: StartedKubernetes, group: string) =>
      (await read<{ versions: { version: string }[] }>(cluster, `/apis/${group}`)).versions.map(
        ({ version }) => version,
      );
    expect(await served(old, 'autoscaling')).toEqual(['v1', 'v2beta1', 'v2beta2']);
    expect(await served(old, 'policy')).toEqual(['v1beta1']);
    expect(await served(current, 'autoscaling')).toEqual(['v2', 'v1']);
    expect(await served(current, 'policy')).toEqual(['v1']);
  });

  it('refuses autoscaling/v2 and takes v2beta2, and the current one the other way round', async () => {
    const create = async (cluster: StartedKubernetes, version: string) => {
      const path = `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers?dryRun=All`;
      return (await ask(cluster, path, { body: autoscaler(version) })).status;
    };
    expect([await create(old, 'v2'), await create(old, 'v2beta2')]).toEqual([404, 201]);
    expect([await create(current, 'v2'), await create(current, 'v2beta2')]).toEqual([201, 404]);
  });

  it('has no aggregated discovery', async () => {
    expect((await ask(old, '/apis', { accept: AGGREGATED })).body.kind).toBe('APIGroupList');
    expect((await ask(current, '/apis', { accept: AGGREGATED })).body.kind).toBe('APIGroupDiscoveryList');
  });

  it.each([
    ['old', () => old],
    ['current', () => current],
  ])('rolls a Deployment out: the %s one', async (_, cluster) => {
    await apply(cluster(), deployment('web', 'blue', 3));
    const out = await kubectlOn(cluster())(['rollout', 'status', 'deployment/web-blue', '--timeout=60s']);
    expect(out).toContain('successfully rolled out');
  });
});

describe('an old control plane that is upgraded', () => {
  interface Seen {
    metadata: { uid: string };
    spec: Record<string, unknown>;
  }
  const named = (groupVersion: string, plural: string) => `/apis/${groupVersion}/namespaces/default/${plural}`;
  let deployed: Seen;

  it('goes on serving the same objects in new versions too', async () => {
    await apply(old, deployment('web', 'blue', 3), autoscaler('v2beta2'), budget);
    deployed = await read<Seen>(old, `${named('apps/v1', 'deployments')}/web-blue`);
    await old.upgrade({});
    expect(old.version).toBe('1.24.17');
    expect(await servedResources(old, 'autoscaling/v2')).toContain('horizontalpodautoscalers');
    const [before, after] = await Promise.all(
      ['autoscaling/v2beta2', 'autoscaling/v2'].map((version) =>
        read<Seen>(old, `${named(version, 'horizontalpodautoscalers')}/web`),
      ),
    );
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    expect(after?.spec).toEqual(before?.spec);
  });

  it('goes on as the current version on the same data, address and tokens', async () => {
    await old.upgrade({ version: '1.36' });
    expect(old.version).toBe('1.36.3');
    expect((await read<{ gitVersion: string }>(old, '/version')).gitVersion).toBe('v1.36.3');
    expect(await servedResources(old, 'autoscaling/v2beta2')).toEqual([]);
    expect(await servedResources(old, 'policy/v1beta1')).toEqual([]);
    const scaler = await read<Seen>(old, `${named('autoscaling/v2', 'horizontalpodautoscalers')}/web`);
    expect(scaler.spec).toMatchObject({ minReplicas: 2, maxReplicas: 4 });
    const kept = await read<Seen>(old, `${named('policy/v1', 'poddisruptionbudgets')}/web`);
    expect(kept.spec).toMatchObject({ minAvailable: 1 });
    const still = await read<Seen>(old, `${named('apps/v1', 'deployments')}/web-blue`);
    expect(still.metadata.uid).toBe(deployed.metadata.uid);
  });

  it('rolls out with the controllers of its new version', async () => {
    await apply(old, deployment('later', 'blue', 2));
    const out = await kubectlOn(old)(['rollout', 'status', 'deployment/later-blue', '--timeout=60s']);
    expect(out).toContain('successfully rolled out');
  });
});
