import { expect, it } from '@jest/globals';
import type { EventStore } from '@waybill/kernel';
import fc from 'fast-check';
import type { RebuildStatus } from './rebuild.js';
import { onEveryEngine } from './testing/engines.js';
import { histories, tell } from './testing/histories.js';
import { allEvents, openStory, openedViews, temporaryPlace } from './testing/open-story.js';
import { createStory, type Story } from './testing/story.js';

/** The store, calling `before` ahead of each read of the whole log. */
const interrupted = (store: EventStore, before: () => Promise<void> | void): EventStore => ({
  ...store,
  async readAll(after, limit) {
    await before();
    return store.readAll(after, limit);
  },
});

async function threeProjects(): Promise<Story> {
  const story = createStory();
  for (const key of ['a', 'b', 'c']) await story.project(key);
  return story;
}

/** A property opens many files, on a machine that may be busy with other suites. */
const MANY_RUNS_MS = 120_000;

onEveryEngine('a rebuild', (engine) => {
  it(
    'equals the live views bit for bit, whatever happened, in whatever batches',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories(120), fc.integer({ min: 1, max: 9 }), async (steps, size) => {
          const { story, views } = await openStory();
          await tell(story, steps);
          const events = await allEvents(story);
          for (let start = 0; start < events.length; start += size) {
            await views.project(events.slice(start, start + size), story.store.ledgerId);
          }
          const live = await views.dump();
          await views.rebuild(story.store);
          expect(await views.dump()).toEqual(live);
        }),
        { numRuns: engine === 'SQLite' ? 30 : 8 },
      );
    },
    MANY_RUNS_MS,
  );

  it('takes along what is appended and projected while it runs', async () => {
    const story = await threeProjects();
    const views = await openedViews();
    const controller = new AbortController();
    const following = views.follow(story.store, controller.signal);
    let reads = 0;
    const busy = interrupted(story.store, async () => {
      reads += 1;
      if (reads <= 3) {
        const { position } = await story.project(`busy-${reads}`);
        await (reads < 3 ? views.waitFor(position!, 5000) : undefined);
      }
    });
    await views.rebuild(busy);
    const { position } = await story.project('after');
    await views.waitFor(position!, 5000);
    expect(await views.projects.keys()).toEqual(['a', 'after', 'b', 'busy-1', 'busy-2', 'busy-3', 'c']);
    controller.abort();
    await following;
    const alone = await openedViews();
    await alone.project(await allEvents(story), story.store.ledgerId);
    expect(await views.dump()).toEqual(await alone.dump());
  });

  it('takes along what is appended and projected between its last page and the swap', async () => {
    const story = await threeProjects();
    const views = await openedViews();
    await views.project(await allEvents(story), story.store.ledgerId);
    let late = false;
    const store: EventStore = {
      ...story.store,
      async readAll(after, limit) {
        const page = await story.store.readAll(after, limit);
        if (page.length === 0 && !late) {
          late = true;
          await story.project('late');
          await views.project((await allEvents(story)).slice(3), story.store.ledgerId);
        }
        return page;
      },
    };
    await views.rebuild(store);
    expect(await views.projects.keys()).toEqual(['a', 'b', 'c', 'late']);
    expect(views.position()).toBe('4');
  });

  it('lets readers see the old views until it is done, then only the new ones', async () => {
    const story = await threeProjects();
    const place = await temporaryPlace();
    const views = await openedViews(place);
    const [first] = await place.databases();
    await views.project((await allEvents(story)).slice(0, 2), story.store.ledgerId);
    const seen: (readonly string[])[] = [];
    await views.rebuild(interrupted(story.store, async () => void seen.push(await views.projects.keys())));
    expect(new Set(seen.map((keys) => keys.join()))).toEqual(new Set(['a,b']));
    expect(await views.projects.keys()).toEqual(['a', 'b', 'c']);
    expect(views.position()).toBe('3');
    const reopened = await openedViews(place);
    expect(await reopened.projects.keys()).toEqual(['a', 'b', 'c']);
    await views.close();
    const left = await place.databases();
    expect(left).toHaveLength(1);
    expect(left).not.toContain(first);
  });

  it('does not close the old views under a query that is reading them', async () => {
    const story = await threeProjects();
    const views = await openedViews();
    await views.project(await allEvents(story), story.store.ledgerId);
    const before = await views.dump();
    const dumps = interrupted(story.store, () => undefined);
    const [during] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, () => views.dump())),
      views.rebuild(dumps),
    ]);
    for (const dump of during) expect(dump).toEqual(before);
  });

  it('tells how far it is', async () => {
    const story = await threeProjects();
    const place = await temporaryPlace();
    const views = await openedViews(place);
    expect(views.rebuildStatus()).toBeUndefined();
    await views.project(await allEvents(story), story.store.ledgerId);
    const told: RebuildStatus[] = [];
    await views.rebuild(story.store, { onProgress: (status) => told.push(status) });
    expect(told.map(({ state, done, total }) => [state, done, total])).toEqual([
      ['running', 0, 0],
      ['running', 3, 3],
      ['done', 3, 3],
    ]);
    expect(views.rebuildStatus()).toMatchObject({ state: 'done', error: null, finishedAt: expect.any(String) });
  });

  it('is joined by who asks for one while it runs', async () => {
    const story = await threeProjects();
    const place = await temporaryPlace();
    const views = await openedViews(place);
    const both = [views.rebuild(story.store), views.rebuild(story.store)];
    expect(views.rebuildStatus()).toMatchObject({ state: 'running' });
    await Promise.all(both);
    const reopened = await openedViews(place);
    expect(reopened.position()).toBe('3');
    await views.close();
    expect(await place.databases()).toHaveLength(1);
  });

  it('leaves everything as it was when it is aborted or the log cannot be read', async () => {
    const story = await threeProjects();
    const place = await temporaryPlace();
    const views = await openedViews(place);
    await views.project(await allEvents(story), story.store.ledgerId);
    const before = await views.dump();
    const databases = await place.databases();
    const controller = new AbortController();
    const aborting = interrupted(story.store, () => controller.abort(new Error('enough')));
    await expect(views.rebuild(aborting, { signal: controller.signal })).rejects.toThrow('enough');
    expect(views.rebuildStatus()).toMatchObject({ state: 'failed', error: 'enough' });
    const broken = interrupted(story.store, () => Promise.reject(new Error('no log')));
    await expect(views.rebuild(broken)).rejects.toThrow('no log');
    expect(await place.databases()).toEqual(databases);
    expect(await views.dump()).toEqual(before);
    await views.rebuild(story.store);
    expect(await views.dump()).toEqual(before);
  });
});
