import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sampleEvents } from '@waybill/kernel/testing';
import { openEventStore } from './open-event-store.js';
import { startEventStoreDbDouble } from './testing/index.js';

describe('opening the event store that an address names', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'waybill-open-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['sqlite:', () => 'events.sqlite'],
    ['a file', () => 'other.sqlite'],
  ])('opens SQLite for %s', async (_what, name) => {
    const file = join(folder, name());
    const store = await openEventStore(name() === 'events.sqlite' ? 'sqlite:' : `sqlite:${file}`, { folder });
    expect(await store.append('thing-1', sampleEvents(1), 'no-stream')).toMatchObject({ repeated: false });
    await store.close();
    expect(existsSync(file)).toBe(true);
  });

  it('connects to EventStoreDB for esdb://', async () => {
    const double = await startEventStoreDbDouble();
    const store = await openEventStore(double.url, { folder, ledgerId: 'l-1' });
    expect(store.ledgerId).toBe('l-1');
    await store.append('thing-1', sampleEvents(1), 'no-stream');
    expect(double.log.stream('thing-1')).toHaveLength(1);
    await store.close();
    double.stop();
  });

  it('says that nobody answers', async () => {
    const double = await startEventStoreDbDouble();
    double.stop();
    await expect(openEventStore(double.url, { folder })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${double.port}`),
    });
  });

  it.each(['', 'mysql://user:secret@host', 'esdbx://user:secret@host', 'user:secret@host'])(
    'refuses %j without saying the password',
    async (url) => {
      const error = await openEventStore(url, { folder }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'CONFIGURATION', hint: expect.stringContaining('esdb://') });
      expect(String(error)).not.toContain('secret');
    },
  );
});
