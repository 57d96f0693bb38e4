import type { Connection } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';

/** Which ledger the data of this folder is of. */
export interface KnownLedger {
  /** Undefined before the first start. */
  id(): Promise<string | undefined>;
  /** The first one stays. */
  remember(id: string): Promise<void>;
}

export function createKnownLedger(db: Connection): KnownLedger {
  const run = guarded(db);
  const read = db.prepare<[], string>('SELECT id FROM ledger').pluck();
  const write = db.prepare('INSERT OR IGNORE INTO ledger (id, only_one) VALUES (?, 1)');
  return {
    id: () => run(() => read.get()),
    remember: (id) => run(() => void write.run(id)),
  };
}
