import {
  RetryableError,
  createBell,
  follow,
  numberOfPosition,
  prepareEvents,
  systemClock,
  type Clock,
  type EventStore,
  type Position,
  type ReadStreamOptions,
  type RecordedEvent,
} from '@waybill/kernel';
import { beyondTheEnd } from '../beyond-the-end.js';
import { storeError } from './errors.js';
import { createGroupCommit } from './group-commit.js';
import { openLog } from './log.js';
import { createTail } from './tail.js';

export interface SqliteEventStoreOptions {
  readonly file: string;
  /** Default: this machine's clock. */
  readonly clock?: Clock;
  /** Of a log that is created now; an existing one keeps its own. Default: a fresh UUID. */
  readonly ledgerId?: string;
  /** The ledger that this log must be of: another one is refused, and so is a log that would begin now. */
  readonly known?: string | undefined;
}

/**
 * The embedded event store: one file, one process. A position is the rowid in decimal.
 * Throws `STORE_CORRUPT` for a damaged file, `CONFIGURATION` for a foreign or newer one or another ledger's, `STORE_UNAVAILABLE` when it
 * cannot be opened.
 */
export function openSqliteEventStore(options: SqliteEventStoreOptions): EventStore {
  const { file, clock = systemClock, ledgerId, known } = options;
  const log = openLog(file, ledgerId, known);
  const tail = createTail();
  const bell = createBell();
  const commits = createGroupCommit(log, clock, tail.push, bell.ring);
  let closed = false;

  /** Reads are synchronous underneath; what SQLite throws becomes an error that a caller can act on. */
  const read = async <Result>(query: () => Result): Promise<Result> => {
    if (closed) throw new RetryableError('STORE_UNAVAILABLE', `${file} is closed`);
    try {
      return query();
    } catch (error) {
      throw storeError(error, file);
    }
  };

  const readAll = (after: Position | undefined, limit: number): Promise<readonly RecordedEvent[]> =>
    read(() => {
      const start = numberOfPosition(after);
      const events = tail.after(start, limit) ?? log.readAll(start, limit);
      if (events.length === 0 && start > (log.lastPosition() ?? 0)) throw beyondTheEnd(start);
      return events;
    });

  /** Whoever has read what was written last is rung at the next commit of this process, and looks again then. */
  const readNext: typeof readAll = async (after, limit) =>
    !closed && tail.endsAt(numberOfPosition(after)) ? [] : readAll(after, limit);

  return {
    ledgerId: log.ledgerId,
    async append(stream, events, expected) {
      if (closed) throw new RetryableError('STORE_UNAVAILABLE', `${file} is closed`);
      return commits.append(stream, prepareEvents(stream, events), expected);
    },
    readStream: (stream, { direction = 'forwards', from, limit }: ReadStreamOptions = {}) =>
      read(() =>
        direction === 'forwards'
          ? log.readStream(stream, from ?? 0, atMost(limit))
          : log.readStreamBackwards(stream, from ?? Number.MAX_SAFE_INTEGER, atMost(limit)),
      ),
    readAll,
    lastPosition: () => read(() => log.lastPosition()?.toString()),
    subscribe: (options) => follow({ readAll: readNext, listen: bell.listen, closed: () => closed }, options),
    async close() {
      if (closed) return;
      commits.flush();
      closed = true;
      bell.ring();
      log.db.close();
    },
  };
}

/** Below zero is SQLite's "no limit". */
const atMost = (limit: number | undefined): number => (limit !== undefined && Number.isFinite(limit) ? limit : -1);
