import type Database from 'better-sqlite3';
import { type DatabaseOptions, openDatabase } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';
import type { Sql } from './sql.js';

export function openSqliteSql(options: DatabaseOptions): Sql {
  const db = openDatabase(options);
  const run = guarded(db);
  const prepared = new Map<string, Database.Statement<unknown[]>>();

  function prepare(statement: string): Database.Statement<unknown[]> {
    let known = prepared.get(statement);
    if (!known) prepared.set(statement, (known = db.prepare(statement)));
    return known;
  }

  return {
    all: <Row>(statement: string, ...values: unknown[]) =>
      run(() => prepare(statement).all(...values) as unknown as readonly Row[]),
    run: (statement, ...values) => run(() => prepare(statement).run(...values).changes),
    // secure_delete zeroes the old row; the write-ahead log still has it until it is written home and cut.
    clear: () => run(() => void db.pragma('wal_checkpoint(TRUNCATE)')),
    packed: (text) => text,
    unpacked: String,
    async close() {
      db.close();
    },
  };
}
