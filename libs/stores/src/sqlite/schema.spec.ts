import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { envelopeText, verifyChain } from '@waybill/kernel';
import { createMemoryEventStore, sampleEvents } from '@waybill/kernel/testing';
import Database from 'better-sqlite3';
import { openSqliteEventStore } from './event-store.js';
import { LOG_SCHEMA } from './schema.js';

describe('a log that an older Waybill wrote', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-schema-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('of version 1 is brought to this version with every event as it was, and goes on', async () => {
    const file = join(folder, 'events.sqlite');
    const written = createMemoryEventStore();
    const sent = sampleEvents(2);
    await written.append('thing-b', sent, 'no-stream');
    await written.append('thing-a', sampleEvents(3), 'no-stream');
    await written.append('thing-b', sampleEvents(1), 1);
    const log = await written.readAll(undefined, 100);
    const db = new Database(file);
    db.exec(LOG_SCHEMA.migrations[0]!);
    db.pragma(`application_id = ${Buffer.from(LOG_SCHEMA.applicationId).readInt32BE()}`);
    db.pragma('user_version = 1');
    db.prepare('INSERT INTO ledger (id, only_one) VALUES (?, 1)').run(written.ledgerId);
    const insert = db.prepare(
      'INSERT INTO events (position, stream, revision, id, type, text, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    for (const { position, hash, ...event } of log) {
      insert.run(Number(position), event.stream, event.revision, event.id, event.type, envelopeText(event), hash);
    }
    db.close();

    const store = openSqliteEventStore({ file });
    expect(store.ledgerId).toBe(written.ledgerId);
    expect(await store.readAll(undefined, 100)).toStrictEqual(log);
    expect(await store.readStream('thing-b')).toStrictEqual(await written.readStream('thing-b'));
    expect(await store.append('thing-b', sent, 'no-stream')).toMatchObject({ repeated: true, position: '2' });
    expect(await store.append('thing-a', sampleEvents(1), 2)).toMatchObject({ position: '7' });
    expect(verifyChain(store.ledgerId, await store.readStream('thing-a'))).toBeUndefined();
    await store.close();
  });
});
