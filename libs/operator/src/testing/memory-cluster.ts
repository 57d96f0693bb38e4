import {
  ApiError,
  type ApplyOptions,
  type Capabilities,
  type Cluster,
  type KubernetesObject,
  type LiveObject,
  type Selection,
  type Watcher,
} from '@waybill/adapters';
import type { ObjectReference } from '@waybill/domain';
import { type JsonObject, type JsonValue, canonicalText } from '@waybill/kernel';
import { identity, referenceOfObject } from '../release-resource/inventory.js';
import { kindOf, seenIn, selects, silencedBy } from './memory-selection.js';
import { merged, withoutFields } from './merging.js';

/** A cluster in memory: optimistic concurrency, watches, finalizers and server-side apply, each in its simplest form. */
export interface MemoryCluster {
  /** What one process sees of it. */
  connect(intercept?: Intercept): Cluster;
  /** As `kubectl edit` would: whatever it changes is nobody's that applies. */
  edit(reference: ObjectReference, change: (object: LiveObject) => unknown): LiveObject;
  delete(reference: ObjectReference): void;
  get(reference: ObjectReference): LiveObject | undefined;
  all(kind: string): readonly LiveObject[];
  /** Kinds as `group/version/kind`. */
  serve(...kinds: string[]): void;
  /** The other way round: what is stored stays, and is seen in the versions that are left. */
  unserve(...kinds: string[]): void;
  /** Called with every object after it was written: a controller of the cluster. */
  onWritten(controller: (object: LiveObject) => void): void;
  /** Requests so far, by verb. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Around each request of one process; `done` carries it out. */
export type Intercept = <T>(
  verb: string,
  reference: Partial<ObjectReference>,
  done: () => T | Promise<T>,
) => Promise<T>;

const KINDS = [
  'v1/ConfigMap',
  'v1/Service',
  'v1/Pod',
  'v1/Event',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'coordination.k8s.io/v1/Lease',
  'events.k8s.io/v1/Event',
  'waybill.dev/v1alpha1/Release',
];

type Mutable = Record<string, JsonValue> & { metadata: Record<string, JsonValue> };

export function createMemoryCluster(): MemoryCluster {
  const objects = new Map<string, LiveObject>();
  /** What was applied last, by object: the fields whose absence in the next apply removes them. */
  const applied = new Map<string, KubernetesObject>();
  const watches = new Set<{ selection: Selection; watcher: Watcher }>();
  const controllers: ((object: LiveObject) => void)[] = [];
  const served = new Set(KINDS);
  const listeners = new Set<(capabilities: Capabilities) => void>();
  const counts: Record<string, number> = {};
  let version = 100;
  let uids = 0;

  const clone = <T>(value: T): T => structuredClone(value);

  function tell(what: 'upsert' | 'remove', object: LiveObject): void {
    for (const { selection, watcher } of watches) {
      if (!served.has(kindOf(selection)) || !selects(selection, object)) continue;
      queueMicrotask(() => watcher[what](seenIn(selection, object)));
    }
  }

  function store(object: Mutable): LiveObject {
    const key = identity(referenceOfObject(object as unknown as KubernetesObject));
    const before = objects.get(key);
    const live = object as unknown as LiveObject;
    const leaving = live.metadata.deletionTimestamp !== undefined && (live.metadata.finalizers ?? []).length === 0;
    object.metadata['resourceVersion'] = String(++version);
    if (leaving) {
      objects.delete(key);
      applied.delete(key);
      tell('remove', live);
      return clone(live);
    }
    objects.set(key, live);
    // Who loses the label that a watch selects by is gone for that watch.
    for (const { selection, watcher } of watches) {
      if (before && selects(selection, before) && !selects(selection, live))
        queueMicrotask(() => watcher.remove(seenIn(selection, before)));
    }
    tell('upsert', live);
    for (const controller of controllers) queueMicrotask(() => controller(clone(live)));
    return clone(live);
  }

  function added(object: KubernetesObject): LiveObject {
    const fresh = clone(object) as unknown as Mutable;
    delete fresh['status'];
    Object.assign(fresh.metadata, { uid: `uid-${++uids}`, generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' });
    return store(fresh);
  }

  /** A write of everything but the status; the generation grows when the content does not stay the same. */
  function changed(before: LiveObject, next: KubernetesObject): LiveObject {
    const fresh = clone(next) as unknown as Mutable;
    const { uid, creationTimestamp, generation = 1, deletionTimestamp } = before.metadata;
    const content = (value: object): string => canonicalText({ ...value, metadata: {}, status: {} } as JsonValue);
    const same = content(fresh) === content(before);
    Object.assign(fresh.metadata, { uid, creationTimestamp, generation: same ? generation : generation + 1 });
    if (deletionTimestamp !== undefined) fresh.metadata['deletionTimestamp'] = deletionTimestamp;
    delete fresh['status'];
    if (before['status'] !== undefined) fresh['status'] = clone(before['status']);
    const plain = (value: object): string => {
      const { metadata, ...rest } = clone(value) as unknown as Mutable;
      delete metadata['resourceVersion'];
      return canonicalText({ ...rest, metadata } as JsonValue);
    };
    return plain(fresh) === plain(before) ? clone(before) : store(fresh);
  }

  function find(reference: ObjectReference): LiveObject | undefined {
    return objects.get(identity(reference));
  }

  /** Who watches a version sees all that there is of it go, or come. */
  function tellServed(kinds: readonly string[], what: 'upsert' | 'remove'): void {
    for (const { selection, watcher } of watches) {
      if (!kinds.includes(kindOf(selection))) continue;
      for (const object of objects.values()) {
        if (selects(selection, object)) queueMicrotask(() => watcher[what](seenIn(selection, object)));
      }
    }
    for (const told of listeners) queueMicrotask(() => told({ served: [...served] }));
  }

  /** As it is read in a version: the wanted one, otherwise whichever is served. Null when none is. */
  function readIn({ group, version, kind }: ObjectReference, object: LiveObject | undefined): LiveObject | null {
    if (!object) return null;
    const prefix = group === '' ? '' : `${group}/`;
    const known = served.has(`${prefix}${version}/${kind}`)
      ? [version]
      : [...served].flatMap((entry) => {
          const [of, at, in_ = ''] = entry.split('/').reverse();
          return of === kind && in_ === group && at !== undefined ? [at] : [];
        });
    return known[0] === undefined ? null : { ...clone(object), apiVersion: `${prefix}${known[0]}` };
  }

  function checkServed(object: { apiVersion: string; kind: string }): void {
    if (served.has(`${object.apiVersion}/${object.kind}`)) return;
    throw refused(404, 'KindNotServed', `the cluster serves no ${object.kind} of ${object.apiVersion}`, true);
  }

  function checkVersion(object: LiveObject): LiveObject {
    const before = find(referenceOfObject(object));
    if (!before) throw refused(404, 'NotFound', `${object.kind} ${object.metadata.name} not found`);
    if (before.metadata.resourceVersion !== object.metadata.resourceVersion) throw conflict(object);
    return before;
  }

  function apply(object: KubernetesObject, { resourceVersion, dryRun = false }: ApplyOptions): LiveObject {
    checkServed(object);
    const key = identity(referenceOfObject(object));
    const before = objects.get(key);
    if (resourceVersion !== undefined && before?.metadata.resourceVersion !== resourceVersion) throw conflict(object);
    if (!before) {
      if (dryRun) return { ...clone(object), metadata: { ...clone(object.metadata), uid: 'dry', resourceVersion: '' } };
      applied.set(key, clone(object));
      return added(object);
    }
    const last = applied.get(key);
    const kept = last
      ? withoutFields(clone(before) as unknown as JsonObject, last as unknown as JsonObject)
      : clone(before);
    const next = merged(kept as unknown as JsonObject, clone(object) as unknown as JsonObject) as unknown as LiveObject;
    const metadata = { ...next.metadata, resourceVersion: before.metadata.resourceVersion, uid: before.metadata.uid };
    if (dryRun) return { ...next, metadata };
    applied.set(key, clone(object));
    return changed(before, { ...next, metadata });
  }

  function remove(reference: ObjectReference, uid: string): 'deleting' | 'gone' | 'other' {
    const before = find(reference);
    if (!before) return 'gone';
    if (before.metadata.uid !== uid) return 'other';
    const leaving = clone(before) as unknown as Mutable;
    leaving.metadata['deletionTimestamp'] = '2026-01-01T00:00:00Z';
    store(leaving);
    return 'deleting';
  }

  function connect(intercept: Intercept = (_, __, done) => Promise.resolve().then(done)): Cluster {
    const counted: Intercept = (verb, reference, done) => {
      counts[verb] = (counts[verb] ?? 0) + 1;
      return intercept(verb, reference, done);
    };
    return {
      server: 'memory',
      capabilities: () => Promise.resolve({ served: [...served] }),
      refresh: () => Promise.resolve({ served: [...served] }),
      onServed(told, signal) {
        listeners.add(told);
        signal.addEventListener('abort', () => listeners.delete(told), { once: true });
      },
      get: (reference) => counted('get', reference, () => readIn(reference, find(reference))),
      list: (selection) =>
        counted('list', { kind: selection.kind }, () =>
          [...objects.values()]
            .filter((object) => selects(selection, object))
            .map((object) => seenIn(selection, object)),
        ),
      async watch(selection, watcher, signal) {
        const entry = { selection, watcher: silencedBy(signal, watcher) };
        await counted('watch', { kind: selection.kind }, () => {
          for (const object of objects.values()) {
            if (selects(selection, object)) entry.watcher.upsert(seenIn(selection, object));
          }
          watches.add(entry);
          watcher.synced?.();
          // A watch never rejects, also when its process is dead.
        }).catch(() => undefined);
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        watches.delete(entry);
      },
      apply: (object, options = {}) =>
        counted(options.dryRun ? 'dry-run' : 'apply', referenceOfObject(object), () => apply(object, options)),
      create: (object) =>
        counted('create', referenceOfObject(object), () => {
          checkServed(object);
          if (find(referenceOfObject(object))) {
            throw refused(409, 'AlreadyExists', `${object.kind} ${object.metadata.name} already exists`);
          }
          return added(object);
        }),
      replace: (object) => counted('replace', referenceOfObject(object), () => changed(checkVersion(object), object)),
      replaceStatus: (object) =>
        counted('status', referenceOfObject(object), () => {
          const before = checkVersion(object);
          return store({ ...clone(before), status: clone(object['status']) } as unknown as Mutable);
        }),
      remove: (reference, uid) => counted('delete', reference, () => remove(reference, uid)),
      close: () => undefined,
    };
  }

  return {
    connect,
    edit(reference, change) {
      const object = clone(find(reference)!);
      change(object);
      const before = find(reference)!;
      const status = object['status'];
      const written = changed(before, object);
      if (canonicalText((status ?? null) as JsonValue) === canonicalText((before['status'] ?? null) as JsonValue))
        return written;
      return store({ ...clone(find(reference)!), status: clone(status) } as unknown as Mutable);
    },
    delete(reference) {
      const object = find(reference);
      if (object) remove(reference, object.metadata.uid);
    },
    get: (reference) => clone(find(reference)),
    all: (kind) => [...objects.values()].filter((object) => object.kind === kind).map(clone),
    serve(...kinds) {
      for (const kind of kinds) served.add(kind);
      tellServed(kinds, 'upsert');
    },
    unserve(...kinds) {
      for (const kind of kinds) served.delete(kind);
      tellServed(kinds, 'remove');
    },
    onWritten: (controller) => void controllers.push(controller),
    counts,
  };
}

export function refused(status: number, reason: string, words: string, retryable = false): ApiError {
  const code = status === 409 ? 'REVISION_CONFLICT' : status === 404 ? 'NOT_FOUND' : 'INVALID_INPUT';
  return new ApiError('memory', { code, status, reason, words, retryable });
}

const conflict = (object: KubernetesObject): ApiError =>
  refused(409, 'Conflict', `${object.kind} ${object.metadata.name} has been modified`, true);

export function referenceTo(apiVersion: string, kind: string, namespace: string | null, name: string): ObjectReference {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind, namespace, name };
}
