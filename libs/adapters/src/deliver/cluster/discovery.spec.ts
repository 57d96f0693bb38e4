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

/** What nobody serves is answered with 404, or 503 while the server begins. */
let begins = false;

async function against(handle: Handler): Promise<void> {
  begins = false;
  double = await apiServerDouble((request, response) => {
    if (!request.url.pathname.includes('nobody-serves-this')) return handle(request, response);
    if (begins) refuse(response, 503, 'ServiceUnavailable', 'before all known HTTP paths have been installed');
    else response.writeHead(404).end('404 page not found');
  });
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
    expect(double.asked).toHaveLength(6);
    await cluster.capabilities();
    expect(double.asked).toHaveLength(6);
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
    expect(double.asked.slice(1)).toEqual(['GET /api', 'GET /apis', 'GET /api', 'GET /apis']);
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

  it('is not believed while it begins and knows only a part', async () => {
    let all = true;
    await against(({ url }, response) => {
      const groups = all
        ? [item('apps', ['Deployment']), item('waybill.dev', ['Release'])]
        : [item('apps', ['Deployment'])];
      answer(response, list(...(url.pathname === '/api' ? [item('', ['Pod'])] : groups)) as never);
    });
    begins = true;
    await expect(cluster.capabilities()).rejects.toMatchObject({ status: 503, retryable: true });
    begins = false;
    const complete = await cluster.capabilities();
    expect(complete.served).toContain('waybill.dev/v1/Release');

    [all, begins] = [false, true];
    await expect(cluster.refresh()).rejects.toMatchObject({ status: 503, retryable: true });
    expect(await cluster.capabilities()).toEqual(complete);
    begins = false;
    expect((await cluster.refresh()).served).not.toContain('waybill.dev/v1/Release');
  });

  it('does not take an object for gone while the server of its group is away', async () => {
    await against(({ url }, response) => {
      const groups = [item('metrics.k8s.io', [], 'Stale')];
      answer(response, list(...(url.pathname === '/api' ? [item('', ['Pod'])] : groups)) as never);
    });
    const reference = { group: 'metrics.k8s.io', version: 'v1', kind: 'PodMetrics', namespace: 'shop', name: 'a' };
    await expect(cluster.get(reference)).rejects.toMatchObject({ reason: 'KindNotServed', retryable: true });
    await expect(cluster.remove(reference, 'u')).rejects.toMatchObject({ reason: 'KindNotServed' });
    expect(await cluster.get({ ...reference, group: 'other.k8s.io' })).toBeNull();
  });
});
