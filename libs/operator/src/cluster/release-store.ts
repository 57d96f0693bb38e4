import type { Cluster, LiveObject } from '@waybill/adapters';
import type { DesiredState } from '@waybill/channel';
import { RELEASE_API_VERSION, RELEASE_KIND, type Release, asRelease } from '../release-resource/release.js';
import { isAsAsked } from './edited.js';
import { isOlder } from './resource-version.js';

/** The Releases of one location as they were seen last. */
export interface ReleaseStore {
  get(name: string): Release | undefined;
  /** What stood there before somebody took it away; undefined once it stands again. */
  lost(name: string): Release | undefined;
  /** What a write answered, or a read. */
  put(release: Release): void;
  /** The API server has none of that name: the watch may take long to tell, after an outage half a minute. */
  gone(name: string): void;
  /** We took it away ourselves. */
  drop(name: string): void;
  all(): readonly Release[];
  /** What the ledger asked for, where somebody changed it in the Release since; undefined when nobody here knows. */
  asked(release: Release): DesiredState | undefined;
  /** The desired state of the generation that stands under the name: the Release there holds another one. */
  askedFor(name: string, desired: DesiredState): void;
}

export interface ReleaseStoreOptions {
  readonly cluster: Pick<Cluster, 'watch'>;
  readonly namespace: string;
  readonly location: string;
  readonly signal: AbortSignal;
  /** Somebody changed what is wanted, or began to delete it. */
  readonly onChange: (name: string) => void;
}

/** Lists and watches the Releases; resolves once they are known. */
export async function followReleases(options: ReleaseStoreOptions): Promise<ReleaseStore> {
  const { cluster, namespace, location, signal, onChange } = options;
  const known = new Map<string, Release>();
  const lost = new Map<string, Release>();
  const dropped = new Set<string>();
  /** Of Releases that were changed, by name: what the digest in them is of. */
  const asked = new Map<string, { readonly digest: string | undefined; readonly desired: DesiredState }>();

  function keep(release: Release): boolean {
    const { name, uid, resourceVersion, generation, deletionTimestamp } = release.metadata;
    const before = known.get(name);
    // Of another uid too: what a watch tells late of one that is gone must not replace its successor.
    if (before && isOlder(resourceVersion, before.metadata.resourceVersion)) return false;
    if (before?.metadata.uid !== uid || before.metadata.generation !== generation) notice(release);
    known.set(name, release);
    lost.delete(name);
    // A status that changed is our own word, or that of a predecessor whose next write will fail.
    return (
      before?.metadata.uid !== uid ||
      before.metadata.generation !== generation ||
      before.metadata.deletionTimestamp !== deletionTimestamp
    );
  }

  /** Whoever changes the desired state cannot change its digest: what it was of is remembered while it lasts. */
  function notice(release: Release): void {
    const { name } = release.metadata;
    if (isAsAsked(release.spec)) {
      asked.delete(name);
      return;
    }
    const before = (known.get(name) ?? lost.get(name))?.spec;
    if (before?.desired && before.digest === release.spec.digest && isAsAsked(before)) {
      asked.set(name, { digest: before.digest, desired: before.desired });
    }
  }

  function remove({ metadata: { name, uid } }: Pick<LiveObject, 'metadata'>): void {
    const ours = dropped.delete(uid);
    const before = known.get(name);
    if (before?.metadata.uid !== uid) return;
    known.delete(name);
    if (ours) return;
    lost.set(name, before);
    onChange(name);
  }

  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    void cluster.watch(
      { apiVersion: RELEASE_API_VERSION, kind: RELEASE_KIND, namespace },
      {
        upsert(object) {
          const release = asRelease(object);
          if (release.spec.location === location && keep(release)) onChange(release.metadata.name);
        },
        remove,
        synced: () => resolve(),
      },
      signal,
    );
  });

  return {
    get: (name) => known.get(name),
    lost: (name) => lost.get(name),
    put: (release) => void keep(release),
    gone(name) {
      const before = known.get(name);
      if (before) remove(before);
    },
    drop(name) {
      const uid = known.get(name)?.metadata.uid;
      if (uid !== undefined) dropped.add(uid);
      lost.delete(name);
    },
    all: () => [...known.values()],
    asked({ metadata: { name }, spec: { digest } }) {
      const kept = asked.get(name);
      return kept?.digest === digest ? kept?.desired : undefined;
    },
    askedFor(name, desired) {
      const digest = (known.get(name) ?? lost.get(name))?.spec.digest;
      asked.set(name, { digest, desired });
    },
  };
}
