import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_EVENT_BYTES, sha256, type EventStore } from '@waybill/kernel';
import { manualClock, sampleEvent, sampleEvents } from '@waybill/kernel/testing';
import Database from 'better-sqlite3';
import { openSqliteEventStore } from './event-store.js';

describe('bad input to the SQLite event store', () => {
  let folder: string;
  let file: string;
  const clock = manualClock();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-bad-'));
    file = join(folder, 'events.sqlite');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Everything in the folder but what readers of it share, to see that nothing was written. */
  const contents = (): unknown =>
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm'))
      .map((name) => [name, sha256(readFileSync(join(folder, name)))]);

  const refuses = async (
    code: string,
    words: RegExp,
    act: (store: EventStore) => Promise<unknown>,
  ): Promise<{ hint?: string; fields?: unknown }> => {
    const store = openSqliteEventStore({ file, clock: clock.read });
    await store.append('thing-1', sampleEvents(3), 'no-stream');
    const before = contents();
    const error: unknown = await act(store).then(
      () => 'nothing was refused',
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
    expect(contents()).toEqual(before);
    expect(await store.lastPosition()).toBe('3');
    await store.close();
    return error as { hint?: string };
  };

  it.each(['thing\u0007', 'thing\n1', 'thing\u0000', 'thing\u009f'])('a stream called %j', async (stream) => {
    await refuses('INVALID_EVENT', /control characters/, (store) => store.append(stream, sampleEvents(1), 'no-stream'));
  });

  it('an event over the limit, among others that are not', async () => {
    const large = sampleEvent({ data: { text: 'x'.repeat(MAX_EVENT_BYTES) } });
    const { hint } = await refuses('EVENT_TOO_LARGE', new RegExp(`${MAX_EVENT_BYTES} at most`), (store) =>
      store.append('thing-1', [sampleEvent(), large], 2),
    );
    expect(hint).toContain('blob store');
  });

  it('a clock that went back by an hour', async () => {
    const { hint } = await refuses('CLOCK_WENT_BACKWARDS', /3600 seconds later/, async (store) => {
      clock.advance(-3_600_000);
      try {
        await store.append('thing-1', sampleEvents(1), 2);
      } finally {
        clock.advance(3_600_000);
      }
    });
    expect(hint).toContain('clock');
  });

  it.each(['4', '900000000000', '12x', '-1', '1.5', '0x10'])('the position %s, to read from', async (position) => {
    const { hint } = await refuses('INVALID_INPUT', new RegExp(position), (store) => store.readAll(position, 10));
    expect(hint).toContain('as this ledger gave it');
  });

  it('a position of another ledger, to subscribe from: it would wait, and pass over what is written', async () => {
    await refuses('INVALID_INPUT', /beyond the end/, (store) =>
      store.subscribe({ after: '57' })[Symbol.asyncIterator]().next(),
    );
  });

  it('reads nothing behind the last position, which is no mistake', async () => {
    const store = openSqliteEventStore({ file });
    expect(await store.readAll(undefined, 10)).toEqual([]);
    await store.append('thing-1', sampleEvents(2), 'no-stream');
    expect(await store.readAll('2', 10)).toEqual([]);
    await store.close();
  });

  it('a database of a newer version', async () => {
    await openSqliteEventStore({ file }).close();
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    const before = contents();
    expect(() => openSqliteEventStore({ file })).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', hint: expect.stringContaining('upgrade') }),
    );
    expect(contents()).toEqual(before);
  });

  describe('where a ledger is known to be', () => {
    const known = '01996f3e-0000-7000-8000-000000000000';

    const gone = () =>
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: expect.stringMatching(/empty or missing.*01996f3e/),
        hint: expect.stringMatching(/backup.*WAYBILL_DATA/),
      });

    it('no file', () => {
      expect(() => openSqliteEventStore({ file, known })).toThrow(gone());
      expect(readdirSync(folder)).toEqual([]);
    });

    it('a file of no bytes', () => {
      writeFileSync(file, '');
      expect(() => openSqliteEventStore({ file, known })).toThrow(gone());
      expect(statSync(file).size).toBe(0);
      expect(readdirSync(folder)).toEqual(['events.sqlite']);
    });

    it('a file that lost its write-ahead log and so all its tables', async () => {
      const store = openSqliteEventStore({ file, ledgerId: known });
      const copy = join(folder, 'copy.sqlite');
      writeFileSync(copy, readFileSync(file));
      expect(() => openSqliteEventStore({ file: copy, known })).toThrow(gone());
      await store.close();
    });

    it('another ledger', async () => {
      await openSqliteEventStore({ file, ledgerId: '01996f3e-0000-7000-8000-000000000001' }).close();
      expect(() => openSqliteEventStore({ file, known })).toThrow(
        expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringMatching(/holds ledger.*0001/) }),
      );
    });

    it('while that very ledger is taken', async () => {
      const store = openSqliteEventStore({ file, ledgerId: known });
      await store.append('thing-1', sampleEvents(1), 'no-stream');
      await store.close();
      const again = openSqliteEventStore({ file, known });
      expect(await again.lastPosition()).toBe('1');
      await again.close();
      truncateSync(file);
      expect(() => openSqliteEventStore({ file, known })).toThrow(gone());
    });
  });
});
