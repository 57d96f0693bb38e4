import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EnvironmentRow } from '../environments/queries.js';
import { foldedRelease } from '../releases/folded.js';
import type { ReleaseRow } from '../releases/queries.js';
import { onEveryEngine } from '../testing/engines.js';
import { histories, tell } from '../testing/histories.js';
import { allEvents, openStory, openedViews } from '../testing/open-story.js';
import { hex, releaseId } from '../testing/samples.js';
import { createStory } from '../testing/story.js';
import type { Moment } from './moment.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const environment = { project: 'a', slot: 'dev', location: 'dev' };
const [R1, R2] = [releaseId(1), releaseId(2)];

/** What is not told of an earlier time: how far a rollout in steps or a migration was, which only their events say. */
const comparable = ({ running, rollout, migratedFrom, migratedTo, cutOverAt, copyProblem, ...row }: EnvironmentRow) =>
  row;

/** A release's own stream says neither the generation before it ended, nor what its operator waits for. */
const ownWords = ({ locations, reason: _, ...row }: ReleaseRow) => ({
  ...row,
  locations: locations.map(({ generation: __, message: ___, state, ...it }) => ({
    ...it,
    state: state === 'waiting' ? 'deploying' : state,
  })),
});

onEveryEngine('history', (engine) => {
  it('tells of every position what the views said when they had read up to there', async () => {
    await fc.assert(
      fc.asyncProperty(histories(engine === 'SQLite' ? 40 : 25), async (steps) => {
        const story = createStory();
        await tell(story, steps);
        const events = await allEvents(story);
        const whole = await openedViews();
        const growing = await openedViews();
        await whole.project(events, story.store.ledgerId);
        for (const event of events) {
          await growing.project([event], story.store.ledgerId);
          const moment: Moment = { by: 'recorded', position: Number(event.position) };
          const then = await whole.history.environmentsAt(moment, { first: 100 });
          const now = await growing.environments.list({ first: 100 });
          expect(then.nodes.map(comparable)).toEqual(now.nodes.map(comparable));
          expect(await then.totalCount()).toBe(now.totalCount);
          expect((await whole.history.projectsAt(moment, {})).nodes).toEqual((await growing.projects.list()).nodes);
          const places = await whole.history.locationsAt(moment, {});
          expect(places.nodes).toMatchObject((await growing.locations.list()).nodes);
          const resources = await whole.history.resourcesAt(moment, {});
          expect(resources.nodes).toEqual((await growing.locations.resources()).nodes);
          const names = (await growing.deployments.list({ first: 100 })).nodes.map(({ name }) => name);
          const deployments = await whole.history.deploymentsAt(names, moment);
          expect(deployments.map((row) => row?.good)).toEqual(
            (await growing.deployments.getMany(names)).map((row) => row?.good),
          );
          const [release] = (await growing.releases.list({ first: 1 })).nodes;
          if (!release) continue;
          const stream = await story.store.readStream(`release-${release.id}`);
          const upTo = stream.filter(({ position }) => Number(position) <= Number(event.position));
          expect(ownWords(foldedRelease(upTo)!)).toEqual(ownWords(release));
        }
      }),
      { numRuns: engine === 'SQLite' ? 12 : 4 },
    );
  }, 120_000);

  it('finds the position of an instant by the clock of the log', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.project('a');
    await story.location('dev');
    await story.request(R1, 'a', dev);
    await caughtUp();
    const events = await allEvents(story);
    for (const event of events) {
      const last = events.findLast(({ recordedAt }) => recordedAt === event.recordedAt)!;
      expect(await views.history.positionAt(event.recordedAt)).toBe(Number(last.position));
    }
    expect(await views.history.positionAt('2000-01-01T00:00:00.000Z')).toBeLessThan(Number(events[0]!.position));
    expect(await views.history.positionAt('2999-01-01T00:00:00.000Z')).toBe(Number(events.at(-1)!.position));
  });

  it('tells when something happened apart from when it was heard of', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.location('dev');
    await story.connect('dev', 1);
    await story.request(R1, 'a', dev);
    const { events: asked } = await story.deploy(R1, environment);
    const { events: healthy } = await story.report(environment, 1, R1, { phase: 'healthy' });
    await story.request(R2, 'a', dev, { commit: hex('b') });
    const { events: next } = await story.deploy(R2, environment, hex('7'));
    const { events: late } = await story.report(environment, 1, R1, { phase: 'failed', reason: 'x', message: 'late' });
    await caughtUp();
    const stateAt = async (moment: Moment) =>
      (await views.history.environmentAt('a.dev@dev', moment)) ?? { state: 'nothing', generation: 0 };
    const recorded = (event = asked[0]!): Moment => ({ by: 'recorded', position: Number(event.position) });
    const happened = (event = asked[0]!): Moment => ({ by: 'happened', instant: event.occurredAt });
    expect(await stateAt({ by: 'recorded', position: Number(asked[0]!.position) - 1 })).toMatchObject({
      generation: 0,
    });
    expect(await stateAt(recorded())).toMatchObject({ state: 'deploying', generation: 1, current: 'a.dev@dev.1' });
    expect(await stateAt(recorded(healthy[0]!))).toMatchObject({ state: 'healthy', lastGood: 'a.dev@dev.1' });
    expect(await stateAt(recorded(next[0]!))).toMatchObject({ state: 'deploying', generation: 2 });
    expect(await stateAt(happened(healthy[0]!))).toMatchObject({ state: 'healthy', generation: 1 });
    expect(await stateAt(happened(next[0]!))).toMatchObject({ generation: 2, lastGood: 'a.dev@dev.1' });
    const [first] = await views.history.deploymentsAt(['a.dev@dev.1'], recorded(late[0]!));
    expect(first).toMatchObject({ state: 'failed', message: 'late', good: true });
    expect(await views.history.deploymentsAt(['a.dev@dev.2'], recorded(healthy[0]!))).toEqual([undefined]);
  });

  it('pages the estate of then, cut and filtered as the one of now', async () => {
    const { story, views, caughtUp } = await openStory();
    for (const slot of ['one', 'two', 'three']) await story.deploy(R1, { ...environment, slot });
    await story.remove({ ...environment, slot: 'two' });
    await story.confirmRemoval({ ...environment, slot: 'two' }, 2);
    await caughtUp();
    const events = await allEvents(story);
    const moment: Moment = { by: 'recorded', position: Number(events[2]!.position) };
    const names = async (request: Parameters<typeof views.history.environmentsAt>[1], at = moment) =>
      (await views.history.environmentsAt(at, request)).nodes.map(({ name }) => name);
    expect(await names({})).toEqual(['a.one@dev', 'a.three@dev', 'a.two@dev']);
    expect(await names({}, { by: 'recorded', position: Number(events.at(-1)!.position) })).toHaveLength(2);
    const first = await views.history.environmentsAt(moment, { first: 2 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    expect(await names({ first: 2, after: first.pageInfo.endCursor })).toEqual(['a.two@dev']);
    expect(await names({ filter: { slot: 'one' } })).toEqual(['a.one@dev']);
    expect(await names({ filter: { states: ['healthy'] } })).toEqual([]);
    expect(await names({ filter: { projects: [] } })).toEqual([]);
    expect(await names({ filter: { projects: ['a'], location: 'elsewhere' } })).toEqual([]);
    const other: Moment = { by: 'recorded', position: 0 };
    await expect(names({ after: first.pageInfo.endCursor }, other)).rejects.toThrow('another list');
  });
});
