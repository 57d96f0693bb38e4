import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ApiServerDouble,
  type Handler,
  answer,
  apiServerDouble,
  refuse,
} from '../../testing/api-server-double.js';
import type { Cluster, LiveObject } from './cluster.js';
import { connectCluster } from './connect.js';

let double: ApiServerDouble;
let cluster: Cluster;

const DISCOVERY: Readonly<Record<string, object>> = {
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['list', 'watch'] }],
  },
};

/** A server of ConfigMaps; `handle` answers what is asked of them. */
async function against(handle: Handler): Promise<void> {
  double = await apiServerDouble((request, response) => {
    const known = DISCOVERY[request.url.pathname];
    if (request.url.pathname.includes('nobody-serves-this')) response.writeHead(404).end();
    else if (known) answer(response, known as never);
    else handle(request, response);
  });
  cluster = await connectCluster({ kubeconfig: double.kubeconfig });
}
afterEach(async () => {
  cluster.close();
  await double.close();
});

const reference = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' };
const item = (name: string) => ({ metadata: { name, namespace: 'shop', uid: `u-${name}`, resourceVersion: '1' } });
const page = (names: string[], next = '') => ({
  kind: 'ConfigMapList',
  metadata: { resourceVersion: '10', continue: next },
  items: names.map(item),
});
const namesOf = (objects: readonly LiveObject[]): string[] => objects.map(({ metadata }) => metadata.name);

describe('answers that a reconcile loop must understand', () => {
  it('tells when to come back', async () => {
    await against((_, response) =>
      refuse(response, 429, 'TooManyRequests', 'too many requests', { 'retry-after': '7' }),
    );
    await expect(cluster.get(reference)).rejects.toMatchObject({ status: 429, retryable: true, retryAfterSeconds: 7 });
  });

  it('begins a list anew when its pages are forgotten, and gives nothing twice', async () => {
    let lists = 0;
    await against(({ url }, response) => {
      if (url.searchParams.get('continue') === null) {
        lists += 1;
        answer(response, page(['a', 'b'], 'more'));
      } else if (lists === 1) refuse(response, 410, 'Expired', 'the provided continue parameter is too old');
      else answer(response, page(['c']));
    });
    expect(namesOf(await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap' }))).toEqual(['a', 'b', 'c']);
    expect(lists).toBe(2);
  });

  it('does not take a page of a proxy for an object', async () => {
    await against((_, response) => response.writeHead(200).end('<html>Sign in</html>'));
    await expect(cluster.get(reference)).rejects.toMatchObject({ reason: 'StrangeAnswer', retryable: true });
  });

  it('ends a request that the caller gave up', async () => {
    const stop = new AbortController();
    await against(() => stop.abort(new Error('enough')));
    await expect(cluster.get(reference, { signal: stop.signal })).rejects.toThrow('enough');
  });

  it('has no more than 16 requests under way', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    await against((_, response) => {
      waiting.push(() => answer(response, { kind: 'ConfigMap', apiVersion: 'v1', ...item('a') }));
      most = Math.max(most, waiting.length);
      if (waiting.length === 16) for (const done of waiting.splice(0)) done();
    });
    await cluster.refresh();
    await Promise.all(Array.from({ length: 64 }, () => cluster.get(reference)));
    expect(most).toBe(16);
  });
});
