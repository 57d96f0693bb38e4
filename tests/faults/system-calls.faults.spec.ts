import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@waybill/stores';
import Database from 'better-sqlite3';
import { NO_DAMAGE, addDamage, again, batchesIn, damageIn } from './batches.js';
import { tell, times } from './counting.js';
import { hasStrace, traced, withoutStrace } from './tracing.js';

const BATCHES = times(2, 6);
/** How many calls lie between those that are hit. */
const STEP = times(11, 1);

const FAULTS = [
  ['kills the program', 'pwrite64,fsync,fdatasync,ftruncate,unlink', 'signal=SIGKILL'],
  ['says EIO', 'pwrite64,ftruncate', 'error=EIO'],
  ['says ENOSPC', 'pwrite64', 'error=ENOSPC'],
  ['says EIO to a sync', 'fsync,fdatasync', 'error=EIO'],
] as const;

describe('each call by which the store writes', () => {
  if (!hasStrace) {
    withoutStrace('may fail or be the last one');
    return;
  }

  it.each(FAULTS)('that %s loses and tears nothing, and a retry writes nothing twice', async (what, calls, fault) => {
    const counts = { runs: 0, acknowledged: 0, unanswered: 0, ...NO_DAMAGE };
    const total = await broken(calls, undefined, counts);
    for (let nth = 1; nth <= total; nth += STEP) await broken(calls, `${fault}:when=${nth}`, counts);
    tell(`system call that ${what}`, counts);
    expect(counts).toMatchObject(NO_DAMAGE);
    expect(counts.runs).toBeGreaterThan(total / STEP);
  });
});

/** One run with a fault, or none; adds what it did to the log. Resolves with how many such calls there were. */
async function broken(
  calls: string,
  fault: string | undefined,
  counts: typeof NO_DAMAGE & { runs: number; acknowledged: number; unanswered: number },
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-calls-'));
  const file = join(folder, 'events.sqlite');
  const trace = join(folder, 'trace');
  const paths = ['', '-wal', '-journal'].flatMap((suffix) => ['-P', `${file}${suffix}`]);
  const inject = fault === undefined ? [] : ['-e', `inject=${calls}:${fault}`];
  const options = [...paths, '-e', `trace=${calls}`, ...inject, '-o', trace];
  const { lines } = await traced(file, { options, batches: BATCHES });
  const made = readFileSync(trace, 'utf8').split('\n').length - 1;

  const acknowledged = batchesIn(lines, 'acknowledged');
  const known = new Set(acknowledged.map(({ commandId }) => commandId));
  const unanswered = batchesIn(lines, 'sent').filter(({ commandId }) => !known.has(commandId));
  const store = openSqliteEventStore({ file });
  addDamage(counts, await damageIn(store, acknowledged));
  for (const batch of unanswered) await again(store, batch);
  addDamage(counts, await damageIn(store, [...acknowledged, ...unanswered]));
  await store.close();
  const db = new Database(file, { readonly: true });
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
  rmSync(folder, { recursive: true });
  counts.runs += 1;
  counts.acknowledged += acknowledged.length;
  counts.unanswered += unanswered.length;
  return made;
}
