import type { EventCatalogue, RecordedEvent } from '@waybill/kernel';
import { categoryOf } from '@waybill/domain';
import type { Engine } from './engine.js';
import type { EventsByCategory, Fact, Handler, Projection } from './projection.js';
import { RowBuffer } from './row-buffer.js';

export interface Batch {
  /** In log order, without holes behind `after`. */
  readonly events: readonly RecordedEvent[];
  /** Position of the event before the first one; null when it is the first of the log. */
  readonly after: number | null;
  readonly ledger: string;
}

/** The checkpoint stands before `after`: something put it back, and the events between are to be read first. */
export class CheckpointBehind extends Error {}

/** Another projector wrote between reading the checkpoint and taking it: read it again. */
export class CheckpointTaken extends Error {}

/**
 * Changes rows and checkpoint in one transaction. Events at or before the checkpoint are passed over, so delivering
 * a batch again changes nothing. Resolves with the checkpoint's position.
 */
export function projectBatch(
  engine: Pick<Engine, 'transact'>,
  projections: readonly Projection[],
  catalogue: EventCatalogue,
  batch: Batch,
): Promise<number | null> {
  return engine.transact(async (unit) => {
    const checkpoint = await unit.checkpoint();
    const at = checkpoint.position;
    if (batch.after !== null && (at === null || at < batch.after)) throw new CheckpointBehind();
    const events = at === null ? batch.events : batch.events.filter((event) => Number(event.position) > at);
    const last = events.at(-1);
    if (!last) return at;
    const position = Number(last.position);
    if (!(await unit.moveCheckpoint(checkpoint, { position, ledger: batch.ledger }))) throw new CheckpointTaken();

    const rows = new RowBuffer();
    const handlersOf = handlersByCategory(projections);
    const everywhere = projections.flatMap(({ onEvery }) => onEvery ?? []);
    const steps: { event: RecordedEvent; fact: Fact; handlers: readonly Handler<never>[] }[] = [];
    for (const event of events) {
      const handlers = handlersOf(event.stream);
      const fact = handlers.length === 0 ? event : newest(catalogue, event);
      for (const handler of handlers) handler.touches(fact as never, rows.announce);
      steps.push({ event, fact, handlers });
    }
    await rows.load(unit);
    for (const { event, fact, handlers } of steps) {
      for (const onEvery of everywhere) onEvery(event, rows);
      for (const handler of handlers) handler.project(fact as never, rows);
    }
    await rows.flush(unit);
    return position;
  });
}

/** Streams of other categories have no handlers; their events are indexed only. */
function handlersByCategory(projections: readonly Projection[]): (stream: string) => readonly Handler<never>[] {
  const known = new Map<string, readonly Handler<never>[]>();
  return (stream) => {
    const category = categoryOf(stream);
    let handlers = known.get(category);
    if (!handlers) {
      handlers = projections.flatMap(({ on }) => {
        const handler = on[category as keyof EventsByCategory];
        return handler ? [handler as Handler<never>] : [];
      });
      known.set(category, handlers);
    }
    return handlers;
  };
}

function newest(catalogue: EventCatalogue, event: RecordedEvent): Fact {
  const { data } = catalogue.upcast(event);
  return data === event.data ? event : { ...event, data };
}
