import type { ObjectReference } from '@waybill/domain';
import { type KubernetesObject, referenceOf } from '../../plan/objects.js';
import { answeredError, isApiError } from './api-error.js';
import type { ApplyOptions, Cluster, LiveObject, RequestOptions } from './cluster.js';
import { type KubeconfigOptions, loadAccess } from './credentials.js';
import { type ServedKind, createDiscovery } from './discovery.js';
import { listPages, servedKind } from './list.js';
import { liveObject, parseAnswer } from './live-object.js';
import { FIELD_MANAGER, OF_ANOTHER_VERSION, migratedManagedFields } from './managed-fields.js';
import { resourcePath, withQuery } from './resource-path.js';
import { type Exchange, createTransport } from './transport.js';
import { watchSelection } from './watch.js';

export interface ConnectOptions extends KubeconfigOptions {
  /** Name of this process in the events that it writes; the host's name otherwise. */
  readonly identity?: string;
}

/** Unknown and doubled fields are refused in words. Servers before 1.25 ignore it and drop unknown fields. */
const STRICT = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' };

/** Kinds whose dependents do the work: they are gone only when those are. */
const WITH_DEPENDENTS = new Set([
  'apps/DaemonSet',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'batch/CronJob',
  'batch/Job',
  'serving.knative.dev/Service',
]);

/**
 * Reads the kubeconfig; the cluster itself is asked nothing yet, so that an operator starts while its API server is
 * away. Rejects with `CONFIGURATION`.
 */
export async function connectCluster(options: ConnectOptions = {}): Promise<Cluster> {
  const { kubeconfig, context, identity } = options;
  const access = await loadAccess({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  });
  const transport = createTransport(access);
  const discovery = createDiscovery(transport);
  const connection = { transport, discovery };

  async function write(
    verb: 'apply' | 'create' | 'migrate' | 'replace',
    object: KubernetesObject,
    request: Pick<Exchange, 'method' | 'body'> & { query?: Record<string, string | boolean>; part?: 'status' },
    { signal, timeoutMs }: RequestOptions = {},
  ): Promise<LiveObject> {
    const { query = {}, part, ...exchange } = request;
    const what = `${verb} ${nameOf(referenceOf(object))}`;
    const served = await servedKind(discovery, what, object);
    const { namespace = 'default', name } = object.metadata;
    const place = { namespace, ...(verb === 'create' ? {} : { name }), ...(part && { part }) };
    const path = withQuery(resourcePath(served, place), { ...STRICT, ...query });
    return told(served, what, { ...exchange, path, what, signal, timeoutMs });
  }

  async function told(served: ServedKind, what: string, exchange: Exchange): Promise<LiveObject> {
    try {
      const { body } = await transport.send(exchange);
      return liveObject(what, parseAnswer(what, body));
    } catch (error) {
      if (isApiError(error) && (await wentAway(error, served))) {
        await servedKind(discovery, what, { ...served, apiVersion: apiVersionOf(served) });
      }
      throw error;
    }
  }

  /** A 404 that names no object is of the address: the kind is no longer served. */
  async function wentAway(error: { status: number | null; words: string }, served: ServedKind): Promise<boolean> {
    if (error.status !== 404 || !/page not found|could not find the requested resource/.test(error.words)) return false;
    const { kinds, unsure } = await discovery.refresh();
    return !unsure.has(served.group) && !kinds.has(`${apiVersionOf(served)}/${served.kind}`);
  }

  const replace = (object: LiveObject, options?: RequestOptions, part?: 'status'): Promise<LiveObject> =>
    write('replace', object, { method: 'PUT', body: json(object), ...(part && { part }) }, options);

  const get = async (reference: ObjectReference, { signal, timeoutMs }: RequestOptions = {}) => {
    const what = `get ${nameOf(reference)}`;
    const served = await discovery.findAny(what, reference.group, reference.version, reference.kind);
    if (!served) return null;
    const path = resourcePath(served, placeOf(reference));
    const { status, body } = await transport.send({ method: 'GET', path, what, signal, timeoutMs }, [404]);
    if (status !== 404) return liveObject(what, parseAnswer(what, body));
    if (/page not found/.test(body)) await discovery.refresh();
    return null;
  };

  async function apply(
    object: KubernetesObject,
    { resourceVersion, uid, dryRun = false, migrate = false, ...options }: ApplyOptions = {},
  ): Promise<LiveObject> {
    const send = (at: string | undefined): Promise<LiveObject> => {
      const preconditions = {
        ...(at === undefined ? {} : { resourceVersion: at }),
        ...(uid === undefined ? {} : { uid }),
      };
      const wanted = { ...object, metadata: { ...object.metadata, ...preconditions } };
      const body = { type: 'application/apply-patch+yaml', text: JSON.stringify(wanted) };
      const query = { force: true, ...(dryRun && { dryRun: 'All' }) };
      return write('apply', object, { method: 'PATCH', body, query }, options);
    };
    if (migrate) return send((await migrateManagedFields(object, resourceVersion, options)) ?? resourceVersion);
    try {
      return await send(resourceVersion);
    } catch (error) {
      // What somebody else wrote in a version that went stands in the way as well.
      if (!isApiError(error) || !OF_ANOTHER_VERSION.test(error.words)) throw error;
      const now = await migrateManagedFields(object, resourceVersion, options);
      if (now === undefined) throw error;
      return send(now);
    }
  }

  /**
   * Resolves with the object's version after the write; undefined when nothing was to be migrated. Rejects with a
   * conflict when the object is no longer at `resourceVersion`.
   */
  async function migrateManagedFields(
    object: KubernetesObject,
    resourceVersion: string | undefined,
    options: RequestOptions,
  ): Promise<string | undefined> {
    const reference = referenceOf(object);
    const live = await get(reference, options);
    if (!live) return undefined;
    const what = `migrate ${nameOf(reference)}`;
    const at = live.metadata.resourceVersion;
    if (resourceVersion !== undefined && at !== resourceVersion) {
      throw answeredError(what, 409, undefined, 'the object has been modified');
    }
    const { kinds } = await discovery.served();
    const isServed = (apiVersion: string): boolean => kinds.has(`${apiVersion}/${object.kind}`);
    const value = migratedManagedFields(live, object.apiVersion, isServed);
    if (!value) return undefined;
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value },
      { op: 'replace', path: '/metadata/resourceVersion', value: at },
    ];
    const body = { type: 'application/json-patch+json', text: JSON.stringify(patch) };
    const written = await write('migrate', object, { method: 'PATCH', body }, options);
    return written.metadata.resourceVersion;
  }

  return {
    server: transport.server,
    ...(identity === undefined ? {} : { identity }),
    capabilities: async () => (await discovery.served()).capabilities,
    refresh: async () => (await discovery.refresh()).capabilities,
    onServed: (told, signal) => discovery.onServed(({ capabilities }) => told(capabilities), signal),
    get,

    async list(selection, options) {
      let all: LiveObject[] = [];
      await listPages(connection, selection, (objects) => all.push(...objects), {
        ...options,
        restarted: () => (all = []),
      });
      return all;
    },

    watch: (selection, watcher, signal) => watchSelection(connection, selection, watcher, signal),

    apply,

    create: (object, options) => write('create', object, { method: 'POST', body: json(object) }, options),
    replace: (object, options) => replace(object, options),
    replaceStatus: (object, options) => replace(object, options, 'status'),

    async remove(reference, uid) {
      const what = `delete ${nameOf(reference)}`;
      const served = await discovery.findAny(what, reference.group, reference.version, reference.kind);
      if (!served) return 'gone';
      const propagationPolicy = WITH_DEPENDENTS.has(`${served.group}/${served.kind}`) ? 'Foreground' : 'Background';
      const { status, body } = await transport.send(
        {
          method: 'DELETE',
          path: resourcePath(served, placeOf(reference)),
          what,
          body: json({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid }, propagationPolicy }),
        },
        [404, 409],
      );
      if (status === 404) return 'gone';
      if (status !== 409) return 'deleting';
      const there = await get(reference);
      if (!there) return 'gone';
      if (there.metadata.uid !== uid) return 'other';
      throw answeredError(what, 409, undefined, body);
    },

    close: () => transport.close(),
  };
}

function apiVersionOf({ group, version }: ServedKind): string {
  return group === '' ? version : `${group}/${version}`;
}

function placeOf({ namespace, name }: ObjectReference): { namespace: string; name: string } {
  return { namespace: namespace ?? 'default', name };
}

function json(value: object): { type: string; text: string } {
  return { type: 'application/json', text: JSON.stringify(value) };
}

/** For people, such as `apps/v1 Deployment shop/web`. */
export function nameOf({ group, version, kind, namespace, name }: ObjectReference): string {
  return `${group === '' ? '' : `${group}/`}${version} ${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}
