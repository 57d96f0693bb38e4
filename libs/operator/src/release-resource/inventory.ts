import { type KubernetesObject, type LiveObject, type Plan, identityOfReference } from '@waybill/adapters';
import type { ObjectReference } from '@waybill/domain';
import { type JsonValue, canonicalText, sha256 } from '@waybill/kernel';
import type { InventoryEntry } from './release.js';

/**
 * What makes two objects the same one, whatever version they are written in, and whichever group their kind has moved
 * to since: nothing is pruned because its version changed.
 */
export const identity = identityOfReference;

export const referenceOfEntry = ({ group, version, kind, namespace, name }: InventoryEntry): ObjectReference => ({
  group,
  version,
  kind,
  namespace: namespace ?? null,
  name,
});

export function referenceOfObject({ apiVersion, kind, metadata }: KubernetesObject): ObjectReference {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    namespace: metadata.namespace ?? null,
    name: metadata.name,
  };
}

export const apiVersionOf = ({ group, version }: Pick<ObjectReference, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

function entryOf({ namespace, ...reference }: ObjectReference): InventoryEntry {
  return { ...reference, ...(namespace === null ? {} : { namespace }) };
}

/**
 * Everything that stands or is about to stand: the plan's objects in the order of applying, then what earlier
 * generations left, then what was found without being known.
 */
export function withPlanned(
  before: readonly InventoryEntry[],
  plan: Pick<Plan, 'objects'>,
  found: readonly LiveObject[] = [],
): InventoryEntry[] {
  const uids = new Map(before.map((entry) => [identity(entry), entry.uid]));
  const planned = plan.objects.map((object): InventoryEntry => {
    const entry = entryOf(referenceOfObject(object));
    const uid = uids.get(identity(entry));
    return { ...entry, ...(uid === undefined ? {} : { uid }), hash: hashOf(object) };
  });
  const strays = found.map((object) => ({ ...entryOf(referenceOfObject(object)), uid: object.metadata.uid }));
  const all = new Map<string, InventoryEntry>();
  for (const entry of [...planned, ...before, ...strays]) {
    const key = identity(entry);
    if (!all.has(key)) all.set(key, entry);
  }
  return [...all.values()];
}

/** The entries with the uids that the applied objects got. */
export function withUids(entries: readonly InventoryEntry[], applied: readonly LiveObject[]): InventoryEntry[] {
  const uids = new Map(applied.map((object) => [identity(referenceOfObject(object)), object.metadata.uid]));
  return entries.map((entry) => {
    const uid = uids.get(identity(entry)) ?? entry.uid;
    return uid === undefined ? entry : { ...entry, uid };
  });
}

/** What is no longer planned. */
export function stale(entries: readonly InventoryEntry[], plan: Pick<Plan, 'references'>): InventoryEntry[] {
  const planned = new Set(plan.references.map(identity));
  return entries.filter((entry) => !planned.has(identity(entry)));
}

const hashOf = (object: KubernetesObject): string => sha256(canonicalText(object as unknown as JsonValue));
