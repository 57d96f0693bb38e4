import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type StartedKubernetes, installIstioCrds, startKubernetes } from '../../../../../tools/servers/for-specs.js';
import type { KubernetesObject } from '../../plan/objects.js';
import type { Cluster, LiveObject } from './cluster.js';
import { connectCluster } from './connect.js';
import { FIELD_MANAGER, appliedInAnotherVersion } from './managed-fields.js';

const CRD = 'virtualservices.networking.istio.io';

const virtualService = (version: string, labels: Record<string, string>, timeout?: string): KubernetesObject => ({
  apiVersion: `networking.istio.io/${version}`,
  kind: 'VirtualService',
  metadata: { name: 'web', namespace: 'default', labels },
  spec: {
    hosts: ['web'],
    http: [{ ...(timeout !== undefined && { timeout }), route: [{ destination: { host: 'web' } }] }],
  },
});

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly apiVersion: string;
}

const entriesOf = ({ metadata }: LiveObject): readonly Entry[] => metadata['managedFields'] as never;
const ourVersions = (live: LiveObject): string[] =>
  entriesOf(live)
    .filter(({ manager, operation }) => manager === FIELD_MANAGER && operation === 'Apply')
    .map(({ apiVersion }) => apiVersion);

describe('an object that was applied in a version that went', () => {
  let server: StartedKubernetes;
  let cluster: Cluster;
  beforeAll(async () => {
    server = await startKubernetes();
    await installIstioCrds(server, '1.30');
    cluster = await connectCluster({ kubeconfig: server.kubeconfig });
  }, 120_000);
  afterAll(async () => {
    cluster.close();
    await server.stop();
  });

  const kubectl = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(server.kubectl, ['--kubeconfig', server.kubeconfig, ...args])).stdout;

  it('is applied in another one, and what is no longer wanted of it goes', async () => {
    const first = await cluster.apply(virtualService('v1alpha3', { kept: 'yes', dropped: 'yes' }, '5s'));
    await kubectl('label', 'virtualservices.networking.istio.io', 'web', 'of=somebody');
    const next = virtualService('v1', { kept: 'yes' });
    expect(appliedInAnotherVersion(first, next.apiVersion)).toBe(true);
    expect(appliedInAnotherVersion(first, first.apiVersion)).toBe(false);
    await withoutVersion('v1alpha3');
    const there = (await cluster.get({ ...VIRTUAL_SERVICE, version: 'v1' }))!;
    const applied = await cluster.apply(next, { resourceVersion: there.metadata.resourceVersion, migrate: true });
    expect(applied.metadata.uid).toBe(first.metadata.uid);
    expect(applied.metadata.labels).toEqual({ kept: 'yes', of: 'somebody' });
    expect(applied['spec']).toEqual(next['spec']);
    expect(ourVersions(applied)).toEqual(['networking.istio.io/v1']);
    // Nothing is left to migrate: the next apply changes nothing.
    const again = await cluster.apply(next, { resourceVersion: applied.metadata.resourceVersion, migrate: true });
    expect(again.metadata.resourceVersion).toBe(applied.metadata.resourceVersion);
  });

  it('is applied also by somebody who does not know in which version it was applied before', async () => {
    await cluster.apply(virtualService('v1beta1', { kept: 'yes', dropped: 'yes' }));
    await withoutVersion('v1beta1');
    const next = virtualService('v1', { kept: 'yes' });
    const applied = await cluster.apply(next);
    expect(applied.metadata.labels).toEqual({ kept: 'yes', of: 'somebody' });
    expect(ourVersions(applied)).toEqual(['networking.istio.io/v1']);
  });

  const VIRTUAL_SERVICE = {
    group: 'networking.istio.io',
    version: 'v1',
    kind: 'VirtualService',
    namespace: 'default',
    name: 'web',
  };

  /** Taken out of the definition altogether, as a later release of Istio would. */
  async function withoutVersion(version: string): Promise<void> {
    const { spec } = JSON.parse(await kubectl('get', 'crd', CRD, '-o', 'json')) as {
      spec: { versions: { name: string }[] };
    };
    const place = spec.versions.findIndex(({ name }) => name === version);
    await kubectl(
      'patch',
      'crd',
      CRD,
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'remove', path: `/spec/versions/${place}` }]),
    );
    for (;;) {
      const { served } = await cluster.refresh();
      if (!served.includes(`networking.istio.io/${version}/VirtualService`)) return;
    }
  }
});
