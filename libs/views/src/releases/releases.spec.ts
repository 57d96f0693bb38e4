import { expect, it } from '@jest/globals';
import { presetRules } from '@waybill/domain';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';
import { APPROVER, IMAGE, hex, releaseId } from '../testing/samples.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const R1 = releaseId(1);

onEveryEngine('releases', () => {
  it('follows a release from the request to the outcome', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.request(R1, 'a', dev, { pipelineId: '42' });
    await caughtUp();
    expect(await views.releases.get(R1)).toMatchObject({
      id: R1,
      project: 'a',
      ref: 'dev',
      refKind: 'branch',
      commit: hex('a'),
      state: 'PREPARING',
      outcome: null,
      slot: 'dev',
      rule: { name: 'dev' },
      rulesRevision: 4,
      deliverable: IMAGE,
      order: '1',
      requestedBy: 'p-admin0001',
      requestedAt: '2026-01-05T12:00:01.000Z',
      finishedAt: null,
      durationMs: null,
      via: 'cli',
      pipelineId: '42',
      attributes: { build: '7' },
      locations: [],
    });
    await story.config(R1);
    await story.evaluate(R1, ['dev']);
    await caughtUp();
    const deploying = await views.releases.get(R1);
    expect(deploying).toMatchObject({
      state: 'DEPLOYING',
      config: { directory: 'a/dev', digest: hex('c') },
      locations: [{ location: 'dev', stage: 0, generation: null, state: 'deploying', message: null }],
    });
    expect(deploying?.reason).toBe('Stage 1 of 1 is being deployed; waiting for dev.');

    const environment = { project: 'a', slot: 'dev', location: 'dev' };
    await story.deploy(R1, environment);
    await story.report(environment, 1, R1, { phase: 'delayed', attempt: 1, reason: 'push', message: 'no route' });
    await caughtUp();
    expect((await views.releases.get(R1))?.locations).toMatchObject([{ generation: 1, message: 'no route' }]);

    const last = await story.conclude(R1, 'dev', 'delivered');
    await caughtUp();
    const done = await views.releases.get(R1);
    expect(done).toMatchObject({
      state: 'COMPLETED',
      outcome: 'delivered',
      finishedAt: last.events.at(-1)!.recordedAt,
      locations: [{ location: 'dev', state: 'delivered', generation: 1, message: null }],
    });
    expect(done?.durationMs).toBe(Date.parse(done!.finishedAt!) - Date.parse(done!.requestedAt));
    expect(done?.reason).toContain('Delivered to the repository of dev');
  });

  it('shows each location as it is delivered, and waits where no operator is there', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.location('dev');
    await story.cluster('prod1');
    const [rule] = presetRules('gitflow');
    const rules = [{ ...rule!, resources: ['kubernetes-dev', 'kubernetes-prod1'], stages: [['dev', 'prod1']] }];
    await story.request(R1, 'a', dev, { rules });
    await story.config(R1);
    await story.evaluate(R1, ['dev', 'prod1']);
    const get = async () => {
      await caughtUp();
      return (await views.releases.get(R1))!;
    };
    const states = async () => (await get()).locations.map(({ location, state }) => `${location} ${state}`);
    expect(await states()).toEqual(['dev deploying', 'prod1 waiting']);
    expect((await get()).reason).toContain('No operator has connected at prod1 yet.');
    await story.connect('prod1', 1);
    expect(await states()).toEqual(['dev deploying', 'prod1 deploying']);
    await story.conclude(R1, 'dev', 'delivered');
    const silenced = await story.silence('prod1', 1);
    expect(await states()).toEqual(['dev delivered', 'prod1 waiting']);
    expect(await get()).toMatchObject({ state: 'DEPLOYING' });
    expect((await get()).reason).toContain(`not been heard of since ${silenced.events[0]!.recordedAt}`);
    await story.hear('prod1', 1);
    await story.conclude(R1, 'prod1', 'healthy');
    expect(await get()).toMatchObject({ state: 'COMPLETED', outcome: 'delivered' });
    expect(await states()).toEqual(['dev delivered', 'prod1 healthy']);
    expect((await get()).reason).toBe(
      'Healthy in prod1. Delivered to the repository of dev; whether it runs is seen there.',
    );
  });

  it('says why nothing matched', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.request(R1, 'a', { kind: 'branch', name: 'hotfix-x' });
    await story.request(releaseId(2), 'a', dev, { rules: [] });
    await caughtUp();
    const unmatched = await views.releases.get(R1);
    expect(unmatched).toMatchObject({ state: 'UNMATCHED', rule: null, slot: null });
    expect(unmatched?.reason).toContain('No branch rule matches branch hotfix-x');
    expect((await views.releases.get(releaseId(2)))?.reason).toBe('Project a has no branch rules yet.');
  });

  it('says what holds a release, and how much else', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.request(R1, 'a', dev, { deliverable: null });
    await story.evaluate(R1, ['dev']);
    await caughtUp();
    const held = await views.releases.get(R1);
    expect(held).toMatchObject({
      state: 'HELD',
      holds: [
        { kind: 'awaiting-deliverable', details: { kind: 'awaiting-deliverable' } },
        { kind: 'awaiting-config', details: { kind: 'awaiting-config' } },
      ],
    });
    expect(held?.reason).toBe(`${held?.holds[0]?.message} Another thing holds it too.`);
    expect(held?.holds[0]?.frees).not.toBe('');
    expect((await views.releases.heldFor('a')).map((release) => release.id)).toEqual([R1]);
    expect(await views.releases.heldFor('b')).toEqual([]);

    await story.provide(R1);
    await story.configProblem(R1);
    await story.evaluate(R1, ['dev']);
    await caughtUp();
    const invalid = await views.releases.get(R1);
    expect(invalid).toMatchObject({
      deliverable: IMAGE,
      configProblem: { file: 'a/dev/waybill.yaml', line: 3 },
      holds: [{ kind: 'config' }],
    });
    expect(invalid?.reason).toContain('a/dev/waybill.yaml:3');

    await story.config(R1);
    await story.evaluate(R1, ['dev']);
    await caughtUp();
    expect(await views.releases.get(R1)).toMatchObject({ state: 'DEPLOYING', holds: [], configProblem: null });
    expect(await views.releases.heldFor('a')).toEqual([]);
  });

  it('shows approvals, and that one no longer counts when the configuration changed', async () => {
    const { story, views, caughtUp } = await openStory();
    const rules = presetRules('gitflow').map((rule) => ({ ...rule, approvals: 2 }));
    await story.request(R1, 'a', dev, { rules });
    await story.config(R1);
    await story.evaluate(R1, ['dev']);
    const approved = await story.approve(R1);
    await caughtUp();
    const at = approved.events[0]!.recordedAt;
    expect(await views.releases.get(R1)).toMatchObject({
      state: 'HELD',
      approvals: [{ approver: APPROVER, at, current: true, reason: null }],
    });
    await story.config(R1, hex('9'));
    await caughtUp();
    expect((await views.releases.get(R1))?.approvals).toEqual([
      { approver: APPROVER, at, current: false, reason: null },
    ]);
    const refused = await story.refuse(R1);
    await caughtUp();
    expect(await views.releases.get(R1)).toMatchObject({
      state: 'REFUSED',
      holds: [],
      endedBy: APPROVER,
      finishedAt: refused.events[0]!.recordedAt,
    });
  });

  it('tells which locations failed and which were not started', async () => {
    const { story, views, caughtUp } = await openStory();
    const tag = { kind: 'tag', name: 'v1' } as const;
    const rules = presetRules('gitflow').map((rule) => ({ ...rule, stages: [['prod1'], ['prod2']] }));
    await story.request(R1, 'a', tag, { rules });
    await story.config(R1);
    await story.evaluate(R1, ['prod1', 'prod2']);
    await caughtUp();
    expect((await views.releases.get(R1))?.locations.map(({ location, state }) => [location, state])).toEqual([
      ['prod1', 'deploying'],
      ['prod2', 'pending'],
    ]);
    await story.conclude(R1, 'prod1', 'failed', 'disk full');
    await caughtUp();
    const failed = await views.releases.get(R1);
    expect(failed).toMatchObject({
      state: 'FAILED',
      locations: [
        { location: 'prod1', stage: 0, state: 'failed', message: 'disk full' },
        { location: 'prod2', stage: 1, state: 'cancelled' },
      ],
    });
    expect(failed?.reason).toBe('prod1 failed: disk full. Not started: prod2.');
  });

  it('is superseded when a newer release took its place, and cancelled on request', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.request(R1, 'a', dev);
    await story.config(R1);
    await story.evaluate(R1, ['dev']);
    await story.conclude(R1, 'dev', 'superseded');
    await story.request(releaseId(2), 'a', dev);
    await story.cancel(releaseId(2));
    await caughtUp();
    expect(await views.releases.get(R1)).toMatchObject({ state: 'SUPERSEDED', outcome: 'superseded' });
    expect(await views.releases.get(releaseId(2))).toMatchObject({
      state: 'CANCELLED',
      endedBy: 'p-admin0001',
      cancelCause: 'requested',
    });
  });

  it('finds by prefix, filter and openness', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.request(R1, 'a', dev, { pipelineId: '42' });
    await story.request(releaseId(2), 'a', { kind: 'branch', name: 'hotfix-x' }, { commit: hex('b') });
    await story.request(releaseId(3), 'b', { kind: 'branch', name: 'feature-x' });
    await story.config(R1);
    await story.evaluate(R1, ['dev']);
    await caughtUp();
    const { releases } = views;
    expect((await releases.findByPrefix(R1.slice(0, 8).toUpperCase())).map((it) => it.id)).toEqual([R1]);
    expect(await releases.findByPrefix(R1)).toHaveLength(1);
    await expect(releases.findByPrefix('1234567')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const found = async (filter: Parameters<typeof releases.list>[0]) =>
      (await releases.list(filter)).nodes.map((it) => it.id);
    expect(await found({})).toEqual([releaseId(3), releaseId(2), R1]);
    expect(await found({ filter: { project: 'a' } })).toEqual([releaseId(2), R1]);
    expect(await found({ filter: { ref: 'feature-x' } })).toEqual([releaseId(3)]);
    expect(await found({ filter: { commit: hex('b') } })).toEqual([releaseId(2)]);
    expect(await found({ filter: { commit: 'BBBBBBB' } })).toEqual([releaseId(2)]);
    expect(await found({ filter: { states: ['UNMATCHED', 'DEPLOYING'] } })).toEqual([releaseId(2), R1]);
    expect(await found({ filter: { states: [] } })).toHaveLength(3);
    expect(await found({ filter: { location: 'dev' } })).toEqual([R1]);
    expect(await found({ filter: { pipelineId: '42' } })).toEqual([R1]);
    expect(await found({ filter: { jobId: '42' } })).toEqual([]);
    await expect(releases.list({ filter: { commit: 'xyz' } })).rejects.toMatchObject({
      fields: [{ field: 'filter.commit' }],
    });
    expect((await releases.open()).map((it) => it.id)).toEqual([R1, releaseId(3)]);
    expect((await releases.open({ project: 'a', ref: 'dev' })).map((it) => it.id)).toEqual([R1]);
    expect((await releases.getMany([releaseId(3), 'none', R1])).map((it) => it?.id)).toEqual([
      releaseId(3),
      undefined,
      R1,
    ]);
  });
});
