import { type Cluster, type LiveObject, withoutFieldSets } from '@waybill/adapters';
import type { ObjectReference } from '@waybill/domain';
import type { JsonValue } from '@waybill/kernel';
import { apiVersionOf, identity, referenceOfObject } from '../release-resource/inventory.js';
import { MANAGED_BY, MANAGED_BY_LABEL, releaseOf } from './ownership.js';
import { isOlder } from './resource-version.js';

/** The newest known state of every object that carries our label, kept by watches: looking costs no request. */
export interface ObjectCache {
  /** Watches the kind from now on. */
  follow(kind: Pick<ObjectReference, 'group' | 'version' | 'kind'>): void;
  /** No longer: the version is not served any more, and another one tells of the same objects. */
  unfollow(kind: Pick<ObjectReference, 'group' | 'version' | 'kind'>): void;
  followed(): readonly Pick<ObjectReference, 'group' | 'version' | 'kind'>[];
  get(reference: ObjectReference): LiveObject | undefined;
  /** Whether the kind's first list is there: only then does not knowing an object say anything. */
  watches(kind: Pick<ObjectReference, 'group' | 'version' | 'kind'>): boolean;
  /** What a write answered: newer than what the watch has told so far. */
  put(object: LiveObject): void;
  /** Every object whose labels say that it belongs to the Release. */
  of(release: string): readonly LiveObject[];
}

export interface ObjectCacheOptions {
  readonly cluster: Pick<Cluster, 'watch'>;
  readonly location: string;
  readonly signal: AbortSignal;
  /** An object of the Release changed or went. */
  readonly onChange: (release: string) => void;
}

type Followed = Pick<ObjectReference, 'group' | 'version' | 'kind'> & { readonly stop: AbortController };

interface Kept {
  readonly object: LiveObject;
  readonly release: string | undefined;
}

export function createObjectCache({ cluster, location, signal, onChange }: ObjectCacheOptions): ObjectCache {
  const kept = new Map<string, Kept>();
  const byRelease = new Map<string, Map<string, LiveObject>>();
  const followed = new Map<string, Followed>();
  const listed = new Set<string>();
  const kindKey = (kind: Pick<ObjectReference, 'group' | 'version' | 'kind'>): string =>
    `${apiVersionOf(kind)}/${kind.kind}`;
  const keyOf = (reference: ObjectReference): string => `${reference.version} ${identity(reference)}`;

  const stopAll = (): void => followed.forEach(({ stop }) => stop.abort());
  signal.addEventListener('abort', stopAll, { once: true });

  function forget(key: string): void {
    const { release } = kept.get(key) ?? {};
    kept.delete(key);
    if (release !== undefined) byRelease.get(release)?.delete(key);
  }

  function keep(object: LiveObject): string | undefined {
    const key = keyOf(referenceOfObject(object));
    const before = kept.get(key)?.object.metadata;
    // The answer to a write overtakes the watch: an older state that arrives behind it would undo what is known.
    if (before?.uid === object.metadata.uid && isOlder(object.metadata.resourceVersion, before.resourceVersion)) {
      return undefined;
    }
    forget(key);
    const release = releaseOf(object, location);
    // Who manages which field is most of an object's size, and the API server keeps it; the versions are needed.
    const { managedFields } = object.metadata;
    const slim = Array.isArray(managedFields)
      ? { ...object, metadata: { ...object.metadata, managedFields: withoutFieldSets(managedFields as JsonValue[]) } }
      : object;
    kept.set(key, { object: slim, release });
    if (release !== undefined) {
      const others = byRelease.get(release) ?? new Map<string, LiveObject>();
      byRelease.set(release, others.set(key, slim));
    }
    return release;
  }

  return {
    follow(kind) {
      const selection = { apiVersion: apiVersionOf(kind), kind: kind.kind };
      const key = kindKey(kind);
      if (followed.has(key) || signal.aborted) return;
      const { group, version, kind: name } = kind;
      const stop = new AbortController();
      followed.set(key, { group, version, kind: name, stop });
      void cluster.watch(
        { ...selection, labelSelector: `${MANAGED_BY_LABEL}=${MANAGED_BY}` },
        {
          upsert(object) {
            const release = keep(object);
            if (release !== undefined) onChange(release);
          },
          remove(object) {
            // After a gap its labels are unknown: what it belonged to is what was kept of it.
            const entry = keyOf(referenceOfObject(object));
            const before = kept.get(entry);
            if (before?.object.metadata.uid !== object.metadata.uid) return;
            forget(entry);
            if (before.release !== undefined) onChange(before.release);
          },
          synced() {
            if (followed.get(key)?.stop === stop) listed.add(key);
          },
        },
        stop.signal,
      );
    },
    unfollow(kind) {
      const key = kindKey(kind);
      followed.get(key)?.stop.abort();
      followed.delete(key);
      listed.delete(key);
      for (const [entry, { object }] of kept) {
        if (object.apiVersion === apiVersionOf(kind) && object.kind === kind.kind) forget(entry);
      }
    },
    followed: () => [...followed.values()],
    // What no watch keeps up to date is not known: only the API server can tell.
    get: (reference) => (listed.has(kindKey(reference)) ? kept.get(keyOf(reference))?.object : undefined),
    watches: (kind) => listed.has(kindKey(kind)),
    put: (object) => void keep(object),
    of: (release) => [...(byRelease.get(release)?.values() ?? [])],
  };
}
