import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { run } from '../../../tools/setup/install.mjs';

const home = fileURLToPath(new URL('.', import.meta.url));

/**
 * Emmett's SQLite store as its guide opens it: a connection for each call. Or, with `keepConnection`, over one that stays
 * open. Installs Emmett first where it is missing.
 * @param {string} fileName
 * @param {{ keepConnection?: boolean }} [options]
 */
export async function openEmmett(fileName, { keepConnection = false } = {}) {
  if (!existsSync(`${home}/node_modules/@event-driven-io/emmett-sqlite`)) {
    process.stderr.write('Installing Emmett for this benchmark (once; its SQLite is compiled, about a minute) …\n');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: home, stdio: ['ignore', 2, 2] });
  }
  // Emmett asks for the write-ahead log on each connection and does not wait for it; beforehand it cannot go wrong.
  const db = new Database(fileName);
  db.pragma('journal_mode = WAL');
  db.close();
  const { getSQLiteEventStore, sqliteConnection } = await import('@event-driven-io/emmett-sqlite');
  const connection = keepConnection ? sqliteConnection({ fileName }) : undefined;
  await connection?.query('PRAGMA journal_mode');
  const store = getSQLiteEventStore({
    fileName,
    schema: { autoMigration: 'CreateOrUpdate' },
    ...(connection ? { connectionOptions: { singleton: true, connection } } : {}),
  });
  await store.schema.migrate();
  return store;
}
