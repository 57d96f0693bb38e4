import {
  RetryableError,
  isExpected,
  isWaybillError,
  sealEvents,
  settleRepeat,
  unsealEvent,
  type AppendResult,
  type Clock,
  type ExpectedRevision,
  type PreparedEvent,
  type RecordedEvent,
  type SealedEvent,
  type StreamHead,
} from '@waybill/kernel';
import { storeError } from './errors.js';
import { brokenUniqueness, type Log } from './log.js';

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
const MOST_HEADS = 10_000;

export interface GroupCommit {
  append(stream: string, prepared: readonly PreparedEvent[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Writes what waits, at once. */
  flush(): void;
}

/**
 * All appends that arrive in one turn of the event loop share one transaction and so one sync to the disk; each has a
 * savepoint of its own, so that a refused one leaves its neighbours alone. Nothing is answered before the commit.
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
  const savepoint = db.prepare('SAVEPOINT append');
  const undo = db.prepare('ROLLBACK TO append');
  const release = db.prepare('RELEASE append');

  /** A cache only: the unique index on (stream, revision) decides. */
  const heads = new Map<string, StreamHead>();
  const staged = new Map<string, StreamHead>();
  let waiting: Waiting[] = [];
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flushSome();
      if (waiting.length > 0) schedule();
    });
  };

  const flushSome = (): void => {
    const batch = waiting.slice(0, MOST_IN_ONE);
    waiting = waiting.slice(MOST_IN_ONE);
    if (batch.length === 0) return;
    let outcomes: Outcome[];
    try {
      begin.run();
      outcomes = batch.map(attempt);
      commit.run();
    } catch (error) {
      staged.clear();
      // After a full disk SQLite may have rolled back by itself.
      if (db.open && db.inTransaction) rollback.run();
      const failure = storeError(error, db.name);
      for (const { reject } of batch) reject(failure);
      return;
    }
    for (const [stream, head] of staged) remember(stream, head);
    staged.clear();
    answer(batch, outcomes);
  };

  const answer = (batch: readonly Waiting[], outcomes: readonly Outcome[]): void => {
    let wrote = false;
    for (const [index, outcome] of outcomes.entries()) {
      const { resolve, reject } = batch[index]!;
      switch (outcome.kind) {
        case 'written': {
          wrote = true;
          const events = outcome.sealed.map(({ text, hash }, offset) => {
            const position = outcome.first + offset;
            const event = unsealEvent(text, String(position), hash);
            onCommit(event, position, text.length);
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

  const attempt = (append: Waiting): Outcome => {
    savepoint.run();
    try {
      return write(append, staged.get(append.stream) ?? heads.get(append.stream) ?? log.headOf(append.stream));
    } catch (error) {
      if (!db.inTransaction) throw error;
      undo.run();
      return retryOrRefuse(append, error);
    } finally {
      if (db.inTransaction) release.run();
    }
  };

  const write = (append: Waiting, cached: StreamHead | undefined): Outcome => {
    const { stream, prepared, expected } = append;
    // What we remember may be older than the file; only the file can refuse.
    const head = isExpected(expected, cached) ? cached : log.headOf(stream);
    if (!isExpected(expected, head)) return settle(append, head);
    const sealed = sealEvents(log.ledgerId, head, prepared, clock());
    let first = 0;
    for (const [index, event] of sealed.entries()) {
      const position = log.insert(stream, event);
      if (index === 0) first = position;
    }
    staged.set(stream, sealed.at(-1)!.head);
    return { kind: 'written', sealed, first };
  };

  const retryOrRefuse = (append: Waiting, error: unknown): Outcome => {
    try {
      switch (brokenUniqueness(error)) {
        case 'id':
          return settle(append, log.headOf(append.stream));
        case 'revision':
          // Another process wrote to the stream since we last looked.
          heads.delete(append.stream);
          return settle(append, log.headOf(append.stream));
        case undefined:
          throw error;
      }
    } catch (final) {
      if (isWaybillError(final)) return { kind: 'refused', error: final };
      throw final;
    }
  };

  const settle = ({ prepared, expected }: Waiting, head: StreamHead | undefined): Outcome => ({
    kind: 'repeated',
    events: settleRepeat(
      expected,
      head,
      prepared,
      prepared.map(({ id }) => log.byId(id)),
    ),
  });

  const remember = (stream: string, head: StreamHead): void => {
    heads.delete(stream);
    heads.set(stream, head);
    if (heads.size > MOST_HEADS) heads.delete(heads.keys().next().value!);
  };

  return {
    append: (stream, prepared, expected) =>
      new Promise((resolve, reject) => {
        if (!db.open) {
          reject(new RetryableError('STORE_UNAVAILABLE', `${db.name} is closed`));
          return;
        }
        waiting.push({ stream, prepared, expected, resolve, reject });
        schedule();
      }),
    flush() {
      while (waiting.length > 0) flushSome();
    },
  };
}
