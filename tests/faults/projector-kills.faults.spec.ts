import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '@waybill/kernel';
import { openSqliteEventStore } from '@waybill/stores';
import { openViews } from '@waybill/views';
import { isLong, tell } from './counting.js';
import { catchUp, referenceOf, removeFolders, same, temporaryFolder, writeLog, type Reference } from './views.js';

const PROGRAM = join(__dirname, 'programs/project.cjs');
/** Of the moments, in the short form. */
const TRIED = 12;

describe('kill -9 of the projector', () => {
  let log: readonly RecordedEvent[];
  let file: string;
  let store: EventStore;
  let reference: Reference;
  beforeAll(async () => {
    file = join(temporaryFolder(), 'events.sqlite');
    log = await writeLog(file);
    store = openSqliteEventStore({ file });
    reference = referenceOf(log, store.ledgerId);
  });
  afterAll(async () => {
    await store.close();
    removeFolders();
  });

  const run = (mode: string, folder: string, nth: number) => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, mode, file, folder, String(nth)], {
      encoding: 'utf8',
    });
    if (nth > 0) expect({ signal, stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
    else expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return Number(/^moments (\d+)$/m.exec(stdout)?.[1] ?? 0);
  };

  /** Views that have read the first part of the log, as a process left them that is gone. */
  const started = async (events: number): Promise<string> => {
    const folder = temporaryFolder();
    const views = await openViews({ folder, ledger: store.ledgerId });
    if (events > 0) await views.project(log.slice(0, events), store.ledgerId);
    await views.close();
    return folder;
  };

  it.each([
    ['project', 0],
    ['project', 500],
    ['rebuild', 500],
  ])('at each moment of a %s with %d events read: rows and checkpoint agree, and it goes on', async (mode, read) => {
    const before = await started(read);
    const copied = (): string => {
      const folder = temporaryFolder();
      cpSync(before, folder, { recursive: true });
      return folder;
    };
    const moments = run(mode, copied(), 0);
    expect(moments).toBeGreaterThan(20);
    const counts = { moments, kills: 0, 'rows and checkpoint differ': 0, 'wrong after going on': 0 };
    for (let nth = 1; nth <= moments; nth += isLong ? 1 : Math.ceil(moments / TRIED)) {
      const folder = copied();
      run(mode, folder, nth);
      counts.kills += 1;
      const views = await openViews({ folder, ledger: store.ledgerId });
      const position = views.position();
      if (read > 0) expect(Number(position)).toBeGreaterThanOrEqual(read);
      if (!same(await views.dump(), await reference(position))) counts['rows and checkpoint differ'] += 1;
      await catchUp(views, store);
      if (!same(await views.dump(), await reference(log.at(-1)!.position))) counts['wrong after going on'] += 1;
      await views.close();
    }
    tell(`${mode} killed at each moment, ${read} events read`, counts);
    expect(counts).toMatchObject({ 'rows and checkpoint differ': 0, 'wrong after going on': 0 });
  });
});
