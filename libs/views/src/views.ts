import { RetryableError, WaybillError, type EventStore, type Position, type RecordedEvent } from '@waybill/kernel';
import { catalogue } from '@waybill/domain';
import { accessQueries, type AccessQueries } from './access/queries.js';
import { persistently, type OnTrouble } from './backoff.js';
import { deploymentQueries, type DeploymentQueries } from './deployments/queries.js';
import { doraQueries, type DoraQueries } from './dora/queries.js';
import { dumpOf, type Dump } from './dump.js';
import { DatabaseGone } from './engine.js';
import { environmentQueries, type EnvironmentQueries } from './environments/queries.js';
import type { Database, Home } from './home.js';
import { incidentQueries, type IncidentQueries } from './incidents/queries.js';
import { liveDatabase, type LiveDatabase } from './live-database.js';
import { locationQueries, type LocationQueries } from './locations/queries.js';
import { openHome } from './open-home.js';
import { projectQueries, type ProjectQueries } from './projects/queries.js';
import { CheckpointBehind, CheckpointTaken, projectBatch } from './projector.js';
import type { Read } from './reading.js';
import { createRebuilds, type RebuildOptions, type RebuildStatus } from './rebuild.js';
import { releaseQueries, type ReleaseQueries } from './releases/queries.js';
import { projections } from './schema.js';
import { historyQueries, type HistoryQueries } from './history/queries.js';
import { searchQueries, type SearchQueries } from './search/queries.js';
import { statisticsQueries, type StatisticsQueries } from './statistics/queries.js';
import { timelineQueries, type TimelineQueries } from './timeline/queries.js';
import { createWaiters } from './waiting.js';

/**
 * What the ledger tells about itself, read from the log and thrown away at will. Rows are plain objects in the words
 * of the domain; people are opaque ids.
 */
export interface Views {
  /** How far the views have read; undefined when they have read nothing. */
  position(): Position | undefined;
  /** Resolves once the views have read up to the position. Rejects with `TIMEOUT`, or the signal's reason. */
  waitFor(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Projects events that follow each other in the log. Those that were projected before change nothing. */
  project(events: readonly RecordedEvent[], ledgerId: string): Promise<void>;
  /** Reads the log from where the views stand, then live. Resolves when the signal aborts; rejects on a fault. */
  follow(store: EventStore, signal: AbortSignal): Promise<void>;
  /**
   * Replays the whole log into a database beside the live one and swaps them when it has caught up. A second call
   * joins the one that runs. Rejects with the signal's reason when it is aborted; the live views stay as they are.
   */
  rebuild(store: EventStore, options?: RebuildOptions): Promise<void>;
  /** The running rebuild or the last one; undefined when there was none since the start. */
  rebuildStatus(): RebuildStatus | undefined;
  /** Every row of every table in one order: equal dumps are equal views. */
  dump(): Promise<Dump>;
  close(): Promise<void>;
  readonly projects: ProjectQueries;
  readonly locations: LocationQueries;
  readonly releases: ReleaseQueries;
  readonly environments: EnvironmentQueries;
  readonly deployments: DeploymentQueries;
  readonly access: AccessQueries;
  readonly timeline: TimelineQueries;
  readonly statistics: StatisticsQueries;
  readonly incidents: IncidentQueries;
  readonly dora: DoraQueries;
  readonly search: SearchQueries;
  readonly history: HistoryQueries;
}

export interface ViewsOptions {
  /** `sqlite:` (in the folder), `sqlite:<folder>` or `postgres://…`. Default: `sqlite:`. */
  readonly url?: string;
  /** Folder of views in SQLite; made when it is missing. Only one process may use it. */
  readonly folder: string;
  /** Id of the ledger: several may keep their views in one PostgreSQL database. */
  readonly ledger: string;
  /** For the times a rebuild tells. Default: the system's. */
  readonly clock?: () => string;
  /** How long to try when a server cannot be reached: at the start, and for each question. Default 5000. */
  readonly patienceMs?: number;
  /** Told of lost connections and retries. */
  readonly onTrouble?: OnTrouble;
}

/** Most events of a batch that is projected live. */
const LIVE_BATCH = 500;

/**
 * Between two live batches, unless somebody waits for the views: while many events come in, one transaction takes what
 * came within this time. The first event after a quiet time is projected at once. Milliseconds.
 */
const LULL_MS = 25;

/**
 * Opens the views of a ledger. Views of another shape, and views that cannot be read, are left behind for an empty
 * database that {@link Views.follow} fills: nothing but the log is needed for that.
 *
 * Throws `CONFIGURATION` for an address that no engine takes, `STORE_UNAVAILABLE` when a server cannot be reached.
 */
export async function openViews({
  url = 'sqlite:',
  folder,
  ledger,
  clock = () => new Date().toISOString(),
  patienceMs = 5_000,
  onTrouble = () => undefined,
}: ViewsOptions): Promise<Views> {
  const home = await openHome({ url, folder, ledger, patienceMs, onTrouble });
  const closing = new AbortController();
  const retiring = new Set<Promise<void>>();
  let following: Promise<unknown> = Promise.resolve();
  let { live, at } = await openLive(home);
  const position = (): Position | undefined => (at === null ? undefined : String(at));
  const waiters = createWaiters(position);

  /** Batches and swaps take turns, so that no batch goes to a database that is being left. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = following.then(work, work);
    following = turn;
    return turn;
  };

  const advance = (to: number | null): void => {
    at = to;
    waiters.reached(position());
  };

  const adopt = async (database: Database): Promise<void> => {
    const old = live;
    const checkpoint = await database.engine.checkpoint();
    live = liveDatabase(database);
    advance(checkpoint.position);
    // Not awaited: the queries that still read it may take their time. What is left goes at the next start.
    const gone = old
      .retire()
      .then(() => home.release(old.number))
      .catch(() => undefined)
      .finally(() => retiring.delete(gone));
    retiring.add(gone);
  };

  /** Goes to the database that is live by now. False when it is the one at hand. */
  const adoptAnother = async (): Promise<boolean> => {
    if ((await home.liveNumber()) === live.number) return false;
    const database = await home.openLive();
    try {
      await adopt(database);
    } catch (error) {
      await database.engine.close();
      throw error;
    }
    return true;
  };

  const apply = (events: readonly RecordedEvent[], after: number | null, ledgerId: string): Promise<void> =>
    exclusively(async () => {
      for (;;) {
        try {
          advance(await projectBatch(live.engine, projections, catalogue, { events, after, ledger: ledgerId }));
          return;
        } catch (error) {
          if (error instanceof CheckpointTaken) continue;
          if (!(error instanceof DatabaseGone) || !(await adoptAnother())) throw outside(error);
        }
      }
    });

  /** Views of another log, or of a log that lost its end, would say what never happened. */
  const startAnewUnlessOf = (store: EventStore): Promise<void> =>
    exclusively(async () => {
      const checkpoint = await live.engine.checkpoint();
      if (checkpoint.position === null) return;
      const newest = await store.lastPosition();
      const isAhead = newest === undefined || Number(newest) < checkpoint.position;
      if (checkpoint.ledger === store.ledgerId && !isAhead) return;
      const fresh = await home.build();
      await fresh.engine.finish();
      await home.promote(fresh.number, () => Promise.resolve());
      await adopt(fresh);
    });

  /** Until the signal aborts, or the checkpoint turns out to stand elsewhere. */
  const followOnce = async (store: EventStore, signal: AbortSignal): Promise<void> => {
    await exclusively(async () => advance((await live.engine.checkpoint()).position));
    let after = at;
    const from = after === null ? {} : { after: String(after) };
    for await (const events of store.subscribe({ ...from, signal, batchSize: LIVE_BATCH })) {
      try {
        await apply(events, after, store.ledgerId);
        after = Number(events.at(-1)!.position);
      } catch (error) {
        if (!(error instanceof CheckpointBehind)) throw error;
        return;
      }
      if (events.length < LIVE_BATCH) await waiters.lull(LULL_MS, signal);
    }
  };

  const read: Read = async (query) => {
    const ask = async () => {
      for (;;) {
        if (closing.signal.aborted) throw areClosed();
        const asked = live;
        try {
          return await asked.read(query);
        } catch (error) {
          if (!(error instanceof DatabaseGone)) throw error;
          // Whoever asked at the same time may have gone over already.
          const left = await exclusively(async () => asked !== live || (await adoptAnother()));
          if (!left) throw outside(error);
        }
      }
    };
    return persistently('cannot-read', ask, { onTrouble, signal: closing.signal, patienceMs });
  };

  const lookAgain = (work: () => Promise<unknown>): void => {
    // What fails here is met again by the next batch or question, which tells of it.
    exclusively(work).catch(() => undefined);
  };
  await home.watch({
    replaced: () => lookAgain(adoptAnother),
    advanced(number, to) {
      if (number === live.number && to > (at ?? -1)) advance(to);
    },
    restored: () =>
      lookAgain(async () => {
        // The server may have been restored to an earlier state: nobody may be told a position that is not there.
        if (!(await adoptAnother())) advance((await live.engine.checkpoint()).position);
      }),
  });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing.abort();
    waiters.fail(areClosed());
    await rebuilds.stop();
    await exclusively(() => live.retire());
    await Promise.all(retiring);
    await home.close();
  };
  const rebuilds = createRebuilds({ home, clock, exclusively, adopt, read });

  return {
    position,
    waitFor: waiters.wait,
    project: (events, ledgerId) => apply(events, null, ledgerId),
    async follow(store, signal) {
      try {
        const still = { onTrouble, signal };
        await persistently('cannot-project', () => startAnewUnlessOf(store), still);
        while (!signal.aborted) await persistently('cannot-project', () => followOnce(store, signal), still);
      } catch (error) {
        if (!(signal.aborted && error instanceof RetryableError)) throw error;
      }
    },
    rebuild: rebuilds.rebuild,
    rebuildStatus: rebuilds.status,
    dump: () => read(dumpOf),
    close: () => (closed ??= close()),
    projects: projectQueries(read),
    locations: locationQueries(read),
    releases: releaseQueries(read),
    environments: environmentQueries(read),
    deployments: deploymentQueries(read),
    access: accessQueries(read),
    timeline: timelineQueries(read),
    statistics: statisticsQueries(read),
    incidents: incidentQueries(read),
    dora: doraQueries(read),
    search: searchQueries(read),
    history: historyQueries(read),
  };
}

async function openLive(home: Home): Promise<{ live: LiveDatabase; at: number | null }> {
  try {
    const live = liveDatabase(await home.openLive());
    return { live, at: (await live.engine.checkpoint()).position };
  } catch (error) {
    await home.close();
    throw error;
  }
}

const areClosed = (): WaybillError => new WaybillError('STORE_UNAVAILABLE', 'the views are closed');

/** Tables that are gone though no other database is live: somebody took them away. */
const outside = (error: unknown): unknown =>
  error instanceof DatabaseGone
    ? new WaybillError('STORE_UNAVAILABLE', error.message, {
        hint: 'The log is not touched by this: `waybill rebuild` builds the views anew.',
        cause: error.cause,
      })
    : error;
