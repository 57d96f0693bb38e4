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
import { type ObjectCache, createObjectCache } from './object-cache.js';
import type { OperatorCounts } from './operator.js';
import { createOutbox } from './outbox.js';
import { type Presence, startPresence } from './presence.js';
import { followReleases } from './release-store.js';
import { followServed, inServedVersion, kindsToFollow } from './served-kinds.js';
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
  readonly servedLookMs?: number;
  readonly settleMs?: number;
  readonly defaults: ReleaseDefaults;
  readonly retryDelayMs: (attempt: number) => number;
  readonly counts?: OperatorCounts;
}

/** Releases that are looked at beside each other. */
const PARALLEL = 8;

const DRIFT_RESYNC_MS = 600_000;
const SETTLE_MS = 2_000;
/** What is served is looked at so often when nothing tells of a change: two empty answers where nothing is new. */
const SERVED_LOOK_MS = 60_000;
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
      settleMs: options.settleMs ?? SETTLE_MS,
      doubts: new Set(),
      refused: new Map(),
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
    const { refused } = world;
    const inbox = createBacklog(createInbox({ ...options, releases, outbox, refused, onWritten: changed }), releases);
    presence = startPresence({ ...options, capabilities: served, standing: () => releases.all() });
    const resync = spreadResync(options.driftResyncMs ?? DRIFT_RESYNC_MS, (isTurn) => {
      for (const { metadata } of releases.all()) {
        if (!isTurn(metadata.name)) continue;
        world?.compared.forget(metadata.name);
        stirred(metadata.name);
      }
    });
    signal.addEventListener('abort', () => clearInterval(resync), { once: true });
    followServed({
      cluster,
      location,
      signal,
      log,
      everyMs: options.servedLookMs ?? SERVED_LOOK_MS,
      onChange({ served: now }) {
        followIn(objects, now);
        presence?.serves(now);
        // Only those whose plan is another one now have anything to do.
        for (const { metadata } of releases.all()) changed(metadata.name);
      },
    });
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
        // What was lost with the channel before it was read: the ledger compares, and sends it again.
        onReadAnew: () => caughtUp && presence?.changed(),
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

/** The same kinds, in versions that are served; of one that nobody serves any more the watch waits. */
function followIn(objects: ObjectCache, served: readonly string[]): void {
  for (const kind of [...objects.followed(), ...kindsToFollow(served, [])]) {
    const now = inServedVersion(kind, served);
    objects.follow(now);
    if (now.version !== kind.version) objects.unfollow(kind);
  }
}

/** Calls back often, each time for another part of the names, so that each has its turn once within `ms`. */
function spreadResync(ms: number, turn: (isTurn: (name: string) => boolean) => void): NodeJS.Timeout {
  let slice = 0;
  return setInterval(() => {
    slice = (slice + 1) % SLICES;
    turn((name) => [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 65_521, 7) % SLICES === slice);
  }, ms / SLICES);
}
