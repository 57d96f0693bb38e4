import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { sha256, verifyChain, type RecordedEvent } from '@waybill/kernel';
import { sampleEvent } from '@waybill/kernel/testing';
import { openSqliteBlobStore } from '../blobs/sqlite-blob-store.js';
import { storeError } from './errors.js';
import { openSqliteEventStore } from './event-store.js';

const folder = mkdtempSync(join(tmpdir(), 'waybill-full-'));
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder]).status === 0;

describe('on a full disk', () => {
  afterAll(() => {
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  });

  if (!mounted) {
    console.info('disk-full.spec: no small tmpfs can be mounted here (not root?), so a disk cannot be filled');
    it('is told apart by its error code at least', () => {
      const error = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
      expect(storeError(error, 'events.sqlite')).toMatchObject({ code: 'DISK_FULL' });
    });
    return;
  }

  it('refuses with DISK_FULL, loses nothing it acknowledged, opens while full, and goes on once there is room', async () => {
    const file = join(folder, 'events.sqlite');
    const filler = join(folder, 'filler');
    writeFileSync(filler, Buffer.alloc(1_500_000));
    let store = openSqliteEventStore({ file });
    const acknowledged: RecordedEvent[] = [];
    const append = async (): Promise<void> => {
      const data = { text: 'x'.repeat(4000) };
      const expected = acknowledged.length === 0 ? 'no-stream' : acknowledged.length - 1;
      acknowledged.push(...(await store.append('thing-1', [sampleEvent({ data })], expected)).events);
    };
    const untilFull = async (): Promise<unknown> => {
      for (let i = 0; i < 2000; i++) {
        try {
          await append();
        } catch (error) {
          return error;
        }
      }
      return undefined;
    };
    const full = { code: 'DISK_FULL', message: expect.stringContaining(file), hint: expect.stringContaining('space') };

    expect(await untilFull()).toMatchObject(full);
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(await store.readStream('thing-1')).toStrictEqual(acknowledged);
    await expect(append()).rejects.toMatchObject(full);
    await store.close();

    store = openSqliteEventStore({ file });
    expect(await store.readStream('thing-1')).toStrictEqual(acknowledged);
    expect(await untilFull()).toMatchObject(full);

    rmSync(filler);
    await append();
    await append();
    const events = await store.readStream('thing-1');
    expect(events).toStrictEqual(acknowledged);
    expect(verifyChain(store.ledgerId, events)).toBeUndefined();
    await store.close();
  });

  it('stores no part of several contents', async () => {
    const file = join(folder, 'contents.sqlite');
    const blobs = openSqliteBlobStore({ file });
    const kept = await blobs.put('kept');
    const texts = Array.from({ length: 12 }, (_, i) => String.fromCharCode(97 + i).repeat(600_000));
    await expect(blobs.putAll(texts)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await blobs.get(kept)).toBe('kept');
    for (const text of texts) expect(await blobs.has(sha256(text))).toBe(false);
    await blobs.close();
  });
});
