import { WaybillError } from '@waybill/kernel';
import Database from 'better-sqlite3';
import { existsSync, statSync } from 'node:fs';
import { corrupt, storeError } from './errors.js';

export type Connection = Database.Database;

/** What a file holds: told apart by SQLite's application id, so that one is never opened as another. */
export interface Schema {
  /** Four ASCII letters. */
  readonly applicationId: string;
  /** `migrations[n]` brings a file of version n to n + 1. Only ever add at the end. */
  readonly migrations: readonly string[];
}

export interface DatabaseOptions {
  readonly file: string;
  readonly schema: Schema;
  /** FULL: a commit survives a power cut. NORMAL: it survives a crash of the process; a power cut may lose the newest. */
  readonly synchronous: 'FULL' | 'NORMAL';
  /** Overwrites what is deleted with zeros. */
  readonly secureDelete?: boolean;
  /** What to throw instead of filling a file that is empty or missing. Default: such a file is filled. */
  readonly whenEmpty?: (() => WaybillError) | undefined;
}

/**
 * Up to 3.51.2 a WAL reset with two connections could corrupt the file (https://sqlite.org/wal.html#walresetbug).
 */
const OLDEST_SQLITE = [3, 51, 3] as const;

/** Milliseconds to wait for another process, such as a backup. */
const BUSY_TIMEOUT = 5000;

const SYNCHRONOUS = { NORMAL: 1, FULL: 2 } as const;

/** Opens or creates a database file in WAL mode, brings it to this version and asserts the promises made above. */
export function openDatabase(options: DatabaseOptions): Connection {
  const { file, whenEmpty } = options;
  let db: Connection | undefined;
  try {
    if (whenEmpty && !(existsSync(file) && statSync(file).size > 0)) throw whenEmpty();
    db = new Database(file, { timeout: BUSY_TIMEOUT });
    prepare(db, options);
    return db;
  } catch (error) {
    db?.close();
    throw storeError(error, file);
  }
}

function prepare(db: Connection, options: DatabaseOptions): void {
  const { file, schema, synchronous, secureDelete } = options;
  assertVersion(String(db.prepare('SELECT sqlite_version()').pluck().get()));
  assertOurs(db, options);
  // The build's default for WAL is NORMAL: without this line an acknowledged event could be lost in a power cut.
  db.pragma(`synchronous = ${synchronous}`);
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal' && file !== ':memory:') throw unmet(file, `journal_mode is ${String(mode)}, not wal`);
  const set = db.pragma('synchronous', { simple: true });
  if (set !== SYNCHRONOUS[synchronous]) throw unmet(file, `synchronous is ${String(set)}, not ${synchronous}`);
  db.pragma('journal_size_limit = 67108864');
  if (secureDelete === true) db.pragma('secure_delete = ON');
  migrate(db, file, schema);
}

export function assertVersion(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > oldest) return;
    if (part < oldest) {
      throw new WaybillError('CONFIGURATION', `SQLite ${version} is older than ${OLDEST_SQLITE.join('.')}`, {
        hint: 'Older ones can corrupt a write-ahead log: install better-sqlite3 12.8 or newer.',
      });
    }
  }
}

/** Reads the header and the schema: a damaged or foreign file is refused before anything is written to it. */
function assertOurs(db: Connection, { file, schema, whenEmpty }: DatabaseOptions): void {
  const { applicationId, migrations } = schema;
  const id = db.pragma('application_id', { simple: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  if (tables === 0 && version === 0) {
    if (whenEmpty) throw whenEmpty();
    return;
  }
  if (id !== asNumber(applicationId)) {
    throw new WaybillError('CONFIGURATION', `${file} is an SQLite database, but not the one expected here`, {
      hint: 'Point WAYBILL_DATA to a folder of its own.',
    });
  }
  if (version > migrations.length) {
    throw new WaybillError(
      'CONFIGURATION',
      `${file} has schema version ${version}; this Waybill knows ${migrations.length}`,
      { hint: 'It was written by a newer Waybill: upgrade this one.' },
    );
  }
  if (tables === 0) throw corrupt(file, 'its tables are gone');
}

function migrate(db: Connection, file: string, { applicationId, migrations }: Schema): void {
  const from = Number(db.pragma('user_version', { simple: true }));
  if (from === migrations.length) return;
  db.transaction(() => {
    for (const statements of migrations.slice(from)) db.exec(statements);
    db.pragma(`application_id = ${asNumber(applicationId)}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).exclusive();
  if (Number(db.pragma('user_version', { simple: true })) !== migrations.length) {
    throw unmet(file, 'its schema version cannot be set');
  }
}

const asNumber = (applicationId: string): number => Buffer.from(applicationId, 'latin1').readInt32BE(0);

function unmet(file: string, what: string): WaybillError {
  return new WaybillError('CONFIGURATION', `${file}: ${what}`, {
    hint: 'Put the data folder on a local file system.',
  });
}
