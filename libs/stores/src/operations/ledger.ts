import { type Sql, one } from '../sql/sql.js';

/** Which ledger the operational state is of. */
export interface KnownLedger {
  /** Undefined before the first start. */
  id(): Promise<string | undefined>;
  /** The first one stays. */
  remember(id: string): Promise<void>;
}

export const createKnownLedger = (sql: Sql): KnownLedger => ({
  id: async () => (await one<{ id: string }>(sql, 'SELECT id FROM ledger'))?.id,
  remember: async (id) =>
    void (await sql.run('INSERT INTO ledger (id, only_one) VALUES (?, 1) ON CONFLICT DO NOTHING', id)),
});
