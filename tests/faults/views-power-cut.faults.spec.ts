import { randomInt } from 'node:crypto';
import { cpSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@waybill/stores';
import { openViews } from '@waybill/views';
import Database from 'better-sqlite3';
import { tell, times } from './counting.js';
import { catchUp, referenceOf, removeFolders, same, temporaryFolder, writeLog } from './views.js';

const CUTS = times(12, 200);
const PAGE = 60;

/**
 * Views are written with `synchronous=NORMAL`: a power cut takes what was not synced yet, which is an end of the
 * write-ahead log. What is left must be what the views were at some moment.
 */
describe('a power cut', () => {
  afterAll(removeFolders);

  it.each([
    ['no part of the log of writes was copied into the views', false],
    ['it was copied and begun anew', true],
  ])('leaves views whose checkpoint is of its rows, when %s', async (_what, copied) => {
    const file = join(temporaryFolder(), 'events.sqlite');
    const log = await writeLog(file);
    const store = openSqliteEventStore({ file });
    const reference = referenceOf(log, store.ledgerId);
    const folder = temporaryFolder();
    const views = await openViews({ folder, ledger: store.ledgerId });
    const database = (where: string): string =>
      join(
        where,
        readdirSync(where).find((name) => /^views-\d+\.sqlite$/.test(name))!,
      );
    for (let from = 0; from < log.length; from += PAGE) {
      await views.project(log.slice(from, from + PAGE), store.ledgerId);
      if (copied && from === Math.floor(log.length / PAGE / 2) * PAGE) {
        const other = new Database(database(folder));
        other.pragma('wal_checkpoint(RESTART)');
        other.close();
      }
    }
    const counts = { cuts: 0, 'batches taken': 0, 'rows and checkpoint differ': 0, 'wrong after going on': 0 };
    for (let cut = 0; cut < CUTS; cut++) {
      const left = temporaryFolder();
      cpSync(folder, left, { recursive: true, filter: (path) => !path.endsWith('-shm') });
      const wal = `${database(left)}-wal`;
      truncateSync(wal, randomInt(0, statSync(wal).size + 1));
      const again = await openViews({ folder: left, ledger: store.ledgerId });
      const position = again.position();
      counts.cuts += 1;
      counts['batches taken'] += Math.ceil((log.length - Number(position ?? 0)) / PAGE);
      if (!same(await again.dump(), await reference(position))) counts['rows and checkpoint differ'] += 1;
      await catchUp(again, store);
      if (!same(await again.dump(), await reference(log.at(-1)!.position))) counts['wrong after going on'] += 1;
      await again.close();
    }
    await views.close();
    await store.close();
    tell(`power cut under the views${copied ? ', log begun anew' : ''}`, counts);
    expect(counts).toMatchObject({ 'rows and checkpoint differ': 0, 'wrong after going on': 0 });
    expect(counts['batches taken']).toBeGreaterThan(0);
  });
});
