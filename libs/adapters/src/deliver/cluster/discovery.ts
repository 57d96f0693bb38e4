import type { Capabilities } from '../../plan/capabilities.js';
import { kindNotServed } from './api-error.js';
import { kindsOfGroups, kindsOfResources, versionsOfGroups } from './discovered-kinds.js';
import type { Json } from './json-fields.js';
import type { Transport } from './transport.js';

/** A kind in one version, as the cluster serves it. */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Name of the resource in addresses, such as `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface Served {
  readonly kinds: ReadonlyMap<string, ServedKind>;
  readonly capabilities: Capabilities;
  /** Groups whose server did not answer: what they serve is what was known of them before. */
  readonly unsure: ReadonlySet<string>;
}

export interface Discovery {
  /** Looks again when the kind is not known and the last look is older than a second. */
  find(apiVersion: string, kind: string): Promise<ServedKind | undefined>;
  /**
   * In any version: the wanted one, otherwise whichever is served. Undefined only when it is sure that there is none:
   * rejects while the server of the group is away.
   */
  findAny(what: string, group: string, version: string, kind: string): Promise<ServedKind | undefined>;
  served(): Promise<Served>;
  refresh(): Promise<Served>;
  /** Calls back after every look that finds something else served than the look before, until the signal aborts. */
  onServed(told: (served: Served) => void, signal: AbortSignal): void;
}

const FRESH_MS = 10 * 60_000;
/** A kind that is missing is asked for again and again by whoever waits for it. */
const PAUSE_MS = 1_000;

/** One answer with everything (KEP-3352, stable from 1.30, on by default from 1.27). Older servers ignore it. */
const AGGREGATED = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/** What is served now. Every method rejects with an ApiError while the API server cannot be asked. */
export function createDiscovery(transport: Transport, monotonic: () => number = () => performance.now()): Discovery {
  let last: { readonly served: Served; readonly at: number } | undefined;
  let looking: Promise<Served> | undefined;
  /** Answers by their ETag: a look that finds nothing new costs two empty answers. */
  const answers = new Map<string, { readonly etag: string; readonly body: Json }>();
  const listeners = new Set<(served: Served) => void>();

  async function ask(path: string): Promise<Json> {
    const known = answers.get(path);
    const { status, headers, body } = await transport.send({
      method: 'GET',
      path,
      what: `look at what is served (${path})`,
      accept: AGGREGATED,
      ...(known && { headers: { 'if-none-match': known.etag } }),
    });
    if (status === 304 && known) return known.body;
    const parsed = JSON.parse(body) as Json;
    if (headers.etag) answers.set(path, { etag: headers.etag, body: parsed });
    return parsed;
  }

  async function look(): Promise<Served> {
    if (!last) await requireAllPaths();
    let served = await read();
    const lost = [...(last?.served.kinds.keys() ?? [])].some((key) => !served.kinds.has(key));
    if (lost) {
      await requireAllPaths();
      served = await read();
    }
    const before = last?.served.capabilities;
    const same = before?.served.join() === served.capabilities.served.join();
    // Who knows these capabilities need not look through them again.
    if (before && same) served = { ...served, capabilities: before };
    last = { served, at: monotonic() };
    if (before && !same) for (const tell of listeners) tell(served);
    return served;
  }

  /**
   * An API server that has just begun tells of nothing but its own kinds, without a word that this is not all. Whatever
   * it does not know it answers with 503 until every path is installed: only then is an absence one.
   */
  async function requireAllPaths(): Promise<void> {
    const path = '/apis/waybill.dev.nobody-serves-this';
    await transport.send({ method: 'GET', path, what: 'look whether the API server has begun' }, [403, 404]);
  }

  async function read(): Promise<Served> {
    const [core, groups] = await Promise.all([ask('/api'), ask('/apis')]);
    const parts = await Promise.all([partsOf(core, '/api'), partsOf(groups, '/apis')]);
    const kinds = new Map<string, ServedKind>();
    const unsure = new Set(parts.flatMap((part) => part.unsure));
    for (const known of last?.served.kinds.values() ?? []) if (unsure.has(known.group)) kinds.set(keyOf(known), known);
    for (const kind of parts.flatMap((part) => part.kinds)) kinds.set(keyOf(kind), kind);
    return { kinds, unsure, capabilities: { served: [...kinds.keys()].sort() } };
  }

  /** Group by group where the server is older than aggregated discovery. */
  async function partsOf(answer: Json, root: string): Promise<{ kinds: ServedKind[]; unsure: string[] }> {
    const aggregated = kindsOfGroups(answer);
    if (aggregated) return aggregated;
    const versions = versionsOfGroups(answer);
    const looks = await Promise.allSettled(
      versions.map(async (groupVersion) => kindsOfResources(groupVersion, await ask(`${root}/${groupVersion}`))),
    );
    // One group that fails hides only itself, unless all do: then it is the server.
    const failed = looks.find((result) => result.status === 'rejected');
    if (failed && looks.every((result) => result.status === 'rejected')) throw failed.reason;
    return {
      kinds: looks.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
      unsure: versions.flatMap((groupVersion, i) =>
        looks[i]?.status === 'rejected' && groupVersion.includes('/') ? [groupVersion.split('/')[0] ?? ''] : [],
      ),
    };
  }

  function refresh(): Promise<Served> {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  function served(): Promise<Served> {
    return last && monotonic() - last.at < FRESH_MS ? Promise.resolve(last.served) : refresh();
  }

  async function search<T>(work: (served: Served) => T | undefined): Promise<T | undefined> {
    const found = work(await served());
    if (found !== undefined || (last && monotonic() - last.at < PAUSE_MS)) return found;
    return work(await refresh());
  }

  return {
    refresh,
    served,
    onServed(told, signal) {
      if (signal.aborted) return;
      listeners.add(told);
      signal.addEventListener('abort', () => listeners.delete(told), { once: true });
    },
    find: (apiVersion, kind) => search(({ kinds }) => kinds.get(`${apiVersion}/${kind}`)),
    async findAny(what, group, version, kind) {
      const found = await search(
        ({ kinds }) =>
          kinds.get(keyOf({ group, version, kind })) ??
          [...kinds.values()].find((other) => other.group === group && other.kind === kind),
      );
      if (found === undefined && last?.served.unsure.has(group)) {
        throw kindNotServed(what, group === '' ? version : `${group}/${version}`, kind);
      }
      return found;
    },
  };
}

function keyOf({ group, version, kind }: Pick<ServedKind, 'group' | 'version' | 'kind'>): string {
  return `${group === '' ? '' : `${group}/`}${version}/${kind}`;
}
