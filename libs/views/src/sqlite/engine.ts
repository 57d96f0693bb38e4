import Database from 'better-sqlite3';
import { WaybillError } from '@waybill/kernel';
import {
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
  type Compilable,
} from 'kysely';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { CHECKPOINT, createIndexStatements, createTableStatements, type AnySchema } from '../ddl.js';
import type { Engine, Unit } from '../engine.js';
import type { Schema } from '../schema.js';
import {
  decodeRow,
  rowEncoder,
  type AnyRow,
  type ColumnKind,
  type EncodeRow,
  type StoredRow,
  type Table,
} from '../table.js';

/** Writes statements as text and never runs one. */
const compiler = new Kysely<AnySchema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/**
 * Views in one SQLite file. Reading has a connection of its own: with WAL it sees the last committed batch while the
 * next one is written.
 *
 * Writing goes through statements that Kysely compiles once: a rebuild writes some hundred thousand rows, and
 * building each statement anew costs more than running it.
 */
export function openSqliteEngine(file: string): Engine {
  return openEngine(file, (writer) => {
    useWal(writer);
    createIndexes(writer);
  });
}

/**
 * A file to be filled from nothing and thrown away when that fails: until `finish` it has no indexes, no
 * write-ahead log and no fsync.
 */
export function buildSqliteEngine(file: string): Engine {
  return openEngine(file, (writer) => {
    writer.pragma('journal_mode = MEMORY');
    writer.pragma('synchronous = OFF');
    writer.pragma('cache_size = -65536');
  });
}

function openEngine(file: string, prepare: (writer: Database.Database) => void): Engine {
  let writer: Database.Database | undefined;
  try {
    writer = new Database(file);
    writer.pragma('busy_timeout = 5000');
    const opened = writer;
    const isNew = opened.prepare(`select 1 from sqlite_schema where name = '${CHECKPOINT}'`).get() === undefined;
    if (isNew) opened.transaction(() => createTables(opened))();
    prepare(opened);
    return engineOver(opened, file);
  } catch (error) {
    writer?.close();
    throw explained(error, file);
  }
}

function useWal(writer: Database.Database): void {
  writer.pragma('journal_mode = WAL');
  // A lost transaction is delivered again, since its checkpoint is lost with it: no fsync per batch is needed.
  writer.pragma('synchronous = NORMAL');
  writer.pragma('cache_size = -16384');
  // 16 MB: a page that many batches change is copied to the file once.
  writer.pragma('wal_autocheckpoint = 4000');
}

function engineOver(writer: Database.Database, file: string): Engine {
  let queries: Kysely<Schema> | undefined;
  const unit = createUnit(writer);
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function transaction<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    try {
      writer.exec('begin immediate');
      const result = await work(unit);
      writer.exec('commit');
      return result;
    } catch (error) {
      if (writer.inTransaction) writer.exec('rollback');
      throw explained(error, file);
    }
  }

  return {
    get queries() {
      queries ??= new Kysely<Schema>({
        dialect: new SqliteDialect({ database: new Database(file, { readonly: true, fileMustExist: true }) }),
      });
      return queries;
    },
    transact(work) {
      const turn = last.then(
        () => transaction(work),
        () => transaction(work),
      );
      last = turn;
      return turn;
    },
    checkpoint: () => unit.checkpoint(),
    explain: (error) => explained(error, file),
    async finish() {
      try {
        createIndexes(writer);
        const descriptor = openSync(file, 'r+');
        try {
          fsyncSync(descriptor);
        } finally {
          closeSync(descriptor);
        }
        useWal(writer);
      } catch (error) {
        throw explained(error, file);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await last.catch(() => undefined);
      await queries?.destroy();
      writer.close();
    },
  };
}

function createUnit(writer: Database.Database): Unit {
  const prepared = new Map<string, Database.Statement>();
  const encoders = new Map<string, EncodeRow>();
  const statement = (name: string, query: () => Compilable): Database.Statement => {
    let found = prepared.get(name);
    if (!found) {
      found = writer.prepare(query().compile().sql);
      prepared.set(name, found);
    }
    return found;
  };
  return {
    async checkpoint() {
      const row = statement('checkpoint', () => compiler.selectFrom(CHECKPOINT).selectAll()).get() as StoredRow;
      return { position: row['position'] as number | null, ledger: row['ledger'] as string | null };
    },
    async moveCheckpoint(from, to) {
      const move = compiler.updateTable(CHECKPOINT).set({ position: 0, ledger: '' });
      const moved =
        from.position === null
          ? statement('move first', () => move.where('position', 'is', null)).run(to.position, to.ledger)
          : statement('move', () => move.where('position', '=', 0)).run(to.position, to.ledger, from.position);
      return moved.changes === 1;
    },
    async load(table, keys) {
      const select = statement(`load ${table.name}`, () =>
        compiler.selectFrom(table.name).selectAll().where(table.key, '=', ''),
      );
      const rows: AnyRow[] = [];
      for (const key of keys) {
        const row = select.get(key);
        if (row !== undefined) rows.push(decodeRow(table, row as StoredRow));
      }
      return rows;
    },
    async storeAll(changes) {
      for (const { table, rows } of changes) {
        const upsert = statement(`store ${table.name}`, () => upsertOf(table));
        let encode = encoders.get(table.name);
        if (!encode) encoders.set(table.name, (encode = rowEncoder(table)));
        for (const row of rows) upsert.run(encode(row));
      }
    },
  };
}

/** Values stand in the order of the table's columns. */
function upsertOf(table: Table): Compilable {
  const columns = Object.keys(table.columns);
  const others = columns.filter((column) => column !== table.key);
  return compiler
    .insertInto(table.name)
    .values(Object.fromEntries(columns.map((column) => [column, ''])))
    .onConflict((conflict) =>
      conflict
        .column(table.key)
        .doUpdateSet(Object.fromEntries(others.map((column) => [column, sql.ref(`excluded.${column}`)]))),
    );
}

function createTables(writer: Database.Database): void {
  const typeOf = (kind: ColumnKind) => (kind === 'integer' || kind === 'boolean' ? sql`integer` : sql`text`);
  for (const statement of createTableStatements(compiler, typeOf)) writer.exec(statement);
}

function createIndexes(writer: Database.Database): void {
  for (const statement of createIndexStatements(compiler)) writer.exec(statement);
}

/** SQLite's own words stay in the message; the code tells what can be done. */
function explained(error: unknown, file: string): unknown {
  if (!isSqliteError(error)) return error;
  const details = { cause: error };
  if (error.code.startsWith('SQLITE_FULL')) {
    return new WaybillError('DISK_FULL', `no space left for the views in ${file}`, {
      hint: 'Free some space: the views go on where they stopped.',
      ...details,
    });
  }
  if (error.code.startsWith('SQLITE_CORRUPT') || error.code.startsWith('SQLITE_NOTADB')) {
    return new WaybillError('STORE_CORRUPT', `the views in ${file} cannot be read: ${error.message}`, {
      hint: 'The log is not touched by this: `waybill rebuild` builds the views anew.',
      ...details,
    });
  }
  return new WaybillError('STORE_UNAVAILABLE', `the views in ${file} cannot be used: ${error.message}`, details);
}

/** By its code, not its class: the native module is loaded once a process and may know the class of another realm. */
function isSqliteError(error: unknown): error is { readonly code: string; readonly message: string } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('SQLITE_') &&
    'message' in error
  );
}
