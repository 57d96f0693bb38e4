import { expect, it } from '@jest/globals';
import type { Observation } from '@waybill/domain';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';
import { IMAGE, hex, releaseId } from '../testing/samples.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const environment = { project: 'a', slot: 'dev', location: 'dev' };
const NAME = 'a.dev@dev';
const R1 = releaseId(1);
const R2 = releaseId(2);
const OBJECT = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'a--dev' };
const DELAYED = { phase: 'delayed', attempt: 1, reason: 'push', message: 'no route' } as const;

async function requested() {
  const opened = await openStory();
  const { story } = opened;
  await story.request(R1, 'a', dev);
  const result = await story.deploy(R1, environment);
  const event = result.events[0]!;
  const report = (observation: Observation, generation = 1, release: string | null = R1) =>
    story.report(environment, generation, release, observation);
  return { ...opened, event, report };
}

onEveryEngine('deployments', () => {
  it('follows every step of a generation', async () => {
    const { views, caughtUp, event, report } = await requested();
    const get = async () => {
      await caughtUp();
      return views.deployments.get(`${NAME}.1`);
    };
    expect(await get()).toEqual({
      name: `${NAME}.1`,
      environment: NAME,
      project: 'a',
      slot: 'dev',
      location: 'dev',
      generation: 1,
      state: 'requested',
      good: false,
      message: null,
      release: R1,
      ref: 'dev',
      refKind: 'branch',
      commit: hex('a'),
      deliverable: IMAGE,
      configDigest: hex('c'),
      tier: 'dev',
      desired: hex('e', 64),
      replaces: null,
      copyOf: null,
      counts: true,
      deliveredCommit: null,
      objects: [],
      requestedAt: event.recordedAt,
      finishedAt: null,
      drift: null,
      correlationId: event.correlationId,
      order: event.position,
      durationMs: null,
    });
    await report({ phase: 'accepted' });
    expect((await get())?.state).toBe('accepted');
    await report({ phase: 'adapted', objects: [OBJECT], inventoryHash: hex('1', 64) });
    expect(await get()).toMatchObject({ state: 'adapted', objects: [OBJECT] });
    await report(DELAYED);
    expect(await get()).toMatchObject({ state: 'delayed', message: 'no route', finishedAt: null });
    await report({ phase: 'applied', inventoryHash: hex('1', 64), commit: hex('2'), durationMs: 5 });
    expect(await get()).toMatchObject({ state: 'applied', message: null, deliveredCommit: hex('2') });
    await report({ phase: 'rolled-out', durationMs: 2900 });
    expect(await get()).toMatchObject({ state: 'rolled-out', finishedAt: null });
    await report({ phase: 'pruned', objects: [OBJECT], durationMs: 40 });
    expect(await get()).toMatchObject({ state: 'rolled-out' });
    const delivered = await report({ phase: 'delivered', commit: hex('2') });
    const at = delivered.events[0]!.recordedAt;
    expect(await get()).toMatchObject({
      state: 'delivered',
      good: true,
      finishedAt: at,
      durationMs: Date.parse(at) - Date.parse(event.recordedAt),
    });
    await report({ phase: 'drifted', paths: ['a.yaml'], commit: null, noticedAt: at });
    expect(await get()).toMatchObject({ state: 'delivered', drift: { paths: ['a.yaml'], commit: null } });
    await report({ phase: 'healed', commit: null });
    expect((await get())?.drift).toBeNull();
    await report({ phase: 'failed', reason: 'gone', message: 'it went away' });
    expect(await get()).toMatchObject({ state: 'failed', message: 'it went away', good: true });
  });

  it('is superseded by a newer generation while it is under way, and says so if it concludes after all', async () => {
    const { story, views, caughtUp, report } = await requested();
    await report({ phase: 'accepted' });
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await report({ phase: 'applied', inventoryHash: hex('1', 64), commit: hex('2'), durationMs: 5 });
    await report(DELAYED);
    await caughtUp();
    const superseded = await views.deployments.get(`${NAME}.1`);
    expect(superseded).toMatchObject({ state: 'superseded', good: false, deliveredCommit: hex('2') });
    expect(superseded?.message).toContain('generation 2');
    expect(superseded?.finishedAt).not.toBeNull();
    expect(await views.deployments.get(`${NAME}.2`)).toMatchObject({ state: 'requested', replaces: 1, release: R2 });
    await report({ phase: 'healthy' });
    await caughtUp();
    expect(await views.deployments.get(`${NAME}.1`)).toMatchObject({ state: 'healthy', good: true, message: null });
  });

  it('stays as it was concluded when a newer one comes', async () => {
    const { story, views, caughtUp, report } = await requested();
    await report({ phase: 'rejected', reason: 'kind', message: 'not served' });
    await story.request(R2, 'a', dev);
    await story.deploy(R2, environment);
    await caughtUp();
    expect(await views.deployments.get(`${NAME}.1`)).toMatchObject({ state: 'rejected', message: 'not served' });
  });

  it('has a generation for a removal', async () => {
    const { story, views, caughtUp, report } = await requested();
    await report({ phase: 'delivered', commit: hex('2') });
    await story.remove(environment);
    await report({ phase: 'accepted' }, 2, null);
    await report({ phase: 'removed', commit: hex('3') }, 2, null);
    await caughtUp();
    expect(await views.deployments.get(`${NAME}.2`)).toMatchObject({
      state: 'removed',
      release: null,
      ref: null,
      tier: null,
      replaces: 1,
      deliveredCommit: hex('3'),
    });
    expect((await views.deployments.get(`${NAME}.1`))?.state).toBe('delivered');
  });

  it('ignores reports of a generation that nobody asked for', async () => {
    const { views, caughtUp, report } = await requested();
    await report({ phase: 'healthy' }, 9);
    await caughtUp();
    expect(await views.deployments.get(`${NAME}.9`)).toBeUndefined();
  });

  it('is listed newest first, by what it belongs to, and knows what to go back to', async () => {
    const { story, views, caughtUp, report } = await requested();
    await report({ phase: 'healthy' });
    await story.deploy(R1, { project: 'b', slot: 'dev', location: 'lt' });
    for (const [number, release] of [
      [2, R2],
      [3, releaseId(3)],
    ] as const) {
      await story.request(release, 'a', dev);
      await story.deploy(release, environment);
      if (number === 2) await report({ phase: 'failed', reason: 'x', message: 'y' }, number, release);
    }
    await caughtUp();
    const { deployments } = views;
    const names = async (filter: NonNullable<Parameters<typeof deployments.list>[0]>['filter']) =>
      (await deployments.list({ filter })).nodes.map((it) => it.name);
    expect(await names({})).toEqual([`${NAME}.3`, `${NAME}.2`, 'b.dev@lt.1', `${NAME}.1`]);
    expect(await names({ environment: NAME })).toEqual([`${NAME}.3`, `${NAME}.2`, `${NAME}.1`]);
    expect(await names({ location: 'lt' })).toEqual(['b.dev@lt.1']);
    expect(await names({ release: R1 })).toEqual(['b.dev@lt.1', `${NAME}.1`]);
    expect(await names({ project: 'a', slot: 'dev', states: ['failed', 'healthy'] })).toEqual([
      `${NAME}.2`,
      `${NAME}.1`,
    ]);
    expect((await deployments.ofRelease(R1)).map((it) => it.name)).toEqual([`${NAME}.1`, 'b.dev@lt.1']);
    expect((await deployments.lastGoodBefore(NAME, 3))?.name).toBe(`${NAME}.1`);
    expect(await deployments.lastGoodBefore(NAME, 1)).toBeUndefined();
    expect((await deployments.getMany([`${NAME}.2`, 'none'])).map((it) => it?.name)).toEqual([`${NAME}.2`, undefined]);
  });
});
