import { randomBytes, randomInt } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, type EventStore } from '@waybill/kernel';
import { openSqliteEventStore } from '@waybill/stores';
import Database from 'better-sqlite3';
import { BATCH, NO_DAMAGE, addDamage, again, damageIn } from './batches.js';
import { tell, times } from './counting.js';

const DAMAGES = times(30, 300);
const PAGE = 4096;

/** How the end of a write-ahead log can look after a power cut or on a failing disk. */
const KINDS: Readonly<Record<string, (log: Buffer) => Buffer>> = {
  truncated: (log) => log.subarray(0, randomInt(0, log.length)),
  'bit-flipped': (log) => {
    const at = randomInt(0, log.length);
    log[at]! ^= 1 << randomInt(0, 8);
    return log;
  },
  zeroed: (log) => {
    const at = randomInt(0, log.length);
    return log.fill(0, at, at + PAGE);
  },
  overwritten: (log) => {
    const at = randomInt(0, log.length);
    randomBytes(PAGE).copy(log, at);
    return log;
  },
};

/** Copies of a store's files as they stood while it was open. */
interface Copy {
  readonly folder: string;
  readonly ledgerId: string;
  /** Ids of the whole log. */
  readonly ids: readonly string[];
  /** Events that stand in the database itself: no damage of the log may reach them. */
  readonly safe: number;
}

const counts = { damages: 0, 'events cut off': 0, 'not a prefix': 0, ...NO_DAMAGE };
const folders: string[] = [];

describe('a damaged write-ahead log', () => {
  const copies: Copy[] = [];
  beforeAll(async () => {
    copies.push(await written('everything stands in the log'), await written('the log has been used before'));
  });
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    tell('wal-damage', counts);
  });

  it(`leaves whole appends from the start, ${DAMAGES} times, and the ledger goes on from there`, async () => {
    const kinds = Object.values(KINDS);
    for (let damage = 0; damage < DAMAGES; damage++) {
      const copy = copies[damage % copies.length]!;
      const folder = temporaryFolder();
      const file = join(folder, 'events.sqlite');
      copyFileSync(join(copy.folder, 'events.sqlite'), file);
      const log = readFileSync(join(copy.folder, 'events.sqlite-wal'));
      writeFileSync(`${file}-wal`, kinds[Math.floor(damage / copies.length) % kinds.length]!(log));

      const store = openSqliteEventStore({ file, ledgerId: copy.ledgerId });
      const ids = (await store.readAll(undefined, 10_000)).map(({ id }) => id);
      counts.damages += 1;
      counts['events cut off'] += copy.ids.length - ids.length;
      if (ids.join() !== copy.ids.slice(0, ids.length).join() || ids.length < copy.safe) counts['not a prefix'] += 1;
      expect(ids.length % BATCH).toBe(0);
      await again(store, { stream: 'after', revision: -1, commandId: newId() });
      addDamage(counts, await damageIn(store, []));
      await store.close();
      const db = new Database(file, { readonly: true });
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
      rmSync(folder, { recursive: true });
    }
    expect(counts).toMatchObject({ ...NO_DAMAGE, 'not a prefix': 0 });
    expect(counts['events cut off']).toBeGreaterThan(0);
  });
});

/**
 * With `the log has been used before` the log was copied into the database and begun anew: what the newest frames do not
 * cover are frames of old, which must not come back to life.
 */
async function written(how: 'everything stands in the log' | 'the log has been used before'): Promise<Copy> {
  const folder = temporaryFolder();
  const file = join(folder, 'open.sqlite');
  const store = openSqliteEventStore({ file });
  let safe = 0;
  await append(store, 0, 60);
  if (how === 'the log has been used before') {
    const other = new Database(file);
    other.pragma('wal_checkpoint(RESTART)');
    other.close();
    safe = 60 * BATCH;
    await append(store, 60, 80);
  }
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, join(folder, `events.sqlite${suffix}`));
  const ids = (await store.readAll(undefined, 10_000)).map(({ id }) => id);
  await store.close();
  return { folder, ledgerId: store.ledgerId, ids, safe };
}

async function append(store: EventStore, from: number, to: number): Promise<void> {
  for (let batch = from; batch < to; batch++) {
    const revision = Math.floor(batch / 7) * BATCH - 1;
    await again(store, { stream: `thing-${batch % 7}`, revision, commandId: newId() });
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-wal-'));
  folders.push(folder);
  return folder;
}
