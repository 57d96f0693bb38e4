import { kubectl as run } from '@waybill/adapters/testing';
import { until } from '../../e2e/harness/until.js';

export interface SeenObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

export interface SeenRelease extends SeenObject {
  readonly spec: { readonly generation: number; readonly state: string; readonly location: string };
  readonly status?: {
    readonly step: string;
    readonly actions: readonly unknown[];
    readonly outcome?: { readonly phase: string; readonly reason?: string; readonly message?: string };
    readonly delay?: { readonly reason: string; readonly message: string; readonly attempt: number };
    readonly heals?: { readonly total: number };
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

/** kubectl with the admin's rights; rejects with what it wrote to stderr. */
export const kubectl = (...args: string[]): Promise<string> => run(args);

export const applyObjects = (...objects: object[]): Promise<string> =>
  run(
    ['apply', '--server-side', '--force-conflicts', '-f', '-'],
    objects.map((object) => JSON.stringify(object)).join('\n---\n'),
  );

/** Null when it is not there. */
export async function getObject<T = SeenObject>(namespace: string, kind: string, name: string): Promise<T | null> {
  const text = await kubectl('get', '-n', namespace, kind, name, '-o', 'json', '--ignore-not-found');
  return text.trim() === '' ? null : (JSON.parse(text) as T);
}

export async function listObjects<T = SeenObject>(namespace: string, kinds: string): Promise<T[]> {
  return (JSON.parse(await kubectl('get', '-n', namespace, kinds, '-o', 'json')) as { items: T[] }).items;
}

/** `Deployment a--dev`, sorted. */
export async function namesIn(namespace: string, kinds = 'deployments,services,configmaps'): Promise<string[]> {
  const all = await listObjects(namespace, kinds);
  // Kubernetes puts its own certificate into each namespace.
  return all
    .map(({ kind, metadata: { name } }) => `${kind} ${name}`)
    .filter((name) => name !== 'ConfigMap kube-root-ca.crt')
    .sort();
}

/** The Release of an environment once `good` of it. */
export async function releaseWhen(
  namespace: string,
  name: string,
  what: string,
  good: (release: SeenRelease) => boolean,
): Promise<SeenRelease> {
  const release = await until(
    `Release ${namespace}/${name} ${what}`,
    () => getObject<SeenRelease>(namespace, 'releases.waybill.dev', name),
    (seen) => seen !== null && good(seen),
  );
  return release!;
}

export const conditionOf = ({ status }: SeenRelease, type: string) =>
  status?.conditions.find((condition) => condition.type === type);
