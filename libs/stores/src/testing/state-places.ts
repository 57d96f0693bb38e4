import { afterAll, beforeAll, describe } from '@jest/globals';
import { isPostgresThere, postgresUrl } from '@waybill/postgres/testing';
import { serverOf, openPool } from '@waybill/postgres';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the state of one ledger is. */
export interface StatePlace {
  readonly url: string;
  readonly folder: string;
  /** Whether the text stands in a file of SQLite, freed pages and all, or in a row of PostgreSQL. */
  holds(text: string): Promise<boolean>;
  /** Runs a statement behind the back of the product. */
  run(statement: string): Promise<void>;
  remove(): Promise<void>;
}

/** The same suite on SQLite and, where it is installed, on PostgreSQL. */
export function onEveryEngine(subject: string, suite: (newPlace: () => StatePlace) => void): void {
  describe(`${subject} on SQLite`, () => suite(sqlitePlace));
  if (!isPostgresThere()) return;
  describe(`${subject} on PostgreSQL`, () => {
    let server: string;
    beforeAll(async () => void (server = await postgresUrl()), 60_000);
    afterAll(() => undefined);
    suite(() => postgresPlace(server));
  });
}

function sqlitePlace(): StatePlace {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-state-'));
  return {
    url: 'sqlite:',
    folder,
    holds: (text) =>
      Promise.resolve(readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text))),
    async run(statement) {
      const { default: Database } = await import('better-sqlite3');
      const database = new Database(join(folder, 'contents.sqlite'));
      database.exec(statement);
      database.close();
    },
    remove: () => Promise.resolve(rmSync(folder, { recursive: true })),
  };
}

function postgresPlace(url: string): StatePlace {
  const schema = `state_${randomBytes(6).toString('hex')}`;
  const ask = async (statement: string, values: string[] = []): Promise<unknown[]> => {
    const server = serverOf(url, { holds: 'the specs', setting: 'DATABASE_URL' });
    const pool = openPool(server, { max: 1, settings: { search_path: schema } });
    try {
      return (await pool.query(statement, values)).rows as unknown[];
    } finally {
      await pool.end();
    }
  };
  return {
    url: `${url}${url.includes('?') ? '&' : '?'}schema=${schema}`,
    folder: '',
    async holds(text) {
      const rows = `SELECT 1 FROM people WHERE position($1 in people::text) > 0
        UNION ALL SELECT 1 FROM tokens WHERE position($1 in tokens::text) > 0
        UNION ALL SELECT 1 FROM contents WHERE position($1 in convert_from(text, 'UTF8')) > 0`;
      return (await ask(rows, [text])).length > 0;
    },
    run: async (statement) => void (await ask(statement)),
    remove: async () => void (await ask(`DROP SCHEMA ${schema} CASCADE`)),
  };
}
