import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedKubernetes, startKubernetes } from '../../../../../tools/servers/for-specs.js';
import { type KubernetesObject, referenceOf } from '../../plan/objects.js';
import { adminCluster, eventually, testNamespace } from '../../testing/test-kubernetes.js';
import type { Cluster, LiveObject, Selection, Watcher } from './cluster.js';
import { connectCluster } from './connect.js';

const configMap = (namespace: string, name: string, data: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels: { watched: 'yes' } },
  data,
});

const watched = (namespace: string): Selection => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace,
  labelSelector: 'watched=yes',
});

let stops: AbortController[] = [];
/** Ends with the test, also with one that failed. */
function stopping(): AbortController {
  const stop = new AbortController();
  stops.push(stop);
  return stop;
}
afterEach(() => {
  for (const stop of stops) stop.abort();
  stops = [];
});

const WIDGETS: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.watch.waybill.dev' },
  spec: {
    group: 'watch.waybill.dev',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

/** What a watch told, as it was told. */
function record(): Watcher & { readonly told: string[]; readonly state: Map<string, LiveObject>; failures: number } {
  const told: string[] = [];
  const state = new Map<string, LiveObject>();
  return {
    told,
    state,
    failures: 0,
    upsert(object) {
      told.push(`+${object.metadata.name}`);
      state.set(object.metadata.name, object);
    },
    remove(object) {
      told.push(`-${object.metadata.name}`);
      if (state.get(object.metadata.name)?.metadata.uid === object.metadata.uid) state.delete(object.metadata.name);
    },
    synced() {
      told.push('synced');
    },
    failed() {
      this.failures += 1;
    },
  };
}

const once = (condition: () => boolean): Promise<true> => eventually(() => Promise.resolve(condition() || undefined));

describe('watch', () => {
  let cluster: Cluster;
  let namespace: string;
  beforeAll(async () => {
    cluster = await adminCluster();
    namespace = await testNamespace(cluster);
  });
  afterAll(() => cluster.close());

  it('tells what is there, that this was all, and what happens then; it ends when it is told to', async () => {
    const before = await cluster.apply(configMap(namespace, 'before'));
    await cluster.apply({ ...configMap(namespace, 'other'), metadata: { name: 'other', namespace } });
    const seen = record();
    const stop = stopping();
    const ended = cluster.watch(watched(namespace), seen, stop.signal);
    await once(() => seen.told.includes('synced'));
    expect(seen.told).toEqual(['+before', 'synced']);
    expect(seen.state.get('before')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });

    await cluster.apply(configMap(namespace, 'after'));
    await cluster.apply(configMap(namespace, 'after', { colour: 'red' }));
    await cluster.remove(referenceOf(before), before.metadata.uid);
    await once(() => seen.told.length === 5);
    expect(seen.told.slice(2)).toEqual(['+after', '+after', '-before']);
    expect(seen.state.get('after')).toMatchObject({ data: { colour: 'red' } });
    stop.abort();
    await expect(ended).resolves.toBeUndefined();
    await cluster.apply(configMap(namespace, 'too-late'));
    expect(seen.told).toHaveLength(5);
  });

  it('goes on when a watcher throws', async () => {
    const seen = record();
    const failures: unknown[] = [];
    const stop = stopping();
    const ended = cluster.watch(
      watched(namespace),
      {
        ...seen,
        upsert(object) {
          seen.upsert(object);
          throw new Error('no');
        },
        failed: (error) => failures.push(error),
      },
      stop.signal,
    );
    await once(() => seen.told.includes('synced'));
    await cluster.apply(configMap(namespace, 'thrown-at'));
    await once(() => seen.state.has('thrown-at'));
    expect(failures.length).toBeGreaterThan(0);
    stop.abort();
    await ended;
  });

  it('waits for a kind that is not served yet, and tells its objects as removed when its definition goes', async () => {
    const widgets: Selection = { apiVersion: 'watch.waybill.dev/v1', kind: 'Widget', namespace };
    const seen = record();
    const stop = stopping();
    const ended = cluster.watch(widgets, seen, stop.signal);
    await once(() => seen.failures > 0);
    const crd = await cluster.apply(WIDGETS);
    await once(() => seen.told.includes('synced'));
    await eventually(() =>
      cluster
        .apply({ apiVersion: widgets.apiVersion, kind: 'Widget', metadata: { name: 'one', namespace } })
        .catch(() => undefined),
    );
    await once(() => seen.state.has('one'));
    await cluster.remove(referenceOf(crd), crd.metadata.uid);
    await once(() => seen.told.includes('-one'));
    stop.abort();
    await ended;
  });
});

describe('watch over a gap', () => {
  let server: StartedKubernetes;
  let cluster: Cluster;
  beforeAll(async () => {
    server = await startKubernetes();
    cluster = await connectCluster({ kubeconfig: server.kubeconfig });
  });
  afterAll(async () => {
    cluster.close();
    await server.stop();
  });

  it('misses nothing while the API server is killed and started again', async () => {
    const namespace = await testNamespace(cluster);
    const gone = await cluster.apply(configMap(namespace, 'gone'));
    const seen = record();
    const stop = stopping();
    const ended = cluster.watch(watched(namespace), seen, stop.signal);
    await once(() => seen.told.includes('synced'));

    await server.apiserver.kill();
    await expect(cluster.get(referenceOf(gone))).rejects.toMatchObject({ reason: 'Refused', retryable: true });
    await server.apiserver.restart();
    await cluster.apply(configMap(namespace, 'new', { colour: 'red' }));
    await cluster.remove(referenceOf(gone), gone.metadata.uid);
    await once(() => seen.state.has('new') && !seen.state.has('gone'));
    expect(seen.failures).toBeGreaterThan(0);
    stop.abort();
    await ended;
  });

  it('takes no custom object for gone while the API server begins again and does not know its kind yet', async () => {
    const namespace = await testNamespace(cluster);
    await cluster.apply(WIDGETS);
    const widget = { apiVersion: 'watch.waybill.dev/v1', kind: 'Widget', metadata: { name: 'one', namespace } };
    const live = await eventually(() => cluster.apply(widget).catch(() => undefined));
    const seen = record();
    const stop = stopping();
    const ended = cluster.watch({ apiVersion: widget.apiVersion, kind: 'Widget', namespace }, seen, stop.signal);
    await once(() => seen.told.includes('synced'));
    const { served } = await cluster.capabilities();

    await server.apiserver.kill();
    // Looks all the time, so that no moment of the beginning is missed.
    const answers = new Set<unknown>();
    const looks = (async () => {
      while (!stop.signal.aborted && !answers.has('again')) {
        answers.add(
          await cluster.refresh().then(
            (now) => now.served.length,
            () => 'no answer',
          ),
        );
        const there = await cluster.get(referenceOf(live)).catch(() => 'no answer' as const);
        answers.add(there === 'no answer' ? there : there?.metadata.uid);
        if (answers.has('no answer') && typeof there === 'object' && there) answers.add('again');
      }
    })();
    await server.apiserver.restart();
    await looks;
    const right = new Set<unknown>(['again', 'no answer', served.length, live.metadata.uid]);
    expect([...answers].filter((answer) => !right.has(answer))).toEqual([]);
    await cluster.apply({ ...widget, metadata: { ...widget.metadata, name: 'two' } });
    await once(() => seen.state.has('two'));
    expect(seen.told.filter((line) => line.startsWith('-'))).toEqual([]);
    stop.abort();
    await ended;
  });

  it('is told of a server that hangs', async () => {
    const reference = referenceOf(configMap('default', 'any'));
    await cluster.get(reference);
    await server.apiserver.pause();
    const asked = cluster.get(reference, { timeoutMs: 300 });
    await expect(asked).rejects.toMatchObject({ code: 'TIMEOUT', reason: 'Timeout', retryable: true });
    await server.apiserver.resume();
    expect(await cluster.get(reference)).toBeNull();
  });
});
