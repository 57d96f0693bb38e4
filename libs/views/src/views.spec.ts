import { expect, it } from '@jest/globals';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import fc from 'fast-check';
import { onEveryEngine } from './testing/engines.js';
import { follow, followed } from './testing/following.js';
import { histories, tell } from './testing/histories.js';
import { allEvents, openStory, openedViews, temporaryPlace } from './testing/open-story.js';
import { releaseId } from './testing/samples.js';
import { createStory } from './testing/story.js';

const dev = { kind: 'branch', name: 'dev' } as const;
/** A property opens many files, on a machine that may be busy with other suites. */
const MANY_RUNS_MS = 120_000;

onEveryEngine('views that follow a log', (engine) => {
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
    const story = createStory();
    const place = await temporaryPlace();
    const before = await openedViews(place);
    await story.project('a');
    await before.project(await allEvents(story), story.store.ledgerId);
    await before.close();
    await story.project('b');
    const after = await openedViews(place);
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

  it('take many events that come in together in few batches, and hurry for whoever waits', async () => {
    const story = createStory();
    const views = await openedViews();
    let batches = 0;
    follow(views, {
      ...story.store,
      async *subscribe(options) {
        for await (const events of story.store.subscribe(options)) {
          batches += 1;
          yield events;
        }
      },
    });
    for (let n = 0; n < 50; n++) await story.project(`p${n}`);
    await views.waitFor('50', 5000);
    expect(batches).toBeLessThan(25);
    const before = batches;
    for (let n = 50; n < 53; n++) {
      const { position } = await story.project(`p${n}`);
      await views.waitFor(position!, 5000);
    }
    expect(batches).toBe(before + 3);
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

  it(
    'of two projectors that take turns at the same events hold them once',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories(40), fc.integer({ min: 1, max: 7 }), async (steps, size) => {
          const story = createStory();
          await tell(story, steps);
          const events = await allEvents(story);
          const place = await temporaryPlace();
          const [one, two] = [await openedViews(place), await openedViews(place)];
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
        { numRuns: engine === 'SQLite' ? 10 : 4 },
      );
    },
    MANY_RUNS_MS,
  );
});

onEveryEngine('waiting', () => {
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
