import type { LiveObject, Selection } from './cluster.js';

interface Known {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** The list in which it was last seen, or after which it came. */
  list: number;
}

/**
 * What a watch has told of, so that a later list shows what is gone. Of each object only who it is, not what it holds:
 * a kind with many large objects must not take the memory of all of them.
 */
export interface KnownObjects {
  /** Returns the other object that had the name before, when nobody told that it went. */
  see(object: LiveObject): LiveObject | undefined;
  forget(object: LiveObject): void;
  beginList(): void;
  /** Those that the list did not hold; they are forgotten. */
  endList(): LiveObject[];
}

export function createKnownObjects({ apiVersion, kind }: Pick<Selection, 'apiVersion' | 'kind'>): KnownObjects {
  const known = new Map<string, Known>();
  let list = 0;

  const keyOf = ({ metadata }: LiveObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

  function lastSeen({ name, namespace, uid, resourceVersion, labels }: Known): LiveObject {
    const metadata = {
      name,
      uid,
      resourceVersion,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
    };
    return { apiVersion, kind, metadata };
  }

  return {
    see(object) {
      const key = keyOf(object);
      const before = known.get(key);
      const { name, namespace, uid, resourceVersion, labels } = object.metadata;
      known.set(key, { name, namespace, uid, resourceVersion, labels, list });
      return before && before.uid !== uid ? lastSeen(before) : undefined;
    },
    forget(object) {
      const key = keyOf(object);
      if (known.get(key)?.uid === object.metadata.uid) known.delete(key);
    },
    beginList() {
      list += 1;
    },
    endList() {
      const gone: LiveObject[] = [];
      for (const [key, entry] of known) {
        if (entry.list === list) continue;
        known.delete(key);
        gone.push(lastSeen(entry));
      }
      return gone;
    },
  };
}
