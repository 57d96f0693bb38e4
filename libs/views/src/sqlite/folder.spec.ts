import { describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { follow } from '../testing/following.js';
import { allEvents, openedViews, temporaryPlace } from '../testing/open-story.js';
import { createStory } from '../testing/story.js';

async function filledFolder() {
  const story = createStory();
  const place = await temporaryPlace();
  const views = await openedViews(place);
  await story.project('a');
  await views.project(await allEvents(story), story.store.ledgerId);
  return { story, place, folder: place.folder, views };
}

const filesOf = (folder: string): string[] => readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name));

describe('the folder of the views', () => {
  it('names the live file, and gets a new one when the tables changed', async () => {
    const { story, place, folder, views: first } = await filledFolder();
    await first.close();
    const pointer: unknown = JSON.parse(readFileSync(join(folder, 'views.json'), 'utf8'));
    expect(pointer).toEqual({ current: 1, schema: expect.stringMatching(/^[0-9a-f]{64}$/) });

    writeFileSync(join(folder, 'views.json'), JSON.stringify({ current: 1, schema: 'of an older Waybill' }));
    const second = await openedViews(place);
    expect(second.position()).toBeUndefined();
    expect(filesOf(folder)).toEqual(['views-2.sqlite', 'views.json']);
    follow(second, story.store);
    await second.waitFor('1', 5000);
    expect(await second.projects.keys()).toEqual(['a']);
  });

  it('is made anew when the live file or the pointer cannot be read', async () => {
    const place = await temporaryPlace();
    const { folder } = place;
    await (await openedViews(place)).close();
    writeFileSync(
      join(folder, 'views-1.sqlite'),
      'this is no database, and it is long enough to be read as one'.repeat(20),
    );
    const second = await openedViews(place);
    expect(second.position()).toBeUndefined();
    await second.close();
    writeFileSync(join(folder, 'views.json'), '{"current":');
    await openedViews(place);
    expect(filesOf(folder)).toEqual(['views-3.sqlite', 'views.json']);
  });

  it('says what to do when the live file is damaged while it is open', async () => {
    const { story, views, folder } = await filledFolder();
    expect(await views.projects.keys()).toEqual(['a']);
    const database = new Database(join(folder, 'views-1.sqlite'));
    database.exec('drop table projects');
    database.close();
    await expect(views.projects.keys()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('views-1.sqlite cannot be used: no such table: projects'),
    });
    await views.rebuild(story.store);
    expect(await views.projects.keys()).toEqual(['a']);
  });

  it('is kept in WAL mode', async () => {
    const place = await temporaryPlace();
    const { folder } = place;
    await openedViews(place);
    const database = new Database(join(folder, 'views-1.sqlite'), { readonly: true });
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    database.close();
  });

  it('holds rows and checkpoint of the last whole batch after a kill within one', async () => {
    const { place, folder, views } = await filledFolder();
    const before = await views.dump();
    await views.close();

    const script = `
      const Database = require('better-sqlite3');
      const database = new Database(process.argv[1]);
      database.exec('begin immediate');
      database.exec('update checkpoint set position = 99');
      database.exec("update projects set name = 'half written'");
      process.stdout.write('written');
      setInterval(() => {}, 1000);
    `;
    const child = spawn(process.execPath, ['-e', script, join(folder, 'views-1.sqlite')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const reopened = await openedViews(place);
    expect(await reopened.dump()).toEqual(before);
  });

  it('holds nothing of a rebuild that was killed after the next start', async () => {
    const { place, folder, views } = await filledFolder();
    await views.close();
    writeFileSync(join(folder, 'views-2.sqlite'), 'half built');
    await openedViews(place);
    expect(await place.databases()).toEqual([1]);
  });
});
