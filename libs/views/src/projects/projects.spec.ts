import { expect, it } from '@jest/globals';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';

onEveryEngine('projects', () => {
  it('tells what was submitted, and what is missing until then', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.project('a', 'Project A');
    await caughtUp();
    expect(await views.projects.get('a')).toEqual({
      key: 'a',
      name: 'Project A',
      registeredAt: '2026-01-05T12:00:01.000Z',
      developer: null,
      business: null,
      devops: null,
      metadataRevision: null,
      preset: null,
      rules: [],
      rulesRevision: null,
      revision: 0,
      owner: null,
      missing: [
        {
          section: 'devops',
          field: 'rules',
          rules: [],
          why: 'no branch rules are defined: no branch or tag is deployed',
        },
      ],
    });

    await story.rules('a');
    await story.developer('a');
    await story.business('a');
    await caughtUp();
    const half = await views.projects.get('a');
    expect(half).toMatchObject({ preset: 'gitflow', rulesRevision: 1, metadataRevision: 3, owner: 'p-owner0001' });
    expect(half?.missing.map(({ section }) => section)).toEqual(['devops']);

    await story.devops('a');
    await story.deleteBranch('a', 'feature-login');
    await caughtUp();
    const whole = await views.projects.get('a');
    expect(whole).toMatchObject({ missing: [], metadataRevision: 4, revision: 5 });
    expect(whole?.rules.map((rule) => rule.name)).toHaveLength(5);
    expect(whole?.devops?.quotas.maxReplicas).toBe(3);
  });

  it('lists by key and searches key and name, taking % and _ literally', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.project('shop', 'The Shop');
    await story.project('pay', '100% pay');
    await story.project('mail', 'Shopping mails');
    await caughtUp();
    const keys = async (search?: string) => (await views.projects.list({ search })).nodes.map((project) => project.key);
    expect(await keys()).toEqual(['mail', 'pay', 'shop']);
    expect(await keys('SHOP')).toEqual(['mail', 'shop']);
    expect(await keys('%')).toEqual(['pay']);
    expect(await keys('_')).toEqual([]);
    expect(await views.projects.keys()).toEqual(['mail', 'pay', 'shop']);
    expect(await views.projects.get('none')).toBeUndefined();
  });
});
