import type { Client } from 'pg';
import { persistently, type OnTrouble } from '../backoff.js';
import { connect, type Server } from '@waybill/postgres';
import { explained } from './explain.js';
import { CHANNEL, LOCKS } from './registry.js';

/** The one connection by which a process shows which databases it uses, and hears what others do to them. */
export interface Presence {
  /** Takes the shared lock of a database: nobody drops it from now on. Waits for whoever is dropping it. */
  hold(number: number): Promise<void>;
  letGo(number: number): Promise<void>;
  close(): Promise<void>;
}

export interface Listener {
  heard(payload: string): void;
  /** The connection is there again. In between locks were gone and nothing was heard. */
  restored(): void;
}

/** How often the connection is tried: a server that went without a word is not missed otherwise. Milliseconds. */
const HEARTBEAT_MS = 15_000;

export async function openPresence(server: Server, listener: Listener, onTrouble: OnTrouble): Promise<Presence> {
  const held = new Set<number>();
  const closing = new AbortController();
  let session = open();
  await session;

  async function open(): Promise<Client> {
    let client: Client | undefined;
    try {
      client = await connect(server);
      const opened = client;
      await opened.query(`listen ${CHANNEL}`);
      for (const number of held) await lock(opened, number);
      opened.on('notification', ({ payload }) => listener.heard(payload ?? ''));
      const heart = setInterval(() => void opened.query('select 1').catch(() => opened.end()), HEARTBEAT_MS);
      heart.unref();
      opened.once('end', () => {
        clearInterval(heart);
        reopen();
      });
      return opened;
    } catch (error) {
      await client?.end().catch(() => undefined);
      throw explained(error, server);
    }
  }

  function reopen(): void {
    if (closing.signal.aborted) return;
    session = persistently('cannot-listen', open, { onTrouble, signal: closing.signal });
    session.then(
      () => listener.restored(),
      // Aborted, or a fault that does not pass: queries tell of it, and whoever needs the session tries again.
      () => undefined,
    );
  }

  async function current(): Promise<Client> {
    try {
      return await session;
    } catch {
      session = open();
      return session;
    }
  }

  const lock = (client: Client, number: number) =>
    client.query('select pg_advisory_lock_shared($1, $2)', [LOCKS, number]);

  return {
    async hold(number) {
      try {
        for (let locked: Client | undefined; ;) {
          const client = await current();
          if (locked === client) return;
          await lock(client, number);
          held.add(number);
          // Once more when the session was replaced while the lock was on its way.
          locked = client;
        }
      } catch (error) {
        held.delete(number);
        throw explained(error, server);
      }
    },
    async letGo(number) {
      if (!held.delete(number)) return;
      try {
        const client = await current();
        await client.query('select pg_advisory_unlock_shared($1, $2)', [LOCKS, number]);
      } catch (error) {
        throw explained(error, server);
      }
    },
    async close() {
      closing.abort();
      const client = await session.catch(() => undefined);
      await client?.end().catch(() => undefined);
    },
  };
}
