import { expect, it } from '@jest/globals';
import { presetRules } from '@waybill/domain';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';
import { APPROVER, IMAGE, hex, releaseId } from '../testing/samples.js';
import { ADMIN } from '../testing/telling.js';
import type { SearchCriterion } from './criteria.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const [R1, R2, R3] = [releaseId(1), releaseId(2), releaseId(3)];
const environment = { project: 'a', slot: 'dev', location: 'dev' };

/** Two releases of `a`, the first one deployed, then removed; one of `b`. */
async function told() {
  const opened = await openStory();
  const { story, views, caughtUp } = opened;
  const { events } = await story.request(R1, 'a', dev, {
    rules: presetRules('gitflow').map((rule) => ({ ...rule, approvals: 1 })),
    pipelineId: 'build-7',
    jobId: 'job-1',
    attributes: { ticket: 'ABC-1', team: 'pay' },
  });
  await story.config(R1);
  await story.approve(R1);
  await story.evaluate(R1, ['dev']);
  await story.deploy(R1, environment);
  await story.request(R2, 'a', { kind: 'tag', name: 'v1' }, { commit: hex('b'), attributes: { team: 'pay' } });
  await story.request(R3, 'b', dev, { commit: hex('f'), deliverable: null });
  await story.remove(environment);
  await caughtUp();
  const find = async (...criteria: SearchCriterion[]) => {
    const { nodes } = await views.search.find({ anyOf: [criteria] });
    return nodes.map(({ release, deployment }) => release ?? deployment);
  };
  return { ...opened, find, asked: events[0]! };
}

onEveryEngine('search', () => {
  it('finds releases by anything that belongs to them, the newest first', async () => {
    const { find, asked } = await told();
    expect(await find({ field: 'project', value: 'a' })).toEqual([R2, R1]);
    expect(await find({ field: 'ref', value: 'dev' })).toEqual([R3, R1]);
    expect(await find({ field: 'commit', value: hex('a') })).toEqual([R1]);
    expect(await find({ field: 'commit', value: 'bbbbbbb' })).toEqual([R2]);
    expect(await find({ field: 'digest', value: IMAGE.digest })).toEqual([R2, R1]);
    expect(await find({ field: 'digest', value: 'sha256:1111111' })).toEqual([R2, R1]);
    expect(await find({ field: 'configCommit', value: hex('b') })).toEqual([R1]);
    expect(await find({ field: 'pipelineId', value: 'build-7' })).toEqual([R1]);
    expect(await find({ field: 'jobId', value: 'job-1' })).toEqual([R1]);
    expect(await find({ field: 'attribute', name: 'team', value: 'pay' })).toEqual([R2, R1]);
    expect(await find({ field: 'attribute', name: 'team', value: 'pa' })).toEqual([]);
    expect(await find({ field: 'person', value: APPROVER })).toEqual([R1]);
    expect(await find({ field: 'person', value: ADMIN.id })).toEqual([R3, R2, R1]);
    expect(await find({ field: 'location', value: 'dev' })).toEqual([R1]);
    expect(await find({ field: 'release', release: R3 })).toEqual([R3]);
    expect(await find({ field: 'event', correlationId: asked.correlationId })).toEqual([R1]);
    const from = Number(asked.position);
    expect(await find({ field: 'event', project: 'a', from, until: null })).toEqual([R2, R1]);
    expect(await find({ field: 'event', project: 'a', from: from + 1, until: null })).toEqual([R2]);
    expect(await find({ field: 'event', project: 'a', from, until: from + 1 })).toEqual([R1]);
  });

  it('finds the removal of an environment, which is of no release', async () => {
    const { find } = await told();
    expect(await find({ field: 'environment', value: 'a.dev@dev' })).toEqual(['a.dev@dev.2', R1]);
    expect(await find({ field: 'deployment', deployment: 'a.dev@dev.2' })).toEqual(['a.dev@dev.2']);
    expect(await find({ field: 'deployment', deployment: 'a.dev@dev.1' })).toEqual([R1]);
    expect(await find({ field: 'environment', value: 'a.dev@dev' }, { field: 'project', value: 'b' })).toEqual([]);
  });

  it('wants all of several criteria, whichever of them is looked up', async () => {
    const { find } = await told();
    const criteria: SearchCriterion[] = [
      { field: 'project', value: 'a' },
      { field: 'ref', value: 'dev' },
      { field: 'commit', value: 'aaaaaaa' },
      { field: 'digest', value: IMAGE.digest },
      { field: 'configCommit', value: hex('b') },
      { field: 'pipelineId', value: 'build-7' },
      { field: 'jobId', value: 'job-1' },
      { field: 'attribute', name: 'ticket', value: 'ABC-1' },
      { field: 'person', value: APPROVER },
      { field: 'location', value: 'dev' },
      { field: 'environment', value: 'a.dev@dev' },
      { field: 'release', release: R1 },
      { field: 'deployment', deployment: 'a.dev@dev.1' },
    ];
    expect(await find(...criteria)).toEqual([R1]);
    for (const one of criteria) {
      expect(await find(one, { field: 'project', value: 'b' })).not.toContain(R1);
      expect(await find({ field: 'project', value: 'a' }, one)).toContain(R1);
    }
  });

  it('takes what meets one of several groups, once, and says by what', async () => {
    const { views } = await told();
    const { nodes } = await views.search.find({
      anyOf: [[{ field: 'pipelineId', value: 'build-7' }], [{ field: 'ref', value: 'dev' }]],
    });
    expect(nodes).toEqual([
      { release: R3, deployment: null, by: ['ref'] },
      { release: R1, deployment: null, by: ['pipelineId', 'ref'] },
    ]);
  });

  it('is cut to projects, and pages from the row that was seen last', async () => {
    const { views, story, caughtUp } = await told();
    const anyOf: SearchCriterion[][] = [[{ field: 'ref', value: 'dev' }], [{ field: 'location', value: 'dev' }]];
    const cut = await views.search.find({ anyOf, projects: ['b'] });
    expect(cut.nodes.map(({ release }) => release)).toEqual([R3]);
    expect((await views.search.find({ anyOf, projects: [] })).nodes).toEqual([]);
    const first = await views.search.find({ anyOf, first: 1 });
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    await story.request(releaseId(4), 'a', dev);
    await caughtUp();
    const next = await views.search.find({ anyOf, first: 1, after: first.pageInfo.endCursor });
    expect(next.nodes.map(({ release }) => release)).toEqual([R1]);
    expect(next.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const another = views.search.find({ anyOf: [anyOf[0]!], after: first.pageInfo.endCursor });
    await expect(another).rejects.toThrow('cursor of another list');
  });
});
