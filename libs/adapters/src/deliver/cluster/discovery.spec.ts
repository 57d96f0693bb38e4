import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ApiServerDouble,
  type Handler,
  answer,
  apiServerDouble,
  refuse,
} from '../../testing/api-server-double.js';
import type { Cluster } from './cluster.js';
import { connectCluster } from './connect.js';

let double: ApiServerDouble;
let cluster: Cluster;

async function against(handle: Handler): Promise<void> {
  double = await apiServerDouble(handle);
  cluster = await connectCluster({ kubeconfig: double.kubeconfig });
}
afterEach(async () => {
  cluster.close();
  await double.close();
});

const resources = (groupVersion: string, ...kinds: string[]) => ({
  kind: 'APIResourceList',
  groupVersion,
  resources: kinds.flatMap((kind) => [
    { name: `${kind.toLowerCase()}s`, kind, namespaced: true, verbs: ['get', 'list'] },
    { name: `${kind.toLowerCase()}s/status`, kind, namespaced: true, verbs: ['get'] },
  ]),
});

const group = (name: string, ...versions: string[]) => ({
  name,
  versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
});

describe('a server without aggregated discovery', () => {
  const OLD: Readonly<Record<string, object>> = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': { kind: 'APIGroupList', groups: [group('apps', 'v1'), group('metrics.k8s.io', 'v1beta1')] },
    '/api/v1': resources('v1', 'ConfigMap', 'Pod'),
    '/apis/apps/v1': resources('apps/v1', 'Deployment'),
    '/apis/metrics.k8s.io/v1beta1': resources('metrics.k8s.io/v1beta1', 'PodMetrics'),
  };

  it('is asked group by group', async () => {
    await against(({ url }, response) => answer(response, OLD[url.pathname] as never));
    expect((await cluster.capabilities()).served).toEqual([
      'apps/v1/Deployment',
      'metrics.k8s.io/v1beta1/PodMetrics',
      'v1/ConfigMap',
      'v1/Pod',
    ]);
    expect(double.asked).toHaveLength(5);
    await cluster.capabilities();
    expect(double.asked).toHaveLength(5);
  });

  it('does not hide the rest when the server of one group is away, and what it served is remembered', async () => {
    let away = false;
    await against(({ url }, response) => {
      if (away && url.pathname.includes('metrics')) refuse(response, 503, 'ServiceUnavailable', 'service unavailable');
      else answer(response, OLD[url.pathname] as never);
    });
    await cluster.refresh();
    away = true;
    expect((await cluster.refresh()).served).toContain('metrics.k8s.io/v1beta1/PodMetrics');
  });

  it('hides only what is away from the start', async () => {
    await against(({ url }, response) => {
      if (url.pathname.includes('metrics')) refuse(response, 503, 'ServiceUnavailable', 'service unavailable');
      else answer(response, OLD[url.pathname] as never);
    });
    expect((await cluster.capabilities()).served).toEqual(['apps/v1/Deployment', 'v1/ConfigMap', 'v1/Pod']);
  });
});

describe('a server with aggregated discovery', () => {
  const list = (...items: object[]) => ({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items });
  const item = (name: string, kinds: string[], freshness = 'Current') => ({
    metadata: { name },
    versions: [
      {
        version: 'v1',
        freshness,
        resources: kinds.map((kind) => ({
          resource: `${kind.toLowerCase()}s`,
          responseKind: { group: name, version: 'v1', kind },
          scope: 'Namespaced',
          verbs: ['get'],
          subresources: [
            { subresource: 'scale', responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' } },
          ],
        })),
      },
    ],
  });

  it('is asked twice, and with what is known already', async () => {
    let looks = 0;
    await against(({ url }, response) => {
      looks += 1;
      if (looks > 2) return void response.writeHead(304).end();
      answer(response, list(url.pathname === '/api' ? item('', ['Pod']) : item('apps', ['Deployment'])) as never, 200, {
        etag: '"1"',
      });
    });
    const first = await cluster.refresh();
    expect(first.served).toEqual(['apps/v1/Deployment', 'v1/Pod']);
    expect(await cluster.refresh()).toEqual(first);
    expect(double.asked).toEqual(['GET /api', 'GET /apis', 'GET /api', 'GET /apis']);
  });

  it('remembers what a group served whose server is away', async () => {
    let stale = false;
    await against(({ url }, response) => {
      const groups = [
        item('apps', ['Deployment']),
        item('metrics.k8s.io', stale ? [] : ['PodMetrics'], stale ? 'Stale' : 'Current'),
      ];
      answer(response, list(...(url.pathname === '/api' ? [item('', ['Pod'])] : groups)) as never);
    });
    const first = await cluster.refresh();
    stale = true;
    expect(await cluster.refresh()).toEqual(first);
  });
});
