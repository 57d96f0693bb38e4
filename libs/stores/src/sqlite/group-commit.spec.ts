import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyChain, type EventStore } from '@waybill/kernel';
import { sampleEvent, sampleEvents } from '@waybill/kernel/testing';
import Database from 'better-sqlite3';
import { openSqliteEventStore } from './event-store.js';

describe('the SQLite event store', () => {
  let folder: string;
  let file: string;
  let store: EventStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-group-'));
    file = join(folder, 'events.sqlite');
    store = openSqliteEventStore({ file });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  /** Pages in the write-ahead log: each commit writes those it touched. */
  const frames = (): number => {
    const db = new Database(file);
    const [row] = db.pragma('wal_checkpoint(PASSIVE)') as { log: number }[];
    db.close();
    return row!.log;
  };

  it('commits what arrives in one turn together, and what arrives later apart', async () => {
    await store.append('warm-up', sampleEvents(1), 'no-stream');
    const before = frames();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => store.append(`together-${i}`, sampleEvents(1), 'no-stream')),
    );
    const together = frames() - before;
    for (let i = 0; i < 50; i++) await store.append(`apart-${i}`, sampleEvents(1), 'no-stream');
    const apart = frames() - before - together;
    // Each commit writes the pages it touched: fifty commits write the same pages again and again.
    expect(together).toBeLessThan(apart / 2);
  });

  it('commits together what callbacks of their own ask for in one turn, as requests from many sockets do', async () => {
    await store.append('warm-up', sampleEvents(1), 'no-stream');
    const before = frames();
    const due = performance.now() + 20;
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        // Timers that are due at one moment run one after the other, with all promises settled in between.
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
        await store.append(`together-${i}`, sampleEvents(1), 'no-stream');
      }),
    );
    const together = frames() - before;
    for (let i = 0; i < 50; i++) {
      await store.append(`apart-${i}`, sampleEvents(1), 'no-stream');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(together).toBeLessThan((frames() - before - together) / 2);
  });

  it('lets the event loop turn while writers come back at once with the next append', async () => {
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns += 1;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    await Promise.all(
      [1, 2].map(async (writer) => {
        for (let i = 0; i < 300; i++) await store.append(`thing-${writer}-${i}`, sampleEvents(1), 'no-stream');
      }),
    );
    done = true;
    expect(turns).toBeGreaterThan(3);
  });

  it('has no writer of 256 fail because the file is busy, nor those of another connection meanwhile', async () => {
    const other = openSqliteEventStore({ file });
    const write = async (to: EventStore, stream: string): Promise<void> => {
      for (let revision = -1; revision < 4; revision++) {
        await to.append(stream, sampleEvents(1), revision === -1 ? 'no-stream' : revision);
      }
    };
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 256 }, (_, i) => write(store, `mine-${i}`)),
      ...Array.from({ length: 64 }, (_, i) => write(other, `theirs-${i}`)),
    ]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await store.lastPosition()).toBe(String((256 + 64) * 5));
    for (const stream of ['mine-0', 'mine-255', 'theirs-63']) {
      const events = await store.readStream(stream);
      expect(events).toHaveLength(5);
      expect(verifyChain(store.ledgerId, events)).toBeUndefined();
    }
    await other.close();
  });

  it('writes neighbours once when an id turns out to exist after they were written', async () => {
    const [taken] = (await store.append('thing-1', sampleEvents(1), 'no-stream')).events;
    const outcomes = await Promise.allSettled([
      store.append('thing-2', sampleEvents(2), 'no-stream'),
      store.append('thing-1', sampleEvents(1), 0),
      store.append('thing-3', [sampleEvent(), sampleEvent({ id: taken!.id })], 'no-stream'),
      store.append('thing-2', sampleEvents(1), 1),
      store.append('thing-3', sampleEvents(1), 'no-stream'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(outcomes[2]).toMatchObject({ reason: { code: 'EVENT_ID_CONFLICT' } });
    const log = await store.readAll(undefined, 100);
    expect(log.map(({ stream }) => stream)).toEqual(['thing-1', 'thing-2', 'thing-2', 'thing-1', 'thing-2', 'thing-3']);
    for (const stream of ['thing-1', 'thing-2', 'thing-3']) {
      expect(verifyChain(store.ledgerId, await store.readStream(stream))).toBeUndefined();
    }
  });

  it('takes more appends in one turn than go into one transaction, in order', async () => {
    const results = await Promise.all(
      Array.from({ length: 1300 }, (_, i) => store.append(`thing-${i}`, sampleEvents(1), 'no-stream')),
    );
    expect(results.map(({ position }) => Number(position))).toEqual(results.map((_, index) => index + 1));
  });

  it('lets the file decide when another process wrote: to the stream, to another one, and the same ids', async () => {
    const other = openSqliteEventStore({ file });
    expect(other.ledgerId).toBe(store.ledgerId);
    await store.append('thing-1', sampleEvents(1), 'no-stream');
    await other.append('thing-1', sampleEvents(1), 0);
    await expect(store.append('thing-1', sampleEvents(1), 0)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await store.append('thing-1', sampleEvents(1), 1);
    const sent = sampleEvent();
    const theirs = await other.append('thing-1', [sent], 2);
    expect(await store.append('thing-1', [sent], 2)).toStrictEqual({ ...theirs, repeated: true });
    await other.append('thing-2', sampleEvents(2), 'no-stream');
    await store.append('thing-3', sampleEvents(1), 'no-stream');
    const events = await store.readStream('thing-1');
    expect(verifyChain(store.ledgerId, events)).toBeUndefined();
    const log = await store.readAll(undefined, 100);
    expect(log).toStrictEqual(await other.readAll(undefined, 100));
    expect(await store.readAll(theirs.position, 100)).toStrictEqual(log.slice(4));
    await other.close();
  });

  it('hands one and the same parsed event to every live reader', async () => {
    const { events } = await store.append('thing-1', sampleEvents(2), 'no-stream');
    const [live] = await store.readAll(undefined, 1);
    expect(live).toBe(events[0]);
    for (let i = 0; i < 1500; i++) void store.append(`thing-x-${i}`, sampleEvents(1), 'no-stream');
    await store.append('last', sampleEvents(1), 'no-stream');
    const all = await store.readAll(undefined, 5000);
    expect(all.map(({ position }) => Number(position))).toEqual(Array.from({ length: 1503 }, (_, i) => i + 1));
    const late = await store.readAll('1400', 10);
    expect(late).toStrictEqual(all.slice(1400, 1410));
  });

  it('answers nothing as written when the commit fails', async () => {
    await store.append('thing-1', sampleEvents(1), 'no-stream');
    const blocker = new Database(file);
    blocker.exec(
      "CREATE TRIGGER fail BEFORE INSERT ON streams WHEN NEW.name = 'doomed' BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    );
    const outcomes = await Promise.allSettled([
      store.append('thing-1', sampleEvents(1), 0),
      store.append('doomed', sampleEvents(1), 'no-stream'),
      store.append('thing-2', sampleEvents(1), 'no-stream'),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE' } });
    blocker.exec('DROP TRIGGER fail');
    blocker.close();
    expect(await store.readStream('thing-1')).toHaveLength(1);
    expect((await store.append('thing-1', sampleEvents(1), 0)).events[0]!.revision).toBe(1);
    expect((await store.append('thing-2', sampleEvents(1), 'no-stream')).position).toBe('3');
  });
});
