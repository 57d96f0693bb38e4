import { sql, type Kysely } from 'kysely';
import { tables, type Schema } from './schema.js';
import type { StoredRow } from './table.js';

/** Rows as the database holds them, JSON columns as text, by table and in the order of their keys. */
export type Dump = Readonly<Record<string, readonly StoredRow[]>>;

export async function dumpOf(db: Kysely<Schema>): Promise<Dump> {
  const dump: Record<string, readonly StoredRow[]> = {};
  const checkpoint = await sql<StoredRow>`select * from ${sql.table('checkpoint')}`.execute(db);
  dump['checkpoint'] = checkpoint.rows;
  for (const { name, key } of tables) {
    const found = await sql<StoredRow>`select * from ${sql.table(name)} order by ${sql.ref(key)}`.execute(db);
    dump[name] = found.rows;
  }
  return dump;
}
