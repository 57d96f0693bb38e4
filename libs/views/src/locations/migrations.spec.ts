import { expect, it } from '@jest/globals';
import { initialLocation } from '../testing/location-story.js';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';

onEveryEngine('migrations', () => {
  it('tell how far they are, and rules mean the other location once they are completed', async () => {
    const { story, views, caughtUp } = await openStory();
    for (const location of ['prod1', 'prod3']) {
      await story.location(location);
      await story.resource(location);
    }
    const at = async (resource: string) => {
      await caughtUp();
      return (await views.locations.knownResources()).find((known) => known.resource === resource);
    };
    await story.migrate('prod1', 'prod3', initialLocation('prod3'));
    await caughtUp();
    const resources = [{ from: 'kubernetes-prod1', to: 'kubernetes-prod3', kind: 'kubernetes' }];
    expect(await views.locations.migration('prod1')).toMatchObject({
      location: 'prod1',
      number: 1,
      to: 'prod3',
      resources,
      removal: { when: 'by-hand' },
      phase: 'running',
      removalBegun: false,
      finishedAt: null,
    });
    expect(await views.locations.migration('prod3')).toBeUndefined();
    expect(await at('kubernetes-prod1')).toMatchObject({ location: 'prod1' });
    await story.migration('prod1', 'StopMigration');
    await caughtUp();
    expect(await views.locations.migrations()).toMatchObject([{ phase: 'stopped' }]);
    await story.migration('prod1', 'ResumeMigration');
    await story.migration('prod1', 'RequestMigrationRemoval');
    await story.beginRemoval('prod1');
    await caughtUp();
    expect(await views.locations.migration('prod1')).toMatchObject({
      phase: 'running',
      removal: { when: 'after-healthy' },
      removalBegun: true,
    });
    await story.completeMigration('prod1');
    await story.retireLocation('prod1');
    expect(await at('kubernetes-prod1')).toEqual({
      resource: 'kubernetes-prod1',
      kind: 'kubernetes',
      location: 'prod3',
      delivery: 'git',
      moved: { resource: 'kubernetes-prod3', from: ['prod1'] },
    });
    expect(await views.locations.migration('prod1')).toMatchObject({ phase: 'completed' });
  });

  it('that were reverted change nothing', async () => {
    const { story, views, caughtUp } = await openStory();
    for (const location of ['prod1', 'prod3']) {
      await story.location(location);
      await story.resource(location);
    }
    await story.migrate('prod1', 'prod3', initialLocation('prod3'));
    await story.migration('prod1', 'RevertMigration');
    await caughtUp();
    expect(await views.locations.migration('prod1')).toMatchObject({ phase: 'reverted' });
    expect(await views.locations.knownResources()).toMatchObject([
      { resource: 'kubernetes-prod1', location: 'prod1' },
      { resource: 'kubernetes-prod3', location: 'prod3' },
    ]);
  });
});
