import { expect, it } from '@jest/globals';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';

onEveryEngine('locations', () => {
  it('tells delivery, resources and operator', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.location('dev');
    await story.resource('dev');
    await story.resource('dev', 'istio');
    await story.changeResource('dev', { namespace: 'other' });
    await story.connect('dev', 7);
    await caughtUp();
    expect(await views.locations.get('dev')).toEqual({
      key: 'dev',
      delivery: { kind: 'git', repository: 'https://git.example/dev.git', branch: 'main' },
      retired: false,
      operator: {
        epoch: 7,
        software: 'waybill',
        version: '0.1.0',
        capabilities: ['git'],
        connectedAt: '2026-01-05T12:00:05.000Z',
        silent: false,
        silentSince: null,
      },
      resources: [
        {
          key: 'istio-dev',
          kind: 'istio',
          location: 'dev',
          parameters: { namespace: 'shop' },
          connection: null,
          retired: false,
        },
        {
          key: 'kubernetes-dev',
          kind: 'kubernetes',
          location: 'dev',
          parameters: { namespace: 'other' },
          connection: 'vault/x',
          retired: false,
        },
      ],
    });
    await story.connect('dev', 7, ['git', 'apps/v1']);
    await caughtUp();
    expect((await views.locations.get('dev'))?.operator).toMatchObject({
      capabilities: ['git', 'apps/v1'],
      connectedAt: '2026-01-05T12:00:05.000Z',
    });
    const silenced = await story.silence('dev', 7);
    await caughtUp();
    const silentSince = silenced.events[0]!.recordedAt;
    expect((await views.locations.get('dev'))?.operator).toMatchObject({ silent: true, silentSince });
    await story.hear('dev', 7);
    await caughtUp();
    expect((await views.locations.get('dev'))?.operator).toMatchObject({ silent: false, silentSince: null, epoch: 7 });
    await story.silence('dev', 7);
    await story.connect('dev', 8);
    await caughtUp();
    expect((await views.locations.get('dev'))?.operator).toMatchObject({ silent: false, epoch: 8 });
  });

  it('offers to rules only what is retired neither by itself nor with its location', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.location('dev');
    await story.resource('dev');
    await story.resource('dev', 'istio');
    await story.location('lt');
    await story.resource('lt');
    await story.retireResource('dev', 'istio-dev');
    await story.retireLocation('lt');
    await caughtUp();
    expect(await views.locations.knownResources()).toEqual([
      { resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev', delivery: 'git' },
    ]);
    const listed = await views.locations.resources();
    expect(listed.nodes.map(({ key, retired }) => [key, retired])).toEqual([
      ['istio-dev', true],
      ['kubernetes-dev', false],
      ['kubernetes-lt', true],
    ]);
    expect((await views.locations.resources({ location: 'dev', kind: 'istio' })).totalCount).toBe(1);
    expect((await views.locations.list()).nodes.map(({ key, retired }) => [key, retired])).toEqual([
      ['dev', false],
      ['lt', true],
    ]);
    await story.location('lt');
    await caughtUp();
    expect((await views.locations.get('lt'))?.resources[0]?.retired).toBe(false);
  });

  it('finds the resource that is offered when a key moved to another location', async () => {
    const { story, views, caughtUp } = await openStory();
    for (const location of ['old', 'new']) await story.location(location);
    await story.resource('old', 'kubernetes', 'kubernetes-prod1');
    await story.retireResource('old', 'kubernetes-prod1');
    await caughtUp();
    expect(await views.locations.resource('kubernetes-prod1')).toMatchObject({ location: 'old', retired: true });
    await story.resource('new', 'kubernetes', 'kubernetes-prod1');
    await caughtUp();
    expect(await views.locations.resource('kubernetes-prod1')).toMatchObject({ location: 'new', retired: false });
    expect(await views.locations.resource('kubernetes-none')).toBeUndefined();
  });
});
