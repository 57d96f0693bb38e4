import { RetryableError } from '@waybill/kernel';
import { type Server, explained, openPool } from '@waybill/postgres';
import { setTimeout as sleep } from 'node:timers/promises';
import { delayOf } from '../eventstoredb/backoff.js';
import type { Sql, Value } from './sql.js';

/** Longest that a statement is tried again while the server cannot be reached. Milliseconds. */
const PATIENCE_MS = 5_000;

const CONNECTIONS = 5;

export interface PostgresSqlOptions {
  readonly server: Server;
  readonly schema: string;
  /** FULL: what is acknowledged survives a power cut of the server. NORMAL: the newest may be lost. */
  readonly synchronous: 'FULL' | 'NORMAL';
}

/** Every statement here has the same effect when it is repeated, so one whose answer was lost is asked again. */
export function openPostgresSql({ server, schema, synchronous }: PostgresSqlOptions): Sql {
  const settings = { search_path: schema, ...(synchronous === 'NORMAL' && { synchronous_commit: 'off' }) };
  const pool = openPool(server, { max: CONNECTIONS, settings });
  const numbered = new Map<string, string>();

  async function query(statement: string, values: readonly Value[]) {
    let text = numbered.get(statement);
    if (text === undefined) numbered.set(statement, (text = withNumbers(statement)));
    const started = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        return await pool.query<Record<string, unknown>>(text, [...values]);
      } catch (error) {
        const told = explained(error, server);
        const delay = delayOf(attempt);
        if (!(told instanceof RetryableError) || performance.now() - started + delay > PATIENCE_MS) throw told;
        await sleep(delay);
      }
    }
  }

  return {
    all: async <Row>(statement: string, ...values: Value[]) =>
      (await query(statement, values)).rows as unknown as readonly Row[],
    run: async (statement, ...values) => (await query(statement, values)).rowCount ?? 0,
    // Dead rows go from the table. Backups and the server's own write-ahead log are out of reach.
    clear: async (table) => void (await query(`VACUUM ${table}`, [])),
    packed: (text) => Buffer.from(text),
    unpacked: (value) => (typeof value === 'string' ? value : value.toString('utf8')),
    close: () => pool.end(),
  };
}

/** `?` as `$1`, `$2`, … */
function withNumbers(statement: string): string {
  let number = 0;
  return statement.replace(/\?/g, () => `$${++number}`);
}
