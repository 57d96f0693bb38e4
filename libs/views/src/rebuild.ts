import { RetryableError, WaybillError, type EventStore } from '@waybill/kernel';
import { catalogue } from '@waybill/domain';
import type { Database, Home } from './home.js';
import type { Read } from './reading.js';
import { remembering } from './remembering.js';
import { replay } from './replay.js';
import { projections } from './schema.js';
import { timelineQueries } from './timeline/queries.js';

export interface RebuildOptions {
  /** Called after each batch. */
  readonly onProgress?: ((status: RebuildStatus) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface RebuildStatus {
  readonly state: 'running' | 'done' | 'failed';
  /** Events replayed so far. */
  readonly done: number;
  /** Events there were to replay at the start, as far as the live views knew; never below `done`. */
  readonly total: number;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Why it failed, in words. */
  readonly error: string | null;
}

export interface Rebuilds {
  rebuild(store: EventStore, options?: RebuildOptions): Promise<void>;
  status(): RebuildStatus | undefined;
  /** Stops the running one and waits until its files are gone. */
  stop(): Promise<void>;
}

/** Events a transaction replays: a row that many of them change is written once. */
const BATCH = 1000;

export function createRebuilds(views: {
  readonly home: Home;
  readonly clock: () => string;
  readonly read: Read;
  /** Keeps live batches away while it runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Leaves the live database for this one, which was made the live one. */
  adopt(database: Database): Promise<void>;
}): Rebuilds {
  let status: RebuildStatus | undefined;
  let running: Promise<void> | undefined;
  const stopping = new AbortController();
  const listeners = new Set<(status: RebuildStatus) => void>();

  const tell = (next: RebuildStatus): void => {
    status = next;
    for (const listener of listeners) listener(next);
  };

  async function run(store: EventStore, signal: AbortSignal): Promise<void> {
    let progress: RebuildStatus = {
      state: 'running',
      done: 0,
      total: 0,
      startedAt: views.clock(),
      finishedAt: null,
      error: null,
    };
    // Before anything is awaited: whoever started it can ask for the status at once.
    tell(progress);
    let fresh: Database | undefined;
    try {
      // Views that are damaged are no reason not to build them anew.
      const known = await timelineQueries(views.read)
        .count()
        .catch(() => 0);
      progress = { ...progress, total: known };
      fresh = await views.home.build();
      const { number, engine } = fresh;
      const filled = { ...remembering(engine), checkpoint: () => engine.checkpoint() };
      const catchUp = (): Promise<number | null> =>
        replay({
          engine: filled,
          store,
          projections,
          catalogue,
          batch: BATCH,
          signal,
          onBatch(events) {
            const done = progress.done + events;
            progress = { ...progress, done, total: Math.max(progress.total, done) };
            tell(progress);
          },
        });
      await catchUp();
      await engine.finish();
      const built = fresh;
      await views.exclusively(async () => {
        // What was appended meanwhile, now that no live batch can overtake us.
        await views.home.promote(number, async (floor) => {
          const at = await catchUp();
          if (floor !== null && (at ?? -1) < floor) throw fellShort(at, floor);
        });
        await views.adopt(built);
      });
      tell({ ...progress, state: 'done', finishedAt: views.clock() });
    } catch (error) {
      await fresh?.engine.close();
      // What cannot be removed now goes at the next start.
      if (fresh) await views.home.release(fresh.number).catch(() => undefined);
      const words = error instanceof Error ? error.message : String(error);
      tell({ ...progress, state: 'failed', finishedAt: views.clock(), error: words });
      throw error;
    }
  }

  return {
    status: () => status,
    async rebuild(store, { onProgress, signal } = {}) {
      if (onProgress) listeners.add(onProgress);
      try {
        running ??= run(store, signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal).finally(() => {
          running = undefined;
        });
        await running;
      } finally {
        if (onProgress) listeners.delete(onProgress);
      }
    },
    async stop() {
      stopping.abort(new WaybillError('STORE_UNAVAILABLE', 'the rebuild was stopped: the views are closing'));
      await running?.catch(() => undefined);
    },
  };
}

/** A replica of the log may lag: who has seen a position must not see less. */
const fellShort = (at: number | null, floor: number): WaybillError =>
  new RetryableError('STORE_UNAVAILABLE', `the log reads to ${at ?? 'nothing'}, but the views stand at ${floor}`, {
    hint: 'Rebuild again in a moment.',
  });
