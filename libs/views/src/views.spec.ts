import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { histories, tell } from './testing/histories.js';
import { allEvents, openStory, openedViews, temporaryFolder } from './testing/open-story.js';
import { releaseId } from './testing/samples.js';
import { createStory } from './testing/story.js';
import type { Views } from './views.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const followers: { abort(): void; done: Promise<void> }[] = [];

afterEach(async () => {
  for (const { abort, done } of followers.splice(0)) {
    abort();
    await done;
  }
});

function follow(views: Views, store: EventStore) {
  const controller = new AbortController();
  const done = views.follow(store, controller.signal);
  const follower = { abort: () => controller.abort(), done };
  followers.push(follower);
  return follower;
}

/** Resolves once the views read from the store: what they held of another log is gone by then. */
async function followed(views: Views, store: EventStore) {
  let subscribed = (): void => undefined;
  const subscribing = new Promise<void>((resolve) => (subscribed = resolve));
  const follower = follow(views, {
    ...store,
    subscribe(options) {
      subscribed();
      return store.subscribe(options);
    },
  });
  await subscribing;
  return follower;
}

async function filledFolder() {
  const story = createStory();
  const folder = temporaryFolder();
  const views = await openedViews(folder);
  await story.project('a');
  await views.project(await allEvents(story), story.store.ledgerId);
  return { story, folder, views };
}

const filesOf = (folder: string): string[] => readdirSync(folder).filter((name) => !/-(wal|shm)$/.test(name));

/** A property opens many files, on a machine that may be busy with other suites. */
const MANY_RUNS_MS = 120_000;

describe('views that follow a log', () => {
  it('catch up, then read what is appended, and stop when told', async () => {
    const story = createStory();
    const views = await openedViews();
    expect(views.position()).toBeUndefined();
    await story.project('a');
    const follower = follow(views, story.store);
    await views.waitFor('1', 5000);
    const { position } = await story.project('b');
    await views.waitFor(position!, 5000);
    expect(views.position()).toBe(position);
    expect(await views.projects.keys()).toEqual(['a', 'b']);
    follower.abort();
    await follower.done;
  });

  it('go on where they stopped after a restart', async () => {
    const { story, folder, views: before } = await filledFolder();
    await before.close();
    await story.project('b');
    const after = await openedViews(folder);
    expect(after.position()).toBe('1');
    expect(await after.projects.keys()).toEqual(['a']);
    follow(after, story.store);
    await after.waitFor('2', 5000);
    expect(await after.projects.keys()).toEqual(['a', 'b']);
  });

  it('are filled anew for another log, and for a log that lost its end', async () => {
    const story = createStory();
    const views = await openedViews();
    await story.project('a');
    await story.project('b');
    await views.project(await allEvents(story), story.store.ledgerId);

    const shorter = createStory();
    await shorter.project('c');
    const first = await followed(views, shorter.store);
    await views.waitFor('1', 5000);
    expect(await views.projects.keys()).toEqual(['c']);
    first.abort();
    await first.done;

    const other = createMemoryEventStore({ ledgerId: '11111111-1111-4111-8111-111111111111' });
    for (const { id, type, version, stream, occurredAt, actor, commandId, commandDigest, ...rest } of await allEvents(
      story,
    )) {
      const { correlationId, causationId, data } = rest;
      const envelope = { occurredAt, actor, commandId, commandDigest, correlationId, causationId };
      await other.append(stream, [{ id, type, version, ...envelope, data }], 'no-stream');
    }
    await followed(views, other);
    await views.waitFor('2', 5000);
    expect(await views.projects.keys()).toEqual(['a', 'b']);
  });

  it('stop with an error at an event they do not know, with nothing of its batch', async () => {
    const { story, views } = await openStory();
    await story.project('a');
    const known = await allEvents(story);
    await views.project(known, story.store.ledgerId);
    const before = await views.dump();
    await story.project('b');
    const [, second] = await allEvents(story);
    const unknown = { ...second!, type: 'NeverHeardOf', position: '3' };
    await expect(views.project([second!, unknown], story.store.ledgerId)).rejects.toMatchObject({
      code: 'UNKNOWN_EVENT',
    });
    expect(await views.dump()).toEqual(before);
    expect(views.position()).toBe('1');
  });

  it('have rows and checkpoint of the last whole batch after a kill within one', async () => {
    const { folder, views } = await filledFolder();
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

    const reopened = await openedViews(folder);
    expect(await reopened.dump()).toEqual(before);
  });

  it(
    'of two projectors that take turns at the same events hold them once',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories(40), fc.integer({ min: 1, max: 7 }), async (steps, size) => {
          const story = createStory();
          await tell(story, steps);
          const events = await allEvents(story);
          const folder = temporaryFolder();
          const [one, two] = [await openedViews(folder), await openedViews(folder)];
          for (let start = 0; start < events.length; start += size) {
            const batch = events.slice(start, start + size);
            const overlapping = events.slice(Math.max(0, start - 2), start + size + 1);
            await one.project(batch, story.store.ledgerId);
            await two.project(overlapping, story.store.ledgerId);
          }
          const alone = await openedViews();
          await alone.project(events, story.store.ledgerId);
          expect(await one.dump()).toEqual(await alone.dump());
        }),
        { numRuns: 10 },
      );
    },
    MANY_RUNS_MS,
  );
});

describe('waiting', () => {
  it('ends at once for what was read already, and with TIMEOUT for what is not', async () => {
    const { story, views } = await openStory();
    await story.project('a');
    await views.project(await allEvents(story), story.store.ledgerId);
    await views.waitFor('1', 0);
    await expect(views.waitFor('2', 1)).rejects.toMatchObject({ code: 'TIMEOUT', hint: expect.any(String) });
  });

  it('ends with the position and not before, each in its turn', async () => {
    const { story, views } = await openStory();
    await story.request(releaseId(1), 'a', dev);
    await story.project('a');
    const events = await allEvents(story);
    const reached: string[] = [];
    const waiting = ['3', '1', '2'].map((position) => views.waitFor(position, 5000).then(() => reached.push(position)));
    await views.project(events.slice(0, 2), story.store.ledgerId);
    expect(reached.sort()).toEqual(['1', '2']);
    await views.project(events, story.store.ledgerId);
    await Promise.all(waiting);
    expect(reached).toHaveLength(3);
  });

  it('ends with the reason of the signal, and when the views close', async () => {
    const views = await openedViews();
    const controller = new AbortController();
    const waiting = views.waitFor('1', 5000, controller.signal);
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(views.waitFor('1', 5000, controller.signal)).rejects.toThrow('gone');
    const closing = expect(views.waitFor('1', 5000)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await views.close();
    await closing;
  });
});

describe('the folder of the views', () => {
  it('names the live file, and gets a new one when the tables changed', async () => {
    const { story, folder, views: first } = await filledFolder();
    await first.close();
    const pointer: unknown = JSON.parse(readFileSync(join(folder, 'views.json'), 'utf8'));
    expect(pointer).toEqual({ current: 1, schema: expect.stringMatching(/^[0-9a-f]{64}$/) });

    writeFileSync(join(folder, 'views.json'), JSON.stringify({ current: 1, schema: 'of an older Waybill' }));
    const second = await openedViews(folder);
    expect(second.position()).toBeUndefined();
    expect(filesOf(folder)).toEqual(['views-2.sqlite', 'views.json']);
    follow(second, story.store);
    await second.waitFor('1', 5000);
    expect(await second.projects.keys()).toEqual(['a']);
  });

  it('is made anew when the live file or the pointer cannot be read', async () => {
    const folder = temporaryFolder();
    await (await openedViews(folder)).close();
    writeFileSync(
      join(folder, 'views-1.sqlite'),
      'this is no database, and it is long enough to be read as one'.repeat(20),
    );
    const second = await openedViews(folder);
    expect(second.position()).toBeUndefined();
    await second.close();
    writeFileSync(join(folder, 'views.json'), '{"current":');
    await openedViews(folder);
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
    const folder = temporaryFolder();
    await openedViews(folder);
    const database = new Database(join(folder, 'views-1.sqlite'), { readonly: true });
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    database.close();
  });
});
