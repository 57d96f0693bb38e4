import { newId, unsealEvent, type RecordedEvent, type SealedEvent, type StreamHead } from '@waybill/kernel';
import { openDatabase, type Connection } from './database.js';
import { corrupt } from './errors.js';
import { LOG_SCHEMA } from './schema.js';

/** The statements over one log file, prepared once. Synchronous; SQLite's errors pass through. */
export interface Log {
  readonly db: Connection;
  readonly ledgerId: string;
  headOf(stream: string): StreamHead | undefined;
  byId(id: string): RecordedEvent | undefined;
  /** Returns the position. `SQLITE_CONSTRAINT_UNIQUE`: the id or the revision exists. */
  insert(stream: string, event: SealedEvent): number;
  readStream(stream: string, from: number, limit: number): RecordedEvent[];
  readStreamBackwards(stream: string, from: number, limit: number): RecordedEvent[];
  readAll(after: number, limit: number): RecordedEvent[];
  lastPosition(): number | undefined;
}

type Row = [position: number, text: string, hash: string];

export function openLog(file: string, newLedgerId: string = newId()): Log {
  const db = openDatabase({ file, schema: LOG_SCHEMA, synchronous: 'FULL' });
  db.prepare('INSERT OR IGNORE INTO ledger (id, only_one) VALUES (?, 1)').run(newLedgerId);
  const ledgerId = String(db.prepare('SELECT id FROM ledger').pluck().get());

  const select = (rest: string) =>
    db.prepare<(string | number)[], Row>(`SELECT position, text, hash FROM events ${rest}`).raw();
  const head = db.prepare<[string], [number, string, string]>(
    `SELECT revision, hash, text ->> '$.recordedAt' FROM events WHERE stream = ? ORDER BY revision DESC LIMIT 1`,
  );
  head.raw();
  const insert = db.prepare('INSERT INTO events (stream, revision, id, type, text, hash) VALUES (?, ?, ?, ?, ?, ?)');
  const byId = select('WHERE id = ?');
  const forwards = select('WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?');
  const backwards = select('WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?');
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
    headOf(stream) {
      const row = head.get(stream);
      return row && { revision: row[0], hash: row[1], recordedAt: row[2] };
    },
    byId(id) {
      const row = byId.get(id);
      return row && asEvent(row);
    },
    insert(stream, { head: { revision }, id, type, text, hash }) {
      return Number(insert.run(stream, revision, id, type, text, hash).lastInsertRowid);
    },
    readStream: (stream, from, limit) => forwards.all(stream, from, limit).map(asEvent),
    readStreamBackwards: (stream, from, limit) => backwards.all(stream, from, limit).map(asEvent),
    readAll: (after, limit) => all.all(after, limit).map(asEvent),
    lastPosition: () => last.get() ?? undefined,
  };
}
