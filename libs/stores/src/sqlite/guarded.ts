import type { Connection } from './database.js';
import { storeError } from './errors.js';

/** Runs synchronous work on a connection as a promise; what SQLite throws becomes an error that a caller can act on. */
export function guarded(db: Connection): <Result>(work: () => Result) => Promise<Result> {
  return async (work) => {
    try {
      return work();
    } catch (error) {
      throw storeError(error, db.name);
    }
  };
}
