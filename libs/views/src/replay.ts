import type { EventCatalogue, EventStore, RecordedEvent } from '@waybill/kernel';
import type { Engine } from './engine.js';
import type { Projection } from './projection.js';
import { projectBatch } from './projector.js';

export interface Replay {
  readonly engine: Pick<Engine, 'transact' | 'checkpoint'>;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  readonly catalogue: EventCatalogue;
  /** Events a transaction: a row that many of them change is written once. */
  readonly batch: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with the number of its events. */
  readonly onBatch?: (events: number) => void;
}

/**
 * Reads the log behind the engine's checkpoint to its end. Resolves with the position it stands at then.
 *
 * The next page is read and parsed while the database writes the rows of this one: a server does that in a process of
 * its own.
 */
export async function replay({ engine, store, batch, signal, onBatch, ...rest }: Replay): Promise<number | null> {
  const read = (after: number | null) => store.readAll(after === null ? undefined : String(after), batch);
  let after = (await engine.checkpoint()).position;
  let events = await read(after);
  while (events.length > 0) {
    signal?.throwIfAborted();
    const last = Number(events.at(-1)!.position);
    let next: Promise<readonly RecordedEvent[]> | undefined;
    const readNext = (): void => {
      next ??= read(last);
      // Awaited below, unless this batch fails first.
      next.catch(() => undefined);
    };
    after = await projectBatch(whenStoring(engine, readNext), rest.projections, rest.catalogue, {
      events,
      after,
      ledger: store.ledgerId,
    });
    onBatch?.(events.length);
    // The batches of an embedded database are synchronous underneath: let live batches and queries have their turn.
    await new Promise<void>((resolve) => setImmediate(resolve));
    events = await (next ?? read(last));
  }
  signal?.throwIfAborted();
  return after;
}

/** Calls `storing` once rows of a transaction are on their way. */
function whenStoring(engine: Pick<Engine, 'transact'>, storing: () => void): Pick<Engine, 'transact'> {
  return {
    transact: (work) =>
      engine.transact((unit) =>
        work({
          checkpoint: () => unit.checkpoint(),
          moveCheckpoint: (from, to) => unit.moveCheckpoint(from, to),
          load: (table, keys) => unit.load(table, keys),
          async storeAll(changes) {
            const stored = unit.storeAll(changes);
            storing();
            await stored;
          },
        }),
      ),
  };
}
