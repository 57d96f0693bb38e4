import { isWaybillError } from '@waybill/kernel';
import type { Database, Home } from '../home.js';
import { schemaHash } from '../schema.js';
import { buildSqliteEngine, openSqliteEngine } from './engine.js';
import { viewsFolder } from './folder.js';

/** Views in a folder of one process: whoever opens it has locked the data folder. */
export function openSqliteHome(folder: string): Home {
  const files = viewsFolder(folder);
  const opened = (number: number): Database => ({ number, engine: openSqliteEngine(files.file(number)) });
  const live = (): number | undefined => {
    const pointer = files.pointer();
    return pointer?.schema === schemaHash ? pointer.current : undefined;
  };

  async function readable(number: number): Promise<Database | undefined> {
    let database: Database | undefined;
    try {
      database = opened(number);
      await database.engine.checkpoint();
      return database;
    } catch (error) {
      await database?.engine.close();
      if (isWaybillError(error, 'STORE_CORRUPT')) return undefined;
      throw error;
    }
  }

  return {
    async openLive() {
      const pointed = live();
      const found = pointed === undefined ? undefined : await readable(pointed);
      const database = found ?? opened(files.nextNumber());
      if (!found) files.point({ current: database.number, schema: schemaHash });
      files.removeAllBut(database.number);
      return database;
    },
    liveNumber: () => Promise.resolve(live()),
    build() {
      const number = files.nextNumber();
      return Promise.resolve({ number, engine: buildSqliteEngine(files.file(number)) });
    },
    async promote(number, lastStep) {
      await lastStep(null);
      files.point({ current: number, schema: schemaHash });
    },
    release(number) {
      if (number !== live()) files.remove(number);
      return Promise.resolve();
    },
    // The folder belongs to one process: nobody else writes.
    watch: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
