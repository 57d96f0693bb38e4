import { expect, it } from '@jest/globals';
import { presetRules, type EnvironmentId } from '@waybill/domain';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';
import { hex, releaseId } from '../testing/samples.js';
import { bucketOf, midpointOf } from './histogram.js';
import type { KeyName, StatisticsQuestion } from './question.js';
import type { MeasureName } from './vocabulary.js';

const dev = { kind: 'branch', name: 'dev' } as const;
const hotfix = { kind: 'branch', name: 'hotfix-x' } as const;
const tag = { kind: 'tag', name: 'v1' } as const;
const rules = presetRules('gitflow').map((rule) => ({
  ...rule,
  resources: ['dev', 'lt'].flatMap((place) => [`kubernetes-${place}`, `istio-${place}`]),
  stages: [['dev', 'lt']],
}));
const NOW = '2026-01-06T00:00:00.000Z';
const at = (project: string, location: string): EnvironmentId => ({ project, slot: 'dev', location });

/** Four releases of two projects: one deployed to two locations after a hold, one failed, one unmatched, one open. */
async function told() {
  const opened = await openStory();
  const { story, views, caughtUp } = opened;
  await story.project('a');
  await story.business('a');
  await story.request(releaseId(1), 'a', dev, { deliverable: null, rules });
  await story.evaluate(releaseId(1), ['dev', 'lt']);
  await story.provide(releaseId(1));
  await story.config(releaseId(1));
  await story.evaluate(releaseId(1), ['dev', 'lt']);
  for (const location of ['dev', 'lt']) {
    await story.deploy(releaseId(1), at('a', location));
    await story.report(at('a', location), 1, releaseId(1), {
      phase: 'applied',
      inventoryHash: hex('1', 64),
      commit: hex('2'),
      durationMs: 40,
    });
    await story.report(at('a', location), 1, releaseId(1), { phase: 'healthy' });
    await story.conclude(releaseId(1), location, 'healthy');
  }
  await story.request(releaseId(2), 'b', dev);
  await story.config(releaseId(2));
  await story.evaluate(releaseId(2), ['dev']);
  await story.deploy(releaseId(2), at('b', 'dev'));
  await story.report(at('b', 'dev'), 1, releaseId(2), { phase: 'failed', reason: 'ImagePull', message: 'no' });
  await story.conclude(releaseId(2), 'dev', 'failed');
  await story.request(releaseId(3), 'b', hotfix);
  await story.request(releaseId(4), 'b', tag);
  await story.report(at('a', 'dev'), 1, releaseId(1), {
    phase: 'drifted',
    paths: ['x'],
    commit: null,
    noticedAt: NOW,
  });
  await story.report(at('a', 'dev'), 1, releaseId(1), { phase: 'healed', commit: null });
  await caughtUp();
  const ask = (question: Partial<StatisticsQuestion> & Pick<StatisticsQuestion, 'measures'>) =>
    views.statistics.ask({ from: '2026-01-05', to: '2026-01-06', ...question }, NOW);
  const table = async (measures: MeasureName[], by: KeyName[], rest: Partial<StatisticsQuestion> = {}) => {
    const { rows } = await ask({ measures, by, ...rest });
    return rows.map(({ keys, values }) => [...keys.map(({ value }) => value), ...values.map(({ value }) => value)]);
  };
  return { ...opened, ask, table };
}

onEveryEngine('statistics', () => {
  it('count any measure by any dimension', async () => {
    const { ask, table } = await told();
    const { total } = await ask({
      measures: [
        'releases',
        'matched',
        'unmatched',
        'releases_good',
        'releases_failed',
        'held',
        'deployments',
        'drifts',
      ],
    });
    expect(total.values.map(({ value }) => value)).toEqual([4, 3, 1, 1, 1, 1, 3, 1]);
    expect(await table(['releases', 'deployments'], ['project'])).toEqual([
      ['b', 3, 1],
      ['a', 1, 2],
    ]);
    expect(await table(['releases'], ['outcome', 'ref_kind'], { orderBy: [{ by: 'outcome' }] })).toEqual([
      ['failed', 'branch', 1],
      ['healthy', 'branch', 1],
      ['open', 'tag', 1],
      ['unmatched', 'branch', 1],
    ]);
    expect(await table(['releases'], ['product_line'])).toEqual([
      [null, 3],
      ['shop', 1],
    ]);
    expect(await table(['deployments'], ['failure'])).toEqual([
      [null, 2],
      ['ImagePull', 1],
    ]);
    expect(await table(['releases'], ['tier', 'role'], { orderBy: [{ by: 'tier' }] })).toEqual([
      ['dev', 'admin', 2],
      ['prod', 'admin', 1],
      [null, 'admin', 1],
    ]);
  });

  it('count a release under each of its locations and kinds, but once in the total', async () => {
    const { ask, table } = await told();
    expect(await table(['releases', 'deployments'], ['location'])).toEqual([
      ['dev', 2, 2],
      [null, 2, 0],
      ['lt', 1, 1],
    ]);
    const { total, totalRows } = await ask({ measures: ['releases'], by: ['location', 'resource_kind'] });
    expect(total.values[0]?.value).toBe(4);
    expect(totalRows).toBe(5);
    const filter = [{ dimension: 'location', in: ['lt'] }] as const;
    expect(await table(['releases'], ['location', 'resource_kind'], { filter })).toEqual([
      ['lt', 'istio', 1],
      ['lt', 'kubernetes', 1],
    ]);
  });

  it('tell durations as percentiles', async () => {
    const { ask } = await told();
    const { total, rows } = await ask({
      measures: ['held_time', 'lead_time', 'apply_time', 'drift_time'],
      by: ['project'],
    });
    // The clock of the story ticks a second an append.
    expect(total.values.map(({ value }) => value)).toEqual(
      [3000, 12_000, 40, 1000].map((ms) => midpointOf(bucketOf(ms))),
    );
    expect(total.values[2]?.durations).toEqual({ count: 2, mean: 40, p50: 40, p90: 40, p99: 40 });
    expect(rows.find(({ keys }) => keys[0]?.value === 'b')?.values.map(({ value }) => value)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('make series in a time zone, with the hours in which there was nothing when asked for', async () => {
    const { ask, table } = await told();
    expect(await table(['releases'], ['day', 'project'])).toEqual([
      ['2026-01-05', 'a', 1],
      ['2026-01-05', 'b', 3],
    ]);
    const { rows, timeZone } = await ask({
      measures: ['releases', 'lead_time'],
      by: ['hour'],
      timeZone: 'Asia/Kolkata',
      from: '2026-01-05T16:00',
      to: '2026-01-05T19:00',
      empty: true,
    });
    expect(timeZone).toBe('Asia/Kolkata');
    expect(rows.map(({ keys, values }) => [keys[0], values.map(({ value }) => value)])).toMatchObject([
      [
        { value: '2026-01-05T16:00+05:30', from: '2026-01-05T10:30:00.000Z', to: '2026-01-05T11:30:00.000Z' },
        [0, null],
      ],
      [{ value: '2026-01-05T17:00+05:30' }, [4, expect.any(Number)]],
      [{ value: '2026-01-05T18:00+05:30' }, [0, null]],
    ]);
  });

  it('filter, order and limit', async () => {
    const { ask, table } = await told();
    expect(await table(['releases'], ['project'], { filter: [{ dimension: 'tier', notIn: [null] }] })).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
    expect(await table(['releases'], ['project'], { orderBy: [{ by: 'releases' }], limit: 1 })).toEqual([['a', 1]]);
    expect(await table(['releases'], ['project'], { projects: ['a'] })).toEqual([['a', 1]]);
    expect(await table(['releases'], ['project'], { projects: [] })).toEqual([]);
    expect((await ask({ measures: ['releases'], by: ['project'], limit: 1 })).totalRows).toBe(2);
    expect(await table(['releases'], ['hour', 'project'], { limit: 1 })).toEqual([['2026-01-05T12:00+00:00', 'a', 1]]);
    expect((await ask({ measures: ['releases'], from: '2025-01-01', to: '2026-01-01' })).total.values[0]?.value).toBe(
      0,
    );
  });

  it('see what changes after they were asked, and count nothing twice', async () => {
    const { story, caughtUp, table } = await told();
    expect(await table(['releases_good', 'releases'], [])).toEqual([[1, 4]]);
    await story.config(releaseId(4));
    await story.evaluate(releaseId(4), ['prod1', 'prod2']);
    await story.conclude(releaseId(4), 'prod1', 'delivered');
    await story.conclude(releaseId(4), 'prod2', 'delivered');
    await story.request(releaseId(5), 'a', dev);
    await caughtUp();
    expect(await table(['releases_good', 'releases'], [])).toEqual([[2, 5]]);
    expect(
      await table(['releases'], ['outcome', 'location'], { filter: [{ dimension: 'outcome', in: ['delivered'] }] }),
    ).toEqual([
      ['delivered', 'prod1', 1],
      ['delivered', 'prod2', 1],
    ]);
  });

  it('are the same after a rebuild', async () => {
    const { story, views, ask } = await told();
    const question = { measures: ['releases', 'deployments', 'lead_time'], by: ['project', 'hour'] } as const;
    const before = await ask(question);
    await views.rebuild(story.store);
    expect(await ask(question)).toEqual(before);
  });

  it.each([
    [{ measures: [] }, /measures: give 1 to 10/],
    [{ measures: ['releases'], by: ['project', 'project'] }, /by: names one twice/],
    [{ measures: ['releases'], by: ['hour', 'day'] }, /takes one of/],
    [{ measures: ['releases'], limit: 0 }, /limit: 0/],
    [{ measures: ['releases'], limit: 1001 }, /limit: 1001/],
    [{ measures: ['releases'], orderBy: [{ by: 'drifts' }] }, /orderBy: drifts/],
    [{ measures: ['releases'], filter: [{ dimension: 'project' }] }, /filter.0: give either/],
    [
      { measures: ['releases'], filter: [{ dimension: 'project', in: Array<string>(1001).fill('x') }] },
      /1000 are allowed/,
    ],
    [{ measures: ['releases'], by: ['project'], empty: true }, /empty: is for series/],
    [{ measures: ['releases'], timeZone: 'Europe/Atlantis' }, /timeZone: there is no time zone/],
    [{ measures: ['releases'], from: '2026-02-30' }, /from: there is no such day/],
    [{ measures: ['releases'], by: ['hour'], from: '2008-01-01', to: '2026-01-01' }, /more than 100000/],
    [{ measures: ['nonsense'] }, /there is no "nonsense"/],
  ] as [StatisticsQuestion, RegExp][])('refuse what cannot be answered, %#', async (question, words) => {
    const { views } = await openStory();
    await expect(views.statistics.ask(question, NOW)).rejects.toThrow(words);
  });
});
