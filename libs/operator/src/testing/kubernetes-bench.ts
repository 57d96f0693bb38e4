import { type Cluster, type LiveObject, connectCluster } from '@waybill/adapters';
import {
  type Channel,
  type DeploymentReport,
  type DesiredState,
  Report,
  createInProcessChannel,
  createMemoryRetained,
} from '@waybill/channel';
import { type Gathering, gather } from '@waybill/channel/testing';
import type { EnvironmentId, ObjectReference } from '@waybill/domain';
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { type ClusterOperatorOptions, type RunningClusterOperator, startClusterOperator } from '../cluster/operator.js';
import { releaseCrd } from '../release-resource/crd.js';
import { operatorRbac } from '../release-resource/rbac.js';
import { type Release, asRelease, releaseName, releaseReference } from '../release-resource/release.js';

type Phase = DeploymentReport['observation']['phase'];

/** Operators on a real API server, with the rights of `infra/operator/rbac.yaml` and no others. */
export interface KubernetesBench {
  readonly admin: Cluster;
  /** The operator's own: its Releases and its lease. */
  readonly namespace: string;
  /** Where the services' objects go. */
  readonly target: string;
  readonly location: string;
  readonly channel: Channel;
  readonly reports: Gathering<Report>;
  readonly lines: readonly string[];
  environment(project?: string, slot?: string): EnvironmentId;
  /** Puts the environment's objects into `target`. */
  place(desired: DesiredState): DesiredState;
  operatorCluster(): Promise<Cluster>;
  start(options?: Partial<ClusterOperatorOptions>): Promise<RunningClusterOperator>;
  release(environment: EnvironmentId): Promise<Release | undefined>;
  until(environment: EnvironmentId, holds: (release: Release) => boolean): Promise<Release>;
  /** Resolves with the object once `holds` of it, or of its absence. */
  see(reference: ObjectReference, holds: (object: LiveObject | null) => boolean): Promise<LiveObject | null>;
  heard(phase: Phase, count?: number): Promise<readonly Report[]>;
  /** Resolves with the first Kubernetes Event of this reason about a Release. */
  event(reason: string): Promise<LiveObject>;
  dispose(): Promise<void>;
}

let taken = 0;

export interface TestServer {
  /** Paths of kubeconfig files: the administrator's and the operator's. */
  readonly kubeconfig: string;
  readonly operatorKubeconfig: string;
}

/** On the server of the test run, unless the test has one of its own. */
export async function kubernetesBench(
  server: TestServer = JSON.parse(process.env['WAYBILL_TEST_KUBERNETES'] ?? '{}') as TestServer,
): Promise<KubernetesBench> {
  const { kubeconfig, operatorKubeconfig } = server;
  const admin = await connectCluster({ kubeconfig });
  const unique = `${process.pid}-${++taken}-${Date.now().toString(36)}`;
  const location = `l-${unique}`;
  const namespace = `waybill-${unique}`;
  const target = `shop-${unique}`;
  for (const name of [namespace, target])
    await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await admin.apply(releaseCrd());
  for (const object of operatorRbac(namespace, { kind: 'Group', name: 'waybill:operators' })) await admin.apply(object);
  await crdServed(admin, namespace);

  const channel = createInProcessChannel({ retained: createMemoryRetained() });
  const reports = gather<Report>();
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const consumed = channel.consumeReports(
    (batch) => reports.addAll(batch.map((report) => Report.parse(report))),
    ending.signal,
  );
  const operators: RunningClusterOperator[] = [];
  const clusters: Cluster[] = [admin];

  function watched(
    selection: { apiVersion: string; kind: string; namespace?: string },
    name: string,
    holds: (object: LiveObject | null) => boolean,
  ): Promise<LiveObject | null> {
    return new Promise((resolve) => {
      const found = new AbortController();
      let there: LiveObject | null = null;
      const look = (object: LiveObject | null): void => {
        there = object;
        if (!holds(object) || found.signal.aborted) return;
        found.abort();
        resolve(object);
      };
      void admin.watch(
        { ...selection, fieldSelector: `metadata.name=${name}` },
        { upsert: look, remove: () => look(null), synced: () => there ?? look(null) },
        AbortSignal.any([found.signal, ending.signal]),
      );
    });
  }

  async function operatorCluster(): Promise<Cluster> {
    const cluster = await connectCluster({ kubeconfig: operatorKubeconfig });
    clusters.push(cluster);
    return cluster;
  }

  return {
    admin,
    namespace,
    target,
    location,
    channel,
    reports,
    lines,
    environment: (project = 'web', slot = 'dev') => ({ project, slot, location }),
    place: (desired) => ({
      ...desired,
      resources: desired.resources.map((resource) => ({ ...resource, parameters: { namespace: target } })),
    }),
    operatorCluster,
    async start(options = {}) {
      const operator = startClusterOperator({
        channel,
        cluster: options.cluster ?? (await operatorCluster()),
        location,
        namespace,
        software: 'waybill test',
        identity: 'operator',
        log: { info: note, warn: note, error: note },
        driftResyncMs: 3_600_000,
        retryDelayMs: (attempt) => Math.min(50 * attempt, 500),
        ...options,
      });
      operators.push(operator);
      return operator;
    },
    async release(environment) {
      const live = await admin.get(releaseReference(namespace, releaseName(environment)));
      return live ? asRelease(live) : undefined;
    },
    async until(environment, holds) {
      const selection = { apiVersion: 'waybill.dev/v1alpha1', kind: 'Release', namespace };
      const live = await watched(
        selection,
        releaseName(environment),
        (object) => object !== null && holds(asRelease(object)),
      );
      return asRelease(live!);
    },
    see({ group, version, kind, namespace: where, name }, holds) {
      const apiVersion = group === '' ? version : `${group}/${version}`;
      return watched({ apiVersion, kind, ...(where === null ? {} : { namespace: where }) }, name, holds);
    },
    async heard(phase, count = 1) {
      for (;;) {
        const all = reports.all();
        if (
          all.filter((report) => report.kind === 'deployment' && report.observation.phase === phase).length >= count
        ) {
          return all;
        }
        await reports.first(all.length + 1);
      }
    },
    event(reason) {
      const found = new AbortController();
      return new Promise((resolve) => {
        const upsert = (event: LiveObject): void => {
          if (event['reason'] !== reason) return;
          found.abort();
          resolve(event);
        };
        const selection = { apiVersion: 'events.k8s.io/v1', kind: 'Event', namespace };
        void admin.watch(
          selection,
          { upsert, remove: () => undefined },
          AbortSignal.any([found.signal, ending.signal]),
        );
      });
    },
    async dispose() {
      for (const operator of operators) await operator.stop();
      ending.abort();
      await consumed;
      await channel.close();
      for (const name of [namespace, target]) await removeNamespace(admin, name);
      for (const cluster of clusters) cluster.close();
    },
  };
}

/** A CustomResourceDefinition is served a moment after it is there. */
async function crdServed(admin: Cluster, namespace: string): Promise<void> {
  for (let left = 100; ; left--) {
    const { served } = await admin.refresh();
    if (served.includes('waybill.dev/v1alpha1/Release')) break;
    if (left === 0) throw new Error('the API server does not serve Releases');
    await wait(50);
  }
  await admin.list({ apiVersion: 'waybill.dev/v1alpha1', kind: 'Release', namespace });
}

/** Begun, not waited for: Releases have a finalizer, which nobody takes off any more. */
async function removeNamespace(admin: Cluster, name: string): Promise<void> {
  for (const release of await admin.list({ apiVersion: 'waybill.dev/v1alpha1', kind: 'Release', namespace: name })) {
    await admin.replace({ ...release, metadata: { ...release.metadata, finalizers: [] } }).catch(() => undefined);
  }
  const reference = { group: '', version: 'v1', kind: 'Namespace', namespace: null, name };
  const live = await admin.get(reference);
  if (live) await admin.remove(reference, live.metadata.uid);
}
