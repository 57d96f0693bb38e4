import type { LiveObject, Selection, Watcher } from '@waybill/adapters';

export const kindOf = ({ apiVersion, kind }: Pick<Selection, 'apiVersion' | 'kind'>): string => `${apiVersion}/${kind}`;

const groupOf = (apiVersion: string): string => apiVersion.split('/').slice(0, -1).join();

/** In the version that was asked for. */
export const seenIn = ({ apiVersion }: Selection, object: LiveObject): LiveObject => ({
  ...structuredClone(object),
  apiVersion,
});

/** Who has stopped watching is told nothing. */
export function silencedBy(signal: AbortSignal, watcher: Watcher): Watcher {
  return {
    upsert: (object) => void (signal.aborted || watcher.upsert(object)),
    remove: (object) => void (signal.aborted || watcher.remove(object)),
  };
}

export function selects(
  { apiVersion, kind, namespace, labelSelector, fieldSelector }: Selection,
  object: LiveObject,
): boolean {
  if (object.kind !== kind || groupOf(object.apiVersion) !== groupOf(apiVersion)) return false;
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  const labels = object.metadata.labels ?? {};
  const wanted = (labelSelector ?? '').split(',').filter((term) => term !== '');
  const named = /metadata\.name=([^,]+)/.exec(fieldSelector ?? '')?.[1];
  return (
    wanted.every((term) => {
      const [name = '', value] = term.split('=');
      return value === undefined ? name in labels : labels[name] === value;
    }) &&
    (named === undefined || named === object.metadata.name)
  );
}
