import { type Capabilities, type Cluster, newestFirst } from '@waybill/adapters';
import type { ObjectReference } from '@waybill/domain';
import { type OperatorLog, logLine } from '../log.js';
import type { Release } from '../release-resource/release.js';

export type Kind = Pick<ObjectReference, 'group' | 'version' | 'kind'>;

export interface ServedKindsOptions {
  readonly cluster: Pick<Cluster, 'onServed' | 'refresh' | 'watch'>;
  readonly location: string;
  readonly signal: AbortSignal;
  readonly log: OperatorLog;
  /** Milliseconds between two looks when nothing tells that there is a reason. */
  readonly everyMs: number;
  /** Something else is served than before: whatever was planned may have to be written in another version. */
  readonly onChange: (capabilities: Capabilities) => void;
}

const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadataOnly: true };

/** The API server serves what a definition says only some time after it was written: it is looked at more than once. */
const AFTER_A_DEFINITION_MS = [200, 1_000, 5_000];

/**
 * Follows what the cluster serves: a definition that comes, changes or goes is looked at soon, an API server of another
 * release by the time of the next look, or when one of its answers shows that a kind went.
 */
export function followServed({ cluster, location, signal, log, everyMs, onChange }: ServedKindsOptions): void {
  const timers = new Set<NodeJS.Timeout>();
  let synced = false;

  /** The API server that cannot be asked now is asked again at the next look. */
  const look = (): void => void cluster.refresh().catch(() => undefined);

  function soon(): void {
    if (!synced || signal.aborted) return;
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const ms of AFTER_A_DEFINITION_MS) timers.add(setTimeout(look, ms));
  }

  cluster.onServed((capabilities) => {
    if (signal.aborted) return;
    log.info(logLine('the cluster serves something else now', { location, kinds: capabilities.served.length }));
    onChange(capabilities);
  }, signal);
  const regular = setInterval(look, everyMs);
  void cluster.watch(CRD, { upsert: soon, remove: soon, synced: () => void (synced = true) }, signal);
  signal.addEventListener(
    'abort',
    () => {
      clearInterval(regular);
      for (const timer of timers) clearTimeout(timer);
    },
    { once: true },
  );
}

/** What Waybill itself plans is watched from the start: the first deployment need not wait for it. */
const ADAPTED = [
  /^v1\/(ConfigMap|Service)$/,
  /^apps\/v1\/Deployment$/,
  /^autoscaling\/v2(beta\d)?\/HorizontalPodAutoscaler$/,
  /^networking\.istio\.io\/[^/]+\/(DestinationRule|VirtualService)$/,
];

/** The kinds to watch: those that are planned, each in its newest version, and those that stand in an inventory. */
export function kindsToFollow(served: readonly string[], releases: readonly Release[]): Kind[] {
  const all = new Map<string, Kind>();
  const add = (kind: Kind): unknown => all.set(`${kind.group}/${kind.version}/${kind.kind}`, kind);
  for (const { group, version, kind } of releases.flatMap(({ status }) => status?.inventory ?? [])) {
    add(inServedVersion({ group, version, kind }, served));
  }
  const adapted = served.filter((entry) => ADAPTED.some((pattern) => pattern.test(entry))).map(parseServed);
  // The others show the same objects.
  for (const kind of adapted) add(newestOf(kind, served));
  return [...all.values()];
}

/** A kind that is served in other versions only, in the newest of them; as it is where it is served in none. */
export const inServedVersion = (kind: Kind, served: readonly string[]): Kind =>
  served.includes(textOf(kind)) ? kind : newestOf(kind, served);

function newestOf(kind: Kind, served: readonly string[]): Kind {
  const versions = served.map(parseServed).filter((one) => one.group === kind.group && one.kind === kind.kind);
  const [newest] = newestFirst(versions.map(({ version }) => version));
  return newest === undefined ? kind : { ...kind, version: newest };
}

/** `group/version/kind`, or `version/kind` of the core group. */
function parseServed(served: string): Kind {
  const [kind = '', version = '', group = ''] = served.split('/').reverse();
  return { group, version, kind };
}

const textOf = ({ group, version, kind }: Kind): string => `${group === '' ? '' : `${group}/`}${version}/${kind}`;
