import { Kysely, PostgresDialect } from 'kysely';
import type { PoolClient } from 'pg';
import { CHECKPOINT } from '../ddl.js';
import { DatabaseGone, type Checkpoint, type Engine, type Unit } from '../engine.js';
import type { Schema } from '../schema.js';
import { decodeRow, type AnyRow, type Table } from '../table.js';
import { openPool, PATIENT, type Server } from '@waybill/postgres';
import { explained } from './explain.js';
import { CHANNEL, REGISTRY, schemaName } from './registry.js';
import { createIndexes, statementsOf, type TableStatements } from './statements.js';

/** Connections that read, one query each. */
const READERS = 8;

export interface PostgresEngine extends Engine {
  /** From now on batches are durable, told to other processes, and refused once another database is live. */
  goLive(): void;
}

/**
 * Views in one schema of a PostgreSQL database. `live` is false while it is filled from nothing: nobody else knows
 * of it then, and it need not outlive a crash of the server.
 */
export function openPostgresEngine(server: Server, number: number, live: boolean): PostgresEngine {
  const settings = { search_path: schemaName(number) };
  const readers = openPool(server, { max: READERS, settings });
  const queries = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: readers }) });
  // A connection of its own: many questions must not keep the views from moving.
  const writer = openPool(server, { max: 1, settings, pipeline: true });
  const statements = new Map<string, TableStatements>();
  const ofTable = (table: Table): TableStatements => {
    let found = statements.get(table.name);
    if (!found) statements.set(table.name, (found = statementsOf(table)));
    return found;
  };
  let isLive = live;
  let last: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;

  /** Begins, and reads what every batch needs, in one round trip. */
  async function begin(client: PoolClient): Promise<Checkpoint> {
    const checkpoint = `select position, ledger from ${CHECKPOINT}`;
    const results = await client.query<{ position: number | null; ledger: string | null }>(
      isLive
        ? // The lock keeps a rebuild from taking over until this batch is committed.
          `begin; select 1 from ${REGISTRY} where number = ${number} and live for share; ${checkpoint}`
        : `begin; set local synchronous_commit = off; ${checkpoint}`,
    );
    const [, guard, found] = results as unknown as (typeof results)[];
    if (isLive && guard!.rowCount === 0) throw new DatabaseGone(`views ${number} are no longer the live ones`);
    return found!.rows[0]!;
  }

  const unitOf = (client: PoolClient, checkpoint: Checkpoint): Unit => ({
    checkpoint: () => Promise.resolve(checkpoint),
    async moveCheckpoint(from, to) {
      const move = `update ${CHECKPOINT} set position = $1, ledger = $2 where position is not distinct from $3`;
      const told = `with moved as (${move} returning position)
        select pg_notify('${CHANNEL}', '${number} ' || position) from moved`;
      const { rowCount } = await client.query({
        name: isLive ? 'move and tell' : 'move',
        text: isLive ? told : move,
        values: [to.position, to.ledger, from.position],
      });
      return rowCount === 1;
    },
    async load(table, keys) {
      if (keys.length === 0) return [];
      const { load } = ofTable(table);
      const { rows } = await client.query<AnyRow>({ name: `load ${table.name}`, text: load, values: [keys] });
      return rows.map((row) => decodeRow(table, row));
    },
    async storeAll(changes) {
      // Not one after the other: the rows of the next table are encoded while the server writes those of this one.
      const stored = changes.map(({ table, rows }) => {
        const { store, encode } = ofTable(table);
        return client.query({ name: `store ${table.name}`, text: store, values: [encode(rows)] });
      });
      await Promise.all(stored);
    },
  });

  async function transaction<T>(work: (unit: Unit) => Promise<T>): Promise<T> {
    let client: PoolClient | undefined;
    let broken: Error | undefined;
    try {
      client = await writer.connect();
      const result = await work(unitOf(client, await begin(client)));
      await client.query('commit');
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not used again.
      await client?.query('rollback').catch((failure: Error) => (broken = failure));
      throw explained(error, server);
    } finally {
      client?.release(broken);
    }
  }

  return {
    queries,
    transact(work) {
      const turn = last.then(
        () => transaction(work),
        () => transaction(work),
      );
      last = turn;
      return turn;
    },
    async checkpoint() {
      try {
        const { rows } = await writer.query<Checkpoint>(`select position, ledger from ${CHECKPOINT}`);
        return rows[0]!;
      } catch (error) {
        throw explained(error, server);
      }
    },
    explain: (error) => explained(error, server),
    async finish() {
      try {
        for (const text of createIndexes) await writer.query({ text, ...PATIENT });
      } catch (error) {
        throw explained(error, server);
      }
    },
    goLive() {
      isLive = true;
    },
    close() {
      closing ??= (async () => {
        await last.catch(() => undefined);
        await queries.destroy();
        await writer.end();
      })();
      return closing;
    },
  };
}
