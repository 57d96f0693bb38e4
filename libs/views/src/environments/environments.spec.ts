import { expect, it } from '@jest/globals';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';
import { hex, releaseId } from '../testing/samples.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const environment = { project: 'a', slot: 'dev', location: 'dev' };
const NAME = 'a.dev@dev';
const R1 = releaseId(1);
const R2 = releaseId(2);

async function deployed() {
  const opened = await openStory();
  await opened.story.location('dev');
  await opened.story.connect('dev', 1);
  await opened.story.request(R1, 'a', dev);
  await opened.story.deploy(R1, environment);
  return opened;
}

onEveryEngine('environments', () => {
  it('follows the newest generation', async () => {
    const { story, views, caughtUp } = await deployed();
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      name: NAME,
      project: 'a',
      slot: 'dev',
      location: 'dev',
      state: 'deploying',
      generation: 1,
      current: `${NAME}.1`,
      lastGood: null,
      release: R1,
      ref: 'dev',
      tier: 'dev',
      configDigest: hex('c'),
      drift: null,
      pendingConfig: null,
    });
    await story.report(environment, 1, R1, { phase: 'accepted' });
    await story.report(environment, 1, R1, { phase: 'delivered', commit: hex('1') });
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ state: 'delivered', lastGood: `${NAME}.1` });

    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await story.report(environment, 2, R2, { phase: 'failed', reason: 'push', message: 'refused' });
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      state: 'failed',
      message: 'refused',
      generation: 2,
      current: `${NAME}.2`,
      lastGood: `${NAME}.1`,
    });
  });

  const shifted = (step: number, weight: number) =>
    ({ phase: 'traffic-shifted', step, of: 2, weight, track: 'green', durationMs: 400 }) as const;

  it('shows how far a rollout in steps is, and that the generation before runs meanwhile', async () => {
    const { story, views, caughtUp } = await deployed();
    await story.report(environment, 1, R1, { phase: 'healthy' });
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ running: `${NAME}.1`, rollout: null });

    await story.report(environment, 2, R2, shifted(1, 10));
    await story.report(environment, 2, R2, { phase: 'rollout-paused', step: 1, until: null, why: 'step' });
    await story.report(environment, 2, R2, {
      phase: 'analysed',
      step: 1,
      measurement: 1,
      verdict: 'passed',
      value: 0.01,
      message: 'below 0.05',
    });
    await story.direct(environment, 2, 'promote');
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      state: 'deploying',
      running: `${NAME}.1`,
      rollout: {
        step: 1,
        of: 2,
        weight: 10,
        track: 'green',
        paused: { why: 'step', until: null },
        analysis: { step: 1, measurement: 1, verdict: 'passed', value: 0.01, message: 'below 0.05' },
        directive: { directive: 'promote', full: false },
        returned: null,
      },
    });
    await story.report(environment, 2, R2, { phase: 'rollout-resumed', step: 1, why: 'directive' });
    await story.report(environment, 2, R2, shifted(2, 100));
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      running: `${NAME}.2`,
      lastGood: `${NAME}.1`,
      rollout: { step: 2, weight: 100, paused: null },
    });
    await story.report(environment, 2, R2, { phase: 'healthy' });
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ state: 'healthy', running: `${NAME}.2` });
  });

  it.each([1, 2])('shows what ran before as running once a rollout went back from step %s', async (step) => {
    const { story, views, caughtUp } = await deployed();
    await story.report(environment, 1, R1, { phase: 'healthy' });
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await story.report(environment, 2, R2, shifted(step, step === 2 ? 100 : 10));
    await story.report(environment, 2, R2, { phase: 'returned-to-stable', why: 'failed', durationMs: 500 });
    await story.report(environment, 2, R2, { phase: 'failed', reason: 'CrashLoopBackOff', message: 'exit 1' });
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      state: 'failed',
      message: 'exit 1',
      generation: 2,
      current: `${NAME}.2`,
      lastGood: `${NAME}.1`,
      running: `${NAME}.1`,
      rollout: { weight: 0, returned: 'failed' },
    });
  });

  it('runs nothing once it was removed', async () => {
    const { story, views, caughtUp } = await deployed();
    await story.report(environment, 1, R1, { phase: 'healthy' });
    await story.remove(environment);
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ running: `${NAME}.1`, current: null });
    await story.report(environment, 2, null, { phase: 'removed', commit: null });
    await story.confirmRemoval(environment, 2);
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ state: 'removed', running: null });
  });

  it('is not moved by a late report of an older generation, but learns that it was good', async () => {
    const { story, views, caughtUp } = await deployed();
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await story.report(environment, 1, R1, { phase: 'healthy' });
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ state: 'deploying', lastGood: `${NAME}.1` });
  });

  it('waits for an operator that is silent or tries again', async () => {
    const { story, views, caughtUp } = await deployed();
    const state = async () => {
      await caughtUp();
      return (await views.environments.get(NAME))?.state;
    };
    await story.silence('dev', 1);
    expect(await state()).toBe('waiting');
    expect((await views.environments.list({ filter: { states: ['waiting'] } })).totalCount).toBe(1);
    expect((await views.environments.list({ filter: { states: ['deploying'] } })).totalCount).toBe(0);
    await story.connect('dev', 2);
    expect(await state()).toBe('deploying');
    await story.report(environment, 1, R1, { phase: 'delayed', attempt: 1, reason: 'push', message: 'no route' });
    expect(await state()).toBe('waiting');
    await story.report(environment, 1, R1, { phase: 'healthy' });
    await story.silence('dev', 2);
    expect(await state()).toBe('healthy');
  });

  it('waits where a cluster never had an operator', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.cluster('dev');
    await story.request(R1, 'a', dev);
    await story.deploy(R1, environment);
    await caughtUp();
    expect((await views.environments.get(NAME))?.state).toBe('waiting');
    await story.connect('dev', 1);
    await caughtUp();
    expect((await views.environments.get(NAME))?.state).toBe('deploying');
  });

  it('shows drift until it is healed and a pending configuration until something is deployed', async () => {
    const { story, views, caughtUp } = await deployed();
    await story.report(environment, 1, R1, { phase: 'delivered', commit: hex('1') });
    const noticedAt = '2026-01-05T12:30:00.000Z';
    await story.report(environment, 1, R1, { phase: 'drifted', paths: ['a.yaml'], commit: hex('2'), noticedAt });
    const noticed = await story.noticeConfig(environment, hex('7'));
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      state: 'delivered',
      drift: { paths: ['a.yaml'], commit: hex('2'), noticedAt },
      pendingConfig: {
        directory: 'a/dev',
        commit: hex('f'),
        digest: hex('7'),
        noticedAt: noticed.events[0]!.recordedAt,
      },
    });
    await story.report(environment, 1, R1, { phase: 'healed', commit: null });
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment, hex('7'));
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ drift: null, pendingConfig: null });
  });

  it('has no pending configuration once the change was taken back', async () => {
    const { story, views, caughtUp } = await deployed();
    await story.noticeConfig(environment, hex('7'));
    await story.noticeConfig(environment, hex('c'));
    await caughtUp();
    expect((await views.environments.get(NAME))?.pendingConfig).toBeNull();
  });

  it('is removed only when the operator has confirmed it, and can come back', async () => {
    const { story, views, caughtUp } = await deployed();
    await story.report(environment, 1, R1, { phase: 'delivered', commit: hex('1') });
    await story.noticeConfig(environment, hex('7'));
    await story.remove(environment);
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({
      state: 'removing',
      generation: 2,
      current: null,
      release: null,
      lastGood: `${NAME}.1`,
      pendingConfig: null,
    });
    expect(await views.environments.live()).toHaveLength(1);
    await story.report(environment, 2, null, { phase: 'accepted' });
    await story.report(environment, 2, null, { phase: 'removed', commit: hex('2') });
    await caughtUp();
    expect((await views.environments.get(NAME))?.state).toBe('removing');
    await story.confirmRemoval(environment, 2);
    await caughtUp();
    expect((await views.environments.get(NAME))?.state).toBe('removed');
    expect(await views.environments.live()).toEqual([]);
    expect((await views.environments.list()).totalCount).toBe(0);
    expect((await views.environments.list({ filter: { includeRemoved: true } })).totalCount).toBe(1);
    expect((await views.environments.list({ filter: { states: ['removed'] } })).totalCount).toBe(1);

    for (let i = 0; i < 3; i++) await story.project(`filler-${i}`);
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await caughtUp();
    expect(await views.environments.get(NAME)).toMatchObject({ state: 'deploying', generation: 3 });
  });

  it('does not come to be by a removal of what was never there', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.remove(environment);
    await caughtUp();
    expect(await views.environments.get(NAME)).toBeUndefined();
  });

  it('is found by project, slot, location and name', async () => {
    const { story, views, caughtUp } = await openStory();
    await story.request(R1, 'a', dev);
    for (const [slot, location] of [
      ['dev', 'dev'],
      ['feature-x', 'dev'],
      ['prod', 'prod1'],
    ] as const) {
      await story.deploy(R1, { project: 'a', slot, location });
    }
    await story.deploy(R1, { project: 'b', slot: 'dev', location: 'dev' });
    await caughtUp();
    const { environments } = views;
    const names = ['a.dev@dev', 'a.feature-x@dev', 'a.prod@prod1', 'b.dev@dev'];
    expect((await environments.live()).map((it) => it.name)).toEqual(names);
    expect((await environments.ofProject('a')).map((it) => it.name)).toEqual(names.slice(0, 3));
    expect((await environments.ofSlot('a', 'prod')).map((it) => it.name)).toEqual(['a.prod@prod1']);
    expect((await environments.list({ filter: { location: 'dev', project: 'a' } })).totalCount).toBe(2);
    expect((await environments.list({ filter: { slot: 'dev' } })).nodes.map((it) => it.project)).toEqual(['a', 'b']);
    expect((await environments.getMany(['b.dev@dev', 'none'])).map((it) => it?.name)).toEqual(['b.dev@dev', undefined]);
  });
});
