import { newId, unsealEvent, type RecordedEvent, type SealedEvent, type StreamHead } from '@waybill/kernel';
import { assertLedger, goneLedger } from '../another-ledger.js';
import { openDatabase, type Connection } from './database.js';
import { corrupt } from './errors.js';
import { LOG_SCHEMA } from './schema.js';

/** A stream and where it ends. */
export interface StreamPlace {
  readonly number: number;
  /** Undefined: it has no events yet. */
  readonly head: StreamHead | undefined;
}

/** The statements over one log file, prepared once. Synchronous; SQLite's errors pass through. */
export interface Log {
  readonly db: Connection;
  readonly ledgerId: string;
  /** Undefined: there is no such stream. */
  find(stream: string): StreamPlace | undefined;
  /** Numbers a new stream. `SQLITE_CONSTRAINT_UNIQUE`: it exists. */
  add(stream: string): StreamPlace;
  byId(id: string): RecordedEvent | undefined;
  /** Returns the position. `SQLITE_CONSTRAINT_UNIQUE`: the id or the revision exists. */
  insert(stream: StreamPlace, event: SealedEvent): number;
  readStream(stream: string, from: number, limit: number): RecordedEvent[];
  readStreamBackwards(stream: string, from: number, limit: number): RecordedEvent[];
  readAll(after: number, limit: number): RecordedEvent[];
  lastPosition(): number | undefined;
}

type Row = [position: number, text: string, hash: string];

/** What commits wrote to the write-ahead log is copied to the file once it is this many pages: 16 MB. */
const PAGES_IN_LOG = 4000;

/** Holds the index of ids of two million events. Kibibytes, taken as the file grows. */
const CACHE = 65_536;

/** The log of a ledger. With `known` that ledger must be the one in the file. */
export function openLog(file: string, newLedgerId: string = newId(), known?: string): Log {
  const whenEmpty = known === undefined ? undefined : () => goneLedger(file, known);
  const db = openDatabase({ file, schema: LOG_SCHEMA, synchronous: 'FULL', whenEmpty });
  // Of a page that many commits changed only the last copy is copied, so rarely is better than often.
  db.pragma(`wal_autocheckpoint = ${PAGES_IN_LOG}`);
  db.pragma(`cache_size = -${CACHE}`);
  db.prepare('INSERT OR IGNORE INTO ledger (id, only_one) VALUES (?, 1)').run(newLedgerId);
  const ledgerId = String(db.prepare('SELECT id FROM ledger').pluck().get());
  try {
    assertLedger(file, known, ledgerId);
  } catch (error) {
    db.close();
    throw error;
  }

  const select = (rest: string) =>
    db.prepare<(string | number)[], Row>(`SELECT position, text, hash FROM events ${rest}`).raw();
  const numberOf = db.prepare<[string], number>('SELECT number FROM streams WHERE name = ?').pluck();
  const add = db.prepare('INSERT INTO streams (name) VALUES (?)');
  const head = db.prepare<[number], [number, string, string]>(
    `SELECT revision, hash, text ->> '$.recordedAt' FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1`,
  );
  head.raw();
  const insert = db.prepare(`INSERT INTO events (stream, revision, id, text, hash) VALUES (?, ?, unhex(?, '-'), ?, ?)`);
  const byId = select(`WHERE id = unhex(?, '-')`);
  const ofStream = 'WHERE stream = (SELECT number FROM streams WHERE name = ?)';
  const forwards = select(`${ofStream} AND revision >= ? ORDER BY revision LIMIT ?`);
  const backwards = select(`${ofStream} AND revision <= ? ORDER BY revision DESC LIMIT ?`);
  const all = select('WHERE position > ? ORDER BY position LIMIT ?');
  const last = db.prepare<[], number | null>('SELECT max(position) FROM events').pluck();

  const asEvent = ([position, text, hash]: Row): RecordedEvent => {
    try {
      return unsealEvent(text, String(position), hash);
    } catch (error) {
      throw corrupt(file, `the event at position ${position} is not JSON`, error);
    }
  };

  return {
    db,
    ledgerId,
    find(stream) {
      const number = numberOf.get(stream);
      if (number === undefined) return undefined;
      const row = head.get(number);
      return { number, head: row && { revision: row[0], hash: row[1], recordedAt: row[2] } };
    },
    add: (stream) => ({ number: Number(add.run(stream).lastInsertRowid), head: undefined }),
    byId(id) {
      const row = byId.get(id);
      return row && asEvent(row);
    },
    insert({ number }, { head: { revision }, id, text, hash }) {
      return Number(insert.run(number, revision, id, text, hash).lastInsertRowid);
    },
    readStream: (stream, from, limit) => forwards.all(stream, from, limit).map(asEvent),
    readStreamBackwards: (stream, from, limit) => backwards.all(stream, from, limit).map(asEvent),
    readAll: (after, limit) => all.all(after, limit).map(asEvent),
    lastPosition: () => last.get() ?? undefined,
  };
}
