import type { Cluster } from '@waybill/adapters';
import type { Channel } from '@waybill/channel';
import { type OperatorLog, logLine } from '../log.js';
import type { ReleaseDefaults } from '../release-resource/from-record.js';
import type { Release } from '../release-resource/release.js';
import { createAnnouncer } from './announce.js';
import { createBacklog } from './backlog.js';
import { createCompared } from './compared.js';
import { type Controller, createController } from './controller.js';
import { createInbox } from './inbox.js';
import { createObjectCache } from './object-cache.js';
import type { OperatorCounts } from './operator.js';
import { createOutbox } from './outbox.js';
import { type Presence, startPresence } from './presence.js';
import { followReleases } from './release-store.js';
import type { World } from './world.js';

/** One leadership. */
export interface Term {
  readonly epoch: number;
  /** Resolves when the signal aborts; rejects with what made it impossible to go on. */
  readonly done: Promise<void>;
  caughtUp(): boolean;
  releases(): readonly Release[];
  waitingReports(): number;
  busy(): number;
  /** Finishes what has begun. */
  stop(): Promise<void>;
}

export interface TermOptions {
  readonly channel: Pick<Channel, 'consumeDesired' | 'report'>;
  readonly cluster: Cluster;
  readonly location: string;
  readonly namespace: string;
  readonly software: string;
  readonly epoch: number;
  readonly leads: () => boolean;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly log: OperatorLog;
  readonly driftResyncMs?: number;
  readonly defaults: ReleaseDefaults;
  readonly retryDelayMs: (attempt: number) => number;
  readonly counts?: OperatorCounts;
}

/** Releases that are looked at beside each other. */
const PARALLEL = 8;

/** What Waybill itself plans is watched from the start: the first deployment need not wait for it. */
const ADAPTED = [
  /^v1\/(ConfigMap|Service)$/,
  /^apps\/v1\/Deployment$/,
  /^autoscaling\/v2(beta\d)?\/HorizontalPodAutoscaler$/,
  /^networking\.istio\.io\/[^/]+\/(DestinationRule|VirtualService)$/,
];

const DRIFT_RESYNC_MS = 600_000;
/** A resync is spread over so many moments. */
const SLICES = 20;

export function lead(options: TermOptions): Term {
  const { signal, epoch } = options;
  let world: World | undefined;
  let controller: Controller | undefined;
  let presence: Presence | undefined;
  let caughtUp = false;

  const changed = (name: string): void => {
    // Until everything that is retained was read, a newer generation may still come.
    if (caughtUp) controller?.changed(name);
  };
  const stirred = (name: string): void => {
    if (caughtUp) controller?.stirred(name);
  };

  async function run(): Promise<void> {
    const { channel, cluster, location, namespace, log, now, retryDelayMs, leads, counts } = options;
    const releases = await followReleases({ cluster, namespace, location, signal, onChange: changed });
    if (signal.aborted) return;
    const { served } = await cluster.capabilities();
    const objects = createObjectCache({ cluster, location, signal, onChange: stirred });
    for (const kind of kindsToFollow(served, releases.all())) objects.follow(kind);
    const outbox = createOutbox({ channel, signal, log, retryDelayMs, onSent: stirred });
    const announce = createAnnouncer(cluster, log);
    world = {
      cluster,
      location,
      namespace,
      epoch,
      signal,
      leads,
      releases,
      objects,
      outbox,
      compared: createCompared(),
      doubts: new Set(),
      lacking: () => presence?.changed(),
      now,
      log,
      announce(release, observation) {
        counts?.observed?.(observation);
        announce(release, observation);
      },
    };
    controller = createController({
      world,
      parallel: PARALLEL,
      retryDelayMs,
      log,
      ...(counts?.looked && { onLooked: counts.looked }),
    });
    const inbox = createBacklog(createInbox({ ...options, releases, outbox, onWritten: changed }), releases);
    presence = startPresence({ ...options, capabilities: served, standing: () => releases.all() });
    const resync = spreadResync(options.driftResyncMs ?? DRIFT_RESYNC_MS, (isTurn) => {
      for (const { metadata } of releases.all()) {
        if (!isTurn(metadata.name)) continue;
        world?.compared.forget(metadata.name);
        stirred(metadata.name);
      }
    });
    signal.addEventListener('abort', () => clearInterval(resync), { once: true });
    async function begin(): Promise<void> {
      await inbox.caughtUp();
      if (signal.aborted) return;
      caughtUp = true;
      const all = releases.all();
      log.info(logLine('connected', { location, epoch, environments: all.length, software: options.software }));
      for (const { metadata } of all) changed(metadata.name);
      presence?.changed();
    }

    let cannotBegin: (error: unknown) => void = () => undefined;
    const begun = new Promise<never>((_, reject) => (cannotBegin = reject));
    const consuming = channel.consumeDesired(
      location,
      {
        handle: (record) => inbox.take(record),
        retired: (environment) => inbox.retired(environment),
        unreadable: (record, problem) => inbox.unreadable(record, problem),
        onCaughtUp: () => void begin().catch(cannotBegin),
      },
      signal,
    );
    await Promise.race([consuming, begun]);
  }

  const done = run().catch((error: unknown) => {
    // Whatever ends in the middle of a stop was stopped.
    if (!signal.aborted) throw error;
  });
  done.catch(() => undefined);

  return {
    epoch,
    done,
    caughtUp: () => caughtUp,
    releases: () => world?.releases.all() ?? [],
    waitingReports: () => world?.outbox.waiting() ?? 0,
    busy: () => controller?.busy() ?? 0,
    async stop() {
      await done.catch(() => undefined);
      await controller?.stop();
    },
  };
}

function kindsToFollow(
  served: readonly string[],
  releases: readonly Release[],
): { group: string; version: string; kind: string }[] {
  const adapted = served.filter((kind) => ADAPTED.some((pattern) => pattern.test(kind))).map(parseServed);
  const known = releases.flatMap(({ status }) => status?.inventory ?? []);
  const all = new Map<string, { group: string; version: string; kind: string }>();
  for (const { group, version, kind } of known) all.set(`${group}/${kind}/${version}`, { group, version, kind });
  // The first of several served versions is the one that is planned; the others show the same objects.
  const planned = new Set(adapted.map(({ group, kind }) => `${group}/${kind}`));
  for (const one of adapted) {
    const key = `${one.group}/${one.kind}`;
    if (planned.delete(key)) all.set(`${key}/${one.version}`, one);
  }
  return [...all.values()];
}

/** `group/version/kind`, or `version/kind` of the core group. */
function parseServed(served: string): { group: string; version: string; kind: string } {
  const [kind = '', version = '', group = ''] = served.split('/').reverse();
  return { group, version, kind };
}

/** Calls back often, each time for another part of the names, so that each has its turn once within `ms`. */
function spreadResync(ms: number, turn: (isTurn: (name: string) => boolean) => void): NodeJS.Timeout {
  let slice = 0;
  return setInterval(() => {
    slice = (slice + 1) % SLICES;
    turn((name) => [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 65_521, 7) % SLICES === slice);
  }, ms / SLICES);
}
