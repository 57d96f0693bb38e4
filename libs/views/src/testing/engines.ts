import { afterAll, beforeAll, describe } from '@jest/globals';
import { newId } from '@waybill/kernel';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { isPostgresThere, postgresUrl } from '@waybill/postgres/testing';

/** Where the views of one ledger are: a folder, or what belongs to its id in a PostgreSQL database. */
export interface Place {
  readonly url: string;
  readonly folder: string;
  readonly ledger: string;
  /** Numbers of the databases of views that are there. */
  databases(): Promise<readonly number[]>;
  /** Runs a statement in one of them, behind the back of the views. */
  run(number: number, statement: string): Promise<void>;
  remove(): Promise<void>;
}

export type EngineName = 'SQLite' | 'PostgreSQL';

let current: EngineName = 'SQLite';

/** The same suite on SQLite and, where it is installed, on PostgreSQL. */
export function onEveryEngine(subject: string, suite: (engine: EngineName) => void): void {
  const engines: readonly EngineName[] = isPostgresThere() ? ['SQLite', 'PostgreSQL'] : ['SQLite'];
  for (const engine of engines) {
    describe(`${subject} on ${engine}`, () => {
      beforeAll(async () => {
        current = engine;
        if (engine === 'PostgreSQL') await postgresUrl();
      }, 60_000);
      afterAll(() => {
        current = 'SQLite';
      });
      suite(engine);
    });
  }
}

export const newPlace = (): Promise<Place> => (current === 'SQLite' ? newFolder() : newLedgerInPostgres());

async function newFolder(): Promise<Place> {
  const { default: Database } = await import('better-sqlite3');
  const folder = mkdtempSync(join(tmpdir(), 'waybill-views-'));
  return {
    url: 'sqlite:',
    folder,
    ledger: 'spec',
    databases: () =>
      Promise.resolve(
        readdirSync(folder).flatMap((name) => (/^views-(\d+)\.sqlite$/.exec(name) ?? []).slice(1).map(Number)),
      ),
    run(number, statement) {
      const database = new Database(join(folder, `views-${number}.sqlite`));
      database.exec(statement);
      database.close();
      return Promise.resolve();
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

export async function newLedgerInPostgres(): Promise<Place> {
  const url = await postgresUrl();
  const ledger = newId();
  const numbers = async (client: Client): Promise<number[]> => {
    const there = await client.query<{ found: boolean }>(
      `select to_regclass('waybill_views.databases') is not null as found`,
    );
    if (!there.rows[0]!.found) return [];
    const { rows } = await client.query<{ number: number }>(
      'select number from waybill_views.databases where ledger = $1 order by number',
      [ledger],
    );
    return rows.map(({ number }) => number);
  };
  return {
    url,
    folder: '',
    ledger,
    databases: () => withClient(url, numbers),
    run: (number, statement) =>
      withClient(url, async (client) => {
        await client.query(`set search_path to waybill_views_${number}`);
        await client.query(statement);
      }),
    remove: () =>
      withClient(url, async (client) => {
        for (const number of await numbers(client)) {
          await client.query(`drop schema if exists waybill_views_${number} cascade`);
          await client.query('delete from waybill_views.databases where number = $1', [number]);
        }
      }),
  };
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
