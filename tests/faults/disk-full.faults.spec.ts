import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isWaybillError, newId } from '@waybill/kernel';
import { openSqliteEventStore } from '@waybill/stores';
import { openViews } from '@waybill/views';
import { BATCH, NO_DAMAGE, addDamage, again, damageIn, type Batch } from './batches.js';
import { cannotRun, tell, times } from './counting.js';
import { catchUp, referenceOf, removeFolders, same, temporaryFolder, writeLog } from './views.js';

const SIZES = times(3, 40);
/** Kilobytes of the small file system. */
const DISK = 4096;

const mount = (folder: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}k`, 'tmpfs', folder]).status === 0;

const mayMount = (() => {
  const folder = temporaryFolder();
  const mounted = mount(folder);
  if (mounted) spawnSync('umount', [folder]);
  return mounted;
})();

describe('a full disk', () => {
  afterAll(removeFolders);

  if (!mayMount) {
    cannotRun('loses nothing', 'no small tmpfs can be mounted (not root?)');
    return;
  }

  let disk: string;
  beforeEach(() => {
    disk = temporaryFolder();
    if (!mount(disk)) throw new Error(`cannot mount ${disk}`);
  });
  afterEach(() => {
    spawnSync('umount', [disk]);
  });

  /** Leaves so many kilobytes of the disk, until the file is removed. */
  const leave = (kilobytes: number): string => {
    const file = join(disk, 'filler');
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(file, Buffer.alloc(bavail * bsize - kilobytes * 1024));
    return file;
  };

  it(`takes nothing acknowledged from the log and is overcome by space, at ${SIZES} sizes`, async () => {
    const counts = { disks: 0, refused: 0, acknowledged: 0, ...NO_DAMAGE };
    for (let size = 0; size < SIZES; size++) {
      const folder = join(disk, `data-${size}`);
      mkdirSync(folder);
      const file = join(folder, 'events.sqlite');
      const fill = leave(randomInt(512, (DISK * 3) / 4));
      let store = openSqliteEventStore({ file });
      const acknowledged: Batch[] = [];
      let refused: Batch | undefined;
      for (let number = 0; !refused; number++) {
        const revision = Math.floor(number / 5) * BATCH - 1;
        const batch = { stream: `thing-${number % 5}`, revision, commandId: newId() };
        try {
          await again(store, batch);
          acknowledged.push(batch);
        } catch (error) {
          if (!isWaybillError(error, 'DISK_FULL')) throw error;
          refused = batch;
          counts.refused += 1;
        }
      }
      addDamage(counts, await damageIn(store, acknowledged));
      await store.close();
      store = openSqliteEventStore({ file });
      addDamage(counts, await damageIn(store, acknowledged));
      rmSync(fill);
      await again(store, refused);
      addDamage(counts, await damageIn(store, [...acknowledged, refused]));
      await store.close();
      rmSync(folder, { recursive: true });
      counts.disks += 1;
      counts.acknowledged += acknowledged.length;
    }
    tell('disk full under the log', counts);
    expect(counts).toMatchObject(NO_DAMAGE);
  });

  it(`stops the views where they are, and they go on once there is space, at ${SIZES} sizes`, async () => {
    const file = join(temporaryFolder(), 'events.sqlite');
    const log = await writeLog(file);
    const store = openSqliteEventStore({ file });
    const reference = referenceOf(log, store.ledgerId);
    const end = log.at(-1)!.position;
    const counts = { disks: 0, 'stopped early': 0, 'rows and checkpoint differ': 0, 'wrong after going on': 0 };
    for (let size = 0; size < SIZES; size++) {
      const folder = join(disk, `views-${size}`);
      let views = await openViews({ folder, ledger: store.ledgerId });
      const fill = leave(randomInt(32, 1024));
      try {
        for (let from = 0; from < log.length; from += 50)
          await views.project(log.slice(from, from + 50), store.ledgerId);
      } catch (error) {
        if (!isWaybillError(error, 'DISK_FULL')) throw error;
        counts['stopped early'] += 1;
      }
      if (!same(await views.dump(), await reference(views.position()))) counts['rows and checkpoint differ'] += 1;
      await views.close();
      rmSync(fill);
      views = await openViews({ folder, ledger: store.ledgerId });
      if (!same(await views.dump(), await reference(views.position()))) counts['rows and checkpoint differ'] += 1;
      await catchUp(views, store);
      if (!same(await views.dump(), await reference(end))) counts['wrong after going on'] += 1;
      await views.close();
      rmSync(folder, { recursive: true });
      counts.disks += 1;
    }
    await store.close();
    tell('disk full under the views', counts);
    expect(counts).toMatchObject({ 'rows and checkpoint differ': 0, 'wrong after going on': 0 });
    expect(counts['stopped early']).toBeGreaterThan(0);
  });

  it('fails a rebuild and leaves the live views as they are', async () => {
    const file = join(temporaryFolder(), 'events.sqlite');
    const log = await writeLog(file);
    const store = openSqliteEventStore({ file });
    const folder = join(disk, 'views');
    const views = await openViews({ folder, ledger: store.ledgerId });
    await catchUp(views, store);
    const before = await views.dump();
    const fill = leave(128);
    await expect(views.rebuild(store)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await views.dump()).toEqual(before);
    expect(views.rebuildStatus()).toMatchObject({ state: 'failed' });
    rmSync(fill);
    await views.rebuild(store);
    expect(await views.dump()).toEqual(before);
    expect(views.position()).toBe(log.at(-1)!.position);
    await views.close();
    await store.close();
  });
});
