import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openSqliteEventStore } from '@waybill/stores';
import Database from 'better-sqlite3';
import { NO_DAMAGE, addDamage, again, batchesIn, damageIn, type Batch } from './batches.js';
import { tell, times } from './counting.js';

const PROGRAM = join(__dirname, 'programs/append.cjs');
const KILLS = times(20, 500);
const KILLS_A_FILE = 25;
/** The latest moment of a kill after the store is open. Milliseconds. */
const LATEST = 60;

const counts = { kills: 0, acknowledged: 0, unanswered: 0, ...NO_DAMAGE };

/** Everything the program said until a kill at a random moment. */
async function saidUntilKilled(file: string): Promise<string[]> {
  const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === 'ready') setTimeout(() => child.kill('SIGKILL'), randomInt(0, LATEST));
  }
  expect(await exited).toEqual([null, 'SIGKILL']);
  return lines;
}

describe('kill -9 while batches of three are appended', () => {
  afterAll(() => tell('append-kills', counts));

  it(`${KILLS} times loses nothing acknowledged, tears no batch, and a retry with the same ids writes nothing twice`, async () => {
    for (let first = 0; first < KILLS; first += KILLS_A_FILE) {
      const folder = mkdtempSync(join(tmpdir(), 'waybill-kills-'));
      const file = join(folder, 'events.sqlite');
      const acknowledged: Batch[] = [];
      for (let kill = first; kill < Math.min(first + KILLS_A_FILE, KILLS); kill++) {
        const lines = await saidUntilKilled(file);
        const told = batchesIn(lines, 'acknowledged');
        const known = new Set(told.map(({ commandId }) => commandId));
        const unanswered = batchesIn(lines, 'sent').filter(({ commandId }) => !known.has(commandId));
        acknowledged.push(...told);
        counts.kills += 1;
        counts.acknowledged += told.length;
        counts.unanswered += unanswered.length;

        const store = openSqliteEventStore({ file });
        addDamage(counts, await damageIn(store, acknowledged));
        // What the client was never told, and the last it was told, once more.
        for (const batch of unanswered) await again(store, batch);
        acknowledged.push(...unanswered);
        for (const batch of told.slice(-3)) expect(await again(store, batch)).toMatchObject({ repeated: true });
        addDamage(counts, await damageIn(store, acknowledged));
        await store.close();
      }
      const db = new Database(file, { readonly: true });
      expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
      db.close();
      rmSync(folder, { recursive: true });
    }
    expect(counts).toMatchObject(NO_DAMAGE);
    expect(counts.acknowledged).toBeGreaterThan(KILLS);
  });
});
