import { WaybillError, type EventStore } from '@waybill/kernel';
import { catalogue } from '@waybill/domain';
import type { Engine } from './engine.js';
import type { ViewsFolder } from './folder.js';
import type { LiveDatabase } from './live-database.js';
import { projectBatch } from './projector.js';
import { projections } from './schema.js';
import { buildSqliteEngine } from './sqlite-engine.js';
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
  readonly files: ViewsFolder;
  readonly clock: () => string;
  readonly live: () => LiveDatabase;
  /** Keeps live batches away while it runs. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  replaceWith(engine: Engine, number: number): Promise<void>;
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
    const number = views.files.nextNumber();
    let engine: Engine | undefined;
    try {
      progress = { ...progress, total: await timelineQueries(views.live().read).count() };
      const fresh = buildSqliteEngine(views.files.file(number));
      engine = fresh;
      const catchUp = async (): Promise<void> => {
        let after = (await fresh.checkpoint()).position;
        for (;;) {
          signal.throwIfAborted();
          const events = await store.readAll(after === null ? undefined : String(after), BATCH);
          if (events.length === 0) return;
          after = await projectBatch(fresh, projections, catalogue, { events, after, ledger: store.ledgerId });
          const done = progress.done + events.length;
          progress = { ...progress, done, total: Math.max(progress.total, done) };
          tell(progress);
          // The batches are synchronous underneath: let the live projector and the queries have their turn.
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
      };
      await catchUp();
      await fresh.finish();
      // What was appended meanwhile, now that no live batch can overtake us.
      await views.exclusively(async () => {
        await catchUp();
        await views.replaceWith(fresh, number);
      });
      tell({ ...progress, state: 'done', finishedAt: views.clock() });
    } catch (error) {
      await engine?.close();
      views.files.remove(number);
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
