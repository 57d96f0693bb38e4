import { WaybillError, isWaybillError, type EventStore, type Position, type RecordedEvent } from '@waybill/kernel';
import { catalogue } from '@waybill/domain';
import { accessQueries, type AccessQueries } from './access/queries.js';
import { deploymentQueries, type DeploymentQueries } from './deployments/queries.js';
import { dumpOf, type Dump } from './dump.js';
import type { Engine } from './engine.js';
import { environmentQueries, type EnvironmentQueries } from './environments/queries.js';
import { viewsFolder, type ViewsFolder } from './folder.js';
import { liveDatabase, type LiveDatabase } from './live-database.js';
import { locationQueries, type LocationQueries } from './locations/queries.js';
import { projectQueries, type ProjectQueries } from './projects/queries.js';
import { CheckpointBehind, CheckpointTaken, projectBatch } from './projector.js';
import type { Read } from './reading.js';
import { createRebuilds, type RebuildOptions, type RebuildStatus } from './rebuild.js';
import { releaseQueries, type ReleaseQueries } from './releases/queries.js';
import { projections, schemaHash } from './schema.js';
import { openSqliteEngine } from './sqlite-engine.js';
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
}

export interface ViewsOptions {
  /** Folder of the views alone; made when it is missing. Only one process may use it. */
  readonly folder: string;
  /** For the times a rebuild tells. Default: the system's. */
  readonly clock?: () => string;
}

/**
 * Opens the views of a folder. Views of another shape, and views that cannot be read, are left behind for an empty
 * database that {@link Views.follow} fills: nothing but the log is needed for that.
 */
export async function openViews({ folder, clock = () => new Date().toISOString() }: ViewsOptions): Promise<Views> {
  const files = viewsFolder(folder);
  let { live, at } = await openLive(files);
  let following: Promise<unknown> = Promise.resolve();
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

  const replaceWith = async (engine: Engine, number: number): Promise<void> => {
    const old = live;
    const checkpoint = await engine.checkpoint();
    files.point({ current: number, schema: schemaHash });
    live = liveDatabase(number, engine);
    advance(checkpoint.position);
    // Not awaited: the queries that still read it may take their time. What is left goes at the next start.
    void old.retire(() => files.remove(old.number)).catch(() => undefined);
  };

  const apply = (events: readonly RecordedEvent[], after: number | null, ledger: string): Promise<void> =>
    exclusively(async () => {
      for (;;) {
        try {
          advance(await projectBatch(live.engine, projections, catalogue, { events, after, ledger }));
          return;
        } catch (error) {
          if (!(error instanceof CheckpointTaken)) throw error;
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
      const number = files.nextNumber();
      await replaceWith(openSqliteEngine(files.file(number)), number);
    });

  const rebuilds = createRebuilds({ files, clock, exclusively, replaceWith, live: () => live });
  const read: Read = (query) => live.read(query);

  return {
    position,
    waitFor: waiters.wait,
    project: (events, ledgerId) => apply(events, null, ledgerId),
    async follow(store, signal) {
      await startAnewUnlessOf(store);
      for (let behind = true; behind;) {
        behind = false;
        let after = at;
        const subscription = store.subscribe({ ...(after === null ? {} : { after: String(after) }), signal });
        for await (const events of subscription) {
          try {
            await apply(events, after, store.ledgerId);
            after = Number(events.at(-1)!.position);
          } catch (error) {
            if (!(error instanceof CheckpointBehind)) throw error;
            at = (await live.engine.checkpoint()).position;
            behind = true;
            break;
          }
        }
      }
    },
    rebuild: rebuilds.rebuild,
    rebuildStatus: rebuilds.status,
    dump: () => read(dumpOf),
    async close() {
      waiters.fail(new WaybillError('STORE_UNAVAILABLE', 'the views are closed'));
      await rebuilds.stop();
      await exclusively(() => live.retire(() => undefined));
    },
    projects: projectQueries(read),
    locations: locationQueries(read),
    releases: releaseQueries(read),
    environments: environmentQueries(read),
    deployments: deploymentQueries(read),
    access: accessQueries(read),
    timeline: timelineQueries(read),
  };
}

async function openLive(files: ViewsFolder): Promise<{ live: LiveDatabase; at: number | null }> {
  const pointer = files.pointer();
  if (pointer?.schema === schemaHash) {
    try {
      const engine = openSqliteEngine(files.file(pointer.current));
      const { position } = await engine.checkpoint();
      files.removeAllBut(pointer.current);
      return { live: liveDatabase(pointer.current, engine), at: position };
    } catch (error) {
      if (!isWaybillError(error, 'STORE_CORRUPT')) throw error;
    }
  }
  const number = files.nextNumber();
  const engine = openSqliteEngine(files.file(number));
  files.point({ current: number, schema: schemaHash });
  files.removeAllBut(number);
  return { live: liveDatabase(number, engine), at: null };
}
