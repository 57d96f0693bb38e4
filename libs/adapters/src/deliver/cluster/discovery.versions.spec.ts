import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type KubernetesVersion,
  OLD_APIS_ONLY,
  type StartedKubernetes,
  startKubernetes,
} from '../../../../../tools/servers/for-specs.js';
import type { Cluster } from './cluster.js';
import { connectCluster } from './connect.js';

let server: StartedKubernetes | undefined;
let cluster: Cluster | undefined;
afterEach(async () => {
  cluster?.close();
  await server?.stop();
});

async function read<T>({ kubectl, kubeconfig }: StartedKubernetes, path: string): Promise<T> {
  const { stdout } = await promisify(execFile)(kubectl, ['--kubeconfig', kubeconfig, 'get', '--raw', path]);
  return JSON.parse(stdout) as T;
}

/** As the server lists it itself, one group and version after another. */
async function servedBy(server: StartedKubernetes): Promise<string[]> {
  const { groups } = await read<{ groups: { versions: { groupVersion: string }[] }[] }>(server, '/apis');
  const versions = groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
  const lists = await Promise.all(
    ['v1', ...versions].map(async (version) => {
      const path = version === 'v1' ? '/api/v1' : `/apis/${version}`;
      const { resources } = await read<{ resources: { name: string; kind: string }[] }>(server, path);
      return resources.flatMap(({ name, kind }) => (name.includes('/') ? [] : [`${version}/${kind}`]));
    }),
  );
  return [...new Set(lists.flat())].sort();
}

describe('what a cluster serves', () => {
  const versions: [KubernetesVersion, Record<string, boolean> | undefined, string][] = [
    ['1.24', OLD_APIS_ONLY, 'autoscaling/v2beta2/HorizontalPodAutoscaler'],
    ['1.36', undefined, 'autoscaling/v2/HorizontalPodAutoscaler'],
  ];
  it.each(versions)('is known of Kubernetes %s', async (version, runtimeConfig, autoscaler) => {
    server = await startKubernetes({ version, ...(runtimeConfig && { runtimeConfig }) });
    cluster = await connectCluster({ kubeconfig: server.kubeconfig });
    const { served } = await cluster.capabilities();
    expect(served).toEqual(await servedBy(server));
    expect(served.filter((kind) => /^autoscaling\/v2.*Horizontal/.test(kind))).toContain(autoscaler);
    expect(served.includes('autoscaling/v2/HorizontalPodAutoscaler')).toBe(version === '1.36');
    // A look that finds nothing new says nothing, and what is known stays the very same.
    const told: number[] = [];
    cluster.onServed((now) => told.push(now.served.length), new AbortController().signal);
    expect(await cluster.refresh()).toBe(await cluster.capabilities());
    expect(told).toEqual([]);
  });

  it('is told when it becomes something else', async () => {
    server = await startKubernetes({ version: '1.36' });
    cluster = await connectCluster({ kubeconfig: server.kubeconfig });
    await cluster.capabilities();
    const changed = new Promise<readonly string[]>((resolve) => {
      cluster?.onServed(({ served }) => resolve(served), new AbortController().signal);
    });
    await server.upgrade({ runtimeConfig: { 'policy/v1': false } });
    await cluster.refresh();
    expect(await changed).not.toContain('policy/v1/PodDisruptionBudget');
  });
});
