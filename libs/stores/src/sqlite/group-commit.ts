import {
  RetryableError,
  isExpected,
  isWaybillError,
  recordedEvent,
  sealEvents,
  settleRepeat,
  type AppendResult,
  type Clock,
  type ExpectedRevision,
  type PreparedEvent,
  type RecordedEvent,
  type SealedEvent,
} from '@waybill/kernel';
import { codeOf, storeError } from './errors.js';
import type { Log, StreamPlace } from './log.js';
import { createTurns } from './turns.js';

/** One append, waiting for the next commit. */
interface Waiting {
  readonly stream: string;
  readonly prepared: readonly PreparedEvent[];
  readonly expected: ExpectedRevision;
  resolve(result: AppendResult): void;
  reject(error: unknown): void;
}

type Outcome =
  | { readonly kind: 'written'; readonly sealed: readonly SealedEvent[]; readonly first: number }
  | { readonly kind: 'repeated'; readonly events: readonly RecordedEvent[] }
  | { readonly kind: 'refused'; readonly error: unknown };

/** Appends in one transaction at most: bounds how long the event loop stands still. */
const MOST_IN_ONE = 512;

/** Streams whose end is kept in memory. */
const MOST_KNOWN = 10_000;

export interface GroupCommit {
  append(stream: string, prepared: readonly PreparedEvent[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Writes what waits, at once. */
  flush(): void;
}

/**
 * All appends that arrive in one turn of the event loop share one transaction and so one sync to the disk. Each has an
 * outcome of its own: a refused one leaves its neighbours alone. Nothing is answered before the commit.
 *
 * First everything is written as if nothing stood in the way: the ends of streams are remembered, and no id is looked
 * for. Should another process have written to a stream, or an id exist, then a unique index says so; the transaction is
 * taken back and begun again with every check made beforehand, so that the refused leave nothing behind. There are no
 * savepoints: SQLite would copy every page that an insert touches.
 */
export function createGroupCommit(
  log: Log,
  clock: Clock,
  onCommit: (event: RecordedEvent, position: number, size: number) => void,
  afterCommit: () => void,
): GroupCommit {
  const { db } = log;
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');

  const known = new Map<string, StreamPlace>();
  /** Where streams end once the transaction that is open is committed. */
  const staged = new Map<string, StreamPlace>();
  let waiting: Waiting[] = [];

  /** Returns how many appends were answered. */
  const flushSome = (): number => {
    const batch = waiting.slice(0, MOST_IN_ONE);
    waiting = waiting.slice(MOST_IN_ONE);
    if (batch.length === 0) return 0;
    let outcomes: readonly Outcome[];
    try {
      outcomes = transact(batch, writeUnchecked) ?? transact(batch, writeChecked)!;
    } catch (error) {
      const failure = storeError(error, db.name);
      for (const { reject } of batch) reject(failure);
      return batch.length;
    }
    for (const [stream, place] of staged) remember(stream, place);
    staged.clear();
    answer(batch, outcomes);
    return batch.length;
  };

  const turns = createTurns(flushSome, () => waiting.length);

  /** Undefined: something stands in the way, and nothing was written. */
  const transact = (batch: readonly Waiting[], write: (append: Waiting) => Outcome): readonly Outcome[] | undefined => {
    try {
      begin.run();
      const outcomes = batch.map((append) => attempt(append, write));
      commit.run();
      return outcomes;
    } catch (error) {
      staged.clear();
      // After a full disk SQLite may have rolled back by itself.
      if (db.open && db.inTransaction) rollback.run();
      if (write === writeUnchecked && codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE') return undefined;
      throw error;
    }
  };

  const attempt = (append: Waiting, write: (append: Waiting) => Outcome): Outcome => {
    try {
      return write(append);
    } catch (error) {
      if (isWaybillError(error)) return { kind: 'refused', error };
      throw error;
    }
  };

  const writeUnchecked = (append: Waiting): Outcome => {
    const { stream, expected } = append;
    const place = staged.get(stream) ?? known.get(stream) ?? log.find(stream);
    return isExpected(expected, place?.head) ? write(append, place) : writeChecked(append);
  };

  /** Every refusal comes before the first insert: what is refused leaves nothing to take back. */
  const writeChecked = (append: Waiting): Outcome => {
    const { stream, prepared, expected } = append;
    const place = staged.get(stream) ?? log.find(stream);
    const found = prepared.map(({ id }) => log.byId(id));
    if (isExpected(expected, place?.head) && found.every((event) => event === undefined)) return write(append, place);
    return { kind: 'repeated', events: settleRepeat(expected, place?.head, prepared, found) };
  };

  const write = ({ stream, prepared }: Waiting, place: StreamPlace | undefined): Outcome => {
    const sealed = sealEvents(log.ledgerId, place?.head, prepared, clock());
    const target = place ?? log.add(stream);
    let first = 0;
    for (const [index, event] of sealed.entries()) {
      const position = log.insert(target, event);
      if (index === 0) first = position;
    }
    staged.set(stream, { number: target.number, head: sealed.at(-1)!.head });
    return { kind: 'written', sealed, first };
  };

  const answer = (batch: readonly Waiting[], outcomes: readonly Outcome[]): void => {
    let wrote = false;
    for (const [index, outcome] of outcomes.entries()) {
      const { prepared, resolve, reject } = batch[index]!;
      switch (outcome.kind) {
        case 'written': {
          wrote = true;
          const events = outcome.sealed.map((sealed, offset) => {
            const position = outcome.first + offset;
            const event = recordedEvent(prepared[offset]!, sealed, String(position));
            onCommit(event, position, sealed.text.length);
            return event;
          });
          resolve({ events, position: events.at(-1)!.position, repeated: false });
          break;
        }
        case 'repeated':
          resolve({ events: outcome.events, position: outcome.events.at(-1)!.position, repeated: true });
          break;
        case 'refused':
          reject(outcome.error);
          break;
      }
    }
    if (wrote) afterCommit();
  };

  const remember = (stream: string, place: StreamPlace): void => {
    known.delete(stream);
    known.set(stream, place);
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
  };

  return {
    append: (stream, prepared, expected) =>
      new Promise((resolve, reject) => {
        if (!db.open) {
          reject(new RetryableError('STORE_UNAVAILABLE', `${db.name} is closed`));
          return;
        }
        waiting.push({ stream, prepared, expected, resolve, reject });
        turns.schedule();
      }),
    flush() {
      while (waiting.length > 0) flushSome();
    },
  };
}
