import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyChain, type RecordedEvent } from '@waybill/kernel';
import { sampleEvents } from '@waybill/kernel/testing';
import Database from 'better-sqlite3';
import { openSqliteBlobStore } from '../blobs/sqlite-blob-store.js';
import { openOperations } from '../operations/operations.js';
import { assertVersion, openDatabase } from './database.js';
import { storeError } from './errors.js';
import { openSqliteEventStore } from './event-store.js';
import { LOG_SCHEMA } from './schema.js';

describe('a file that is not as it should be', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-damage-'));
    file = join(folder, 'events.sqlite');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const written = async (events: number): Promise<readonly RecordedEvent[]> => {
    const store = openSqliteEventStore({ file, ledgerId: 'ledger' });
    for (let i = 0; i < events; i += 5) await store.append(`thing-${i}`, sampleEvents(5), 'no-stream');
    const log = await store.readAll(undefined, events);
    await store.close();
    return log;
  };

  const overwrite = (offset: number, bytes: Uint8Array): void => {
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, bytes, 0, bytes.length, offset);
    closeSync(descriptor);
  };

  const withCode = (code: string) => expect.objectContaining({ code, message: expect.stringContaining(file) });

  it('is refused when it is no database', () => {
    writeFileSync(file, 'this is not a database, and it is long enough to be sure of that\n'.repeat(100));
    expect(() => openSqliteEventStore({ file })).toThrow(withCode('STORE_CORRUPT'));
    expect(() => openSqliteBlobStore({ file })).toThrow(withCode('STORE_CORRUPT'));
    expect(() => openOperations({ file })).toThrow(withCode('STORE_CORRUPT'));
  });

  it('is refused when its header was overwritten', async () => {
    await written(5);
    overwrite(0, Buffer.alloc(100, 0xff));
    expect(() => openSqliteEventStore({ file })).toThrow(withCode('STORE_CORRUPT'));
  });

  it('says STORE_CORRUPT on use, with a hint, when pages were overwritten', async () => {
    await written(200);
    overwrite(8192, Buffer.alloc(statSync(file).size - 8192, 0x5a));
    const read = async () => {
      const store = openSqliteEventStore({ file });
      try {
        return await store.readAll(undefined, 1000);
      } finally {
        await store.close();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'STORE_CORRUPT', hint: expect.stringContaining('backup') });
  });

  it('never passes off changed events as good ones, whichever page was overwritten', async () => {
    const log = await written(100);
    const original = log.map(({ hash }) => hash);
    const size = statSync(file).size;
    const good = readFileSync(file);
    for (let offset = 4096; offset < size; offset += 4096) {
      writeFileSync(file, good);
      overwrite(offset + 1000, Buffer.alloc(64, 0x41));
      const seen = await wholeLogOrError(file);
      if (typeof seen === 'string') {
        expect(seen).toBe('STORE_CORRUPT');
      } else if (seen.map(({ hash }) => hash).join() !== original.join() || !sameContent(seen, log)) {
        const streams = new Set(seen.map(({ stream }) => stream));
        const faults = [...streams].filter((name) => {
          return (
            verifyChain(
              'ledger',
              seen.filter(({ stream }) => stream === name),
            ) !== undefined
          );
        });
        expect(faults.length > 0 || seen.length < log.length).toBe(true);
      }
    }
  });

  it('is refused when a newer Waybill wrote it, or another program did', async () => {
    await written(5);
    const db = new Database(file);
    db.pragma('user_version = 99');
    db.close();
    expect(() => openSqliteEventStore({ file })).toThrow(
      expect.objectContaining({
        code: 'CONFIGURATION',
        message: expect.stringMatching(/version 99/),
        hint: expect.stringMatching(/upgrade/),
      }),
    );
    const foreign = join(folder, 'foreign.sqlite');
    const other = new Database(foreign);
    other.exec('CREATE TABLE notes (text TEXT)');
    other.close();
    expect(() => openSqliteEventStore({ file: foreign })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    const contents = join(folder, 'contents.sqlite');
    await openSqliteBlobStore({ file: contents }).close();
    expect(() => openSqliteEventStore({ file: contents })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it('is refused when its folder does not exist or it is a folder', () => {
    expect(() => openSqliteEventStore({ file: join(folder, 'none', 'events.sqlite') })).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE', hint: expect.stringContaining('folder') }),
    );
    expect(() => openSqliteEventStore({ file: folder })).toThrow(
      expect.objectContaining({ code: 'STORE_UNAVAILABLE' }),
    );
  });

  it('is opened with what durability asks for', () => {
    const db = openDatabase({ file, schema: LOG_SCHEMA, synchronous: 'FULL' });
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000);
    db.close();
  });

  it.each(['3.51.2', '3.50.4', '2.99.99', '3.45'])('refuses SQLite %s, which can corrupt a log', (version) => {
    expect(() => assertVersion(version)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it.each(['3.51.3', '3.53.2', '3.60', '4.0.0'])('takes SQLite %s', (version) => {
    expect(() => assertVersion(version)).not.toThrow();
  });

  it.each([
    ['SQLITE_FULL', 'DISK_FULL'],
    ['ENOSPC', 'DISK_FULL'],
    ['SQLITE_CORRUPT_VTAB', 'STORE_CORRUPT'],
    ['SQLITE_NOTADB', 'STORE_CORRUPT'],
    ['SQLITE_IOERR_FSYNC', 'STORE_UNAVAILABLE'],
    ['SQLITE_BUSY', 'STORE_UNAVAILABLE'],
    ['SQLITE_READONLY', 'STORE_UNAVAILABLE'],
  ])('tells %s as %s', (code, told) => {
    const error = storeError(Object.assign(new Error('as SQLite says'), { code }), file);
    expect(error).toMatchObject({
      code: told,
      message: expect.stringContaining(file),
      hint: expect.stringMatching(/\S/),
    });
  });
});

async function wholeLogOrError(file: string): Promise<readonly RecordedEvent[] | string> {
  try {
    const store = openSqliteEventStore({ file });
    try {
      return await store.readAll(undefined, 10_000);
    } finally {
      await store.close();
    }
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function sameContent(a: readonly RecordedEvent[], b: readonly RecordedEvent[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
