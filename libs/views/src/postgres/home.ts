import type { OnTrouble } from '../backoff.js';
import type { Database, Home, Watcher } from '../home.js';
import { schemaHash } from '../schema.js';
import { openPool, type Server } from '@waybill/postgres';
import { openPostgresEngine, type PostgresEngine } from './engine.js';
import { explained } from './explain.js';
import { openPresence } from './presence.js';
import {
  CHANNEL,
  createDatabase,
  createRegistry,
  dropUnused,
  findLive,
  forget,
  isIntact,
  lockRegistry,
  nextNumber,
  positionOf,
  setLive,
  transaction,
  type Owner,
} from './registry.js';
import { createIndexes, createTables } from './statements.js';

export interface PostgresHomeOptions {
  readonly server: Server;
  /** Ledgers that share a PostgreSQL database keep views of their own in it. */
  readonly ledger: string;
  readonly onTrouble: OnTrouble;
}

/**
 * Views in a PostgreSQL database, a schema for each build. Several processes may use it at once: any number reads,
 * and of several that project each batch is written by one.
 */
export async function openPostgresHome({ server, ledger, onTrouble }: PostgresHomeOptions): Promise<Home> {
  const owner: Owner = { ledger, shape: schemaHash };
  const pool = openPool(server, { max: 2 });
  const engines = new Map<number, PostgresEngine>();
  let watcher: Watcher | undefined;
  const presence = await open();

  async function open() {
    try {
      await createRegistry(pool);
      return await openPresence(server, { heard, restored: () => watcher?.restored() }, onTrouble);
    } catch (error) {
      await pool.end();
      throw explained(error, server);
    }
  }

  function heard(payload: string): void {
    const [number, what] = payload.split(' ');
    if (what === 'live') watcher?.replaced();
    else if (engines.has(Number(number))) watcher?.advanced(Number(number), Number(what));
  }

  function opened(number: number, live: boolean): Database {
    const engine = openPostgresEngine(server, number, live);
    engines.set(number, engine);
    return { number, engine };
  }

  /** The live database, made empty when there is none. */
  const findOrCreate = (): Promise<number> =>
    transaction(pool, async (client) => {
      await lockRegistry(client);
      const found = await findLive(client, owner);
      if (found !== undefined) {
        if (await isIntact(client, found)) return found;
        await forget(client, found);
      }
      const number = await nextNumber(client);
      await createDatabase(client, owner, { number, live: true, statements: [...createTables, ...createIndexes] });
      return number;
    });

  const explaining = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explained(error, server);
    }
  };

  return {
    openLive: () =>
      explaining(async () => {
        for (;;) {
          const number = await findOrCreate();
          await presence.hold(number);
          // Another process may have replaced and dropped it before the lock was ours.
          if ((await findLive(pool, owner)) === number) {
            await dropUnused(pool, owner);
            return opened(number, true);
          }
          await presence.letGo(number);
        }
      }),
    liveNumber: () => explaining(() => findLive(pool, owner)),
    build: () =>
      explaining(async () => {
        const number = await nextNumber(pool);
        // Before anybody can see it, and so before anybody can take it for one that an interrupted rebuild left.
        await presence.hold(number);
        try {
          await transaction(pool, (client) =>
            createDatabase(client, owner, { number, live: false, statements: createTables }),
          );
        } catch (error) {
          await presence.letGo(number).catch(() => undefined);
          throw error;
        }
        return opened(number, false);
      }),
    promote: (number, lastStep) =>
      explaining(async () => {
        const engine = engines.get(number)!;
        await transaction(pool, async (client) => {
          // Two rebuilds take turns; the row's own lock waits for a batch that another process is writing.
          await lockRegistry(client);
          const replaced = await findLive(client, owner, 'for update');
          await lastStep(replaced === undefined ? null : await positionOf(client, replaced));
          if (replaced !== undefined) await setLive(client, replaced, false);
          await setLive(client, number, true);
          await client.query(`select pg_notify('${CHANNEL}', $1)`, [`${number} live`]);
        });
        engine.goLive();
      }),
    release: (number) =>
      explaining(async () => {
        engines.delete(number);
        await presence.letGo(number);
        await dropUnused(pool, owner);
      }),
    watch(next) {
      watcher = next;
      return Promise.resolve();
    },
    async close() {
      watcher = undefined;
      await presence.close();
      await pool.end();
    },
  };
}
