import { WaybillError } from '@waybill/kernel';
import { type Server, explained, openPool } from '@waybill/postgres';

/** Arbitrary; the same in every process, so that two that start at once bring the tables up to date one by one. */
const LOCK = 7_221_905_113;

/**
 * Creates the schema or brings it to this version. `migrations[n]` brings version n to n + 1; only ever add at the end.
 * Refuses a schema of a newer Waybill.
 */
export async function migratePostgres(server: Server, schema: string, migrations: readonly string[]): Promise<void> {
  const pool = openPool(server, { max: 1 });
  try {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await client.query(`SET LOCAL search_path TO ${schema}`);
      await client.query('CREATE TABLE IF NOT EXISTS version (number INTEGER NOT NULL)');
      const { rows } = await client.query<{ number: number }>('SELECT number FROM version');
      const version = rows[0]?.number ?? 0;
      if (version > migrations.length) throw newer(server, schema, version, migrations.length);
      for (const statements of migrations.slice(version)) await client.query(statements);
      await client.query('DELETE FROM version');
      await client.query('INSERT INTO version VALUES ($1)', [migrations.length]);
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  } catch (error) {
    throw explained(error, server);
  } finally {
    await pool.end();
  }
}

const newer = ({ name }: Server, schema: string, version: number, known: number): WaybillError =>
  new WaybillError('CONFIGURATION', `${schema} in ${name} has schema version ${version}; this Waybill knows ${known}`, {
    hint: 'It was written by a newer Waybill: upgrade this one.',
  });
