import { expect, it } from '@jest/globals';
import { onEveryEngine } from '../testing/engines.js';
import { allEvents, openStory } from '../testing/open-story.js';
import { releaseId } from '../testing/samples.js';

const dev = { kind: 'branch', name: 'dev' } as const;

onEveryEngine('timeline', () => {
  it('finds events by id, by correlation and by cause, and tells where they are', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.project('a');
    const { events } = await story.request(releaseId(1), 'a', dev);
    const configured = await story.config(releaseId(1));
    await story.project('b');
    await caughtUp();
    const [requested, matched] = events;
    const { id, stream, revision, type, position, correlationId, causationId, commandId, recordedAt } = requested!;
    expect(await views.timeline.byId(id)).toEqual({
      id,
      stream,
      revision,
      type,
      position,
      correlationId,
      causationId,
      commandId,
      recordedAt,
    });
    expect(await views.timeline.byId(releaseId(9))).toBeUndefined();
    const correlated = await views.timeline.byCorrelation(correlationId);
    expect(correlated.nodes.map((entry) => entry.id)).toEqual([id, matched!.id, configured.events[0]!.id]);
    expect(correlated.totalCount).toBe(3);
    const newest = await views.timeline.byCorrelation(correlationId, { newestFirst: true, first: 1 });
    expect(newest.nodes.map((entry) => entry.id)).toEqual([configured.events[0]!.id]);
    expect((await views.timeline.causedBy(causationId)).map((entry) => entry.id)).toEqual([id, matched!.id]);
    const byIds = await views.timeline.byIds([id, releaseId(9), matched!.id]);
    expect(byIds.map((entry) => entry.id).sort()).toEqual([id, matched!.id].sort());
    expect(await views.timeline.byIds([])).toEqual([]);
    const effects = await views.timeline.causedByAny([causationId, configured.events[0]!.causationId], 10);
    expect(effects.map((entry) => entry.id)).toEqual([id, matched!.id, configured.events[0]!.id]);
    expect(await views.timeline.causedByAny([causationId], 1)).toHaveLength(1);
    expect(await views.timeline.causedByAny([], 1)).toEqual([]);
    const all = await views.timeline.list();
    expect(all.nodes.map((entry) => entry.position)).toEqual((await allEvents(story)).map((event) => event.position));
    expect(await views.timeline.count()).toBe(5);
  });
});
