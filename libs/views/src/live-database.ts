import type { Database } from './home.js';
import type { Read } from './reading.js';

/**
 * One database of views and who reads it. A rebuild replaces the live one while queries of several statements are
 * under way: the old one stays open until the last of them is done.
 */
export interface LiveDatabase extends Database {
  readonly read: Read;
  /** Closes the database once nobody reads it. */
  retire(): Promise<void>;
}

export function liveDatabase({ number, engine }: Database): LiveDatabase {
  let readers = 0;
  let idle: (() => void) | undefined;
  return {
    number,
    engine,
    async read(query) {
      readers += 1;
      try {
        return await query(engine.queries);
      } catch (error) {
        throw engine.explain(error);
      } finally {
        readers -= 1;
        if (readers === 0) idle?.();
      }
    },
    async retire() {
      if (readers > 0) await new Promise<void>((resolve) => (idle = resolve));
      await engine.close();
    },
  };
}
