import { expect, it } from '@jest/globals';
import { onEveryEngine } from '../testing/engines.js';
import { openStory } from '../testing/open-story.js';
import { hex, releaseId } from '../testing/samples.js';
import type { DoraQuestion } from './queries.js';

const tag = { kind: 'tag', name: 'v1' } as const;
const dev = { kind: 'branch', name: 'dev' } as const;
const NOW = '2026-01-06T00:00:00.000Z';
const INCIDENT = releaseId(91);

/** The clock of a story ticks a second an append, from Monday noon. */
const second = (n: number): string => new Date(Date.UTC(2026, 0, 5, 12) + n * 1000).toISOString();

/** Two production releases of project `a`, an incident during the second, and what was recorded of it. */
async function told() {
  const opened = await openStory();
  const { story, views, caughtUp } = opened;
  const produce = async (n: number, commit: string) => {
    await story.request(releaseId(n), 'a', tag, { commit });
    await story.config(releaseId(n));
    await story.evaluate(releaseId(n), ['prod1', 'prod2']);
    for (const location of ['prod1', 'prod2']) await story.conclude(releaseId(n), location, 'healthy');
  };
  await story.request(releaseId(9), 'a', dev, { commit: hex('2') });
  await produce(1, hex('1'));
  await produce(2, hex('2'));
  await caughtUp();
  const metric = async (name: string, question: Partial<DoraQuestion> = {}) => {
    await caughtUp();
    const answer = await views.dora.ask({ from: '2026-01-05', to: '2026-01-06', ...question }, NOW);
    return answer.metrics.find((it) => it.metric === name)!;
  };
  return { ...opened, metric };
}

onEveryEngine('DORA metrics', () => {
  it('come from production releases: a release is one deployment, and lead time begins with the first push', async () => {
    const { metric, story } = await told();
    const frequency = await metric('deployment_frequency');
    expect(frequency.asKnown.value).toBe(14);
    const { asKnown } = await metric('lead_time');
    const [first, second_] = asKnown.evidence;
    expect(asKnown.evidence.map(({ inferred }) => inferred)).toEqual([true, true]);
    expect(first?.value).toBe(4000);
    // Requested for dev at 1 s, done in production at 11 s.
    expect(second_?.value).toBe(10_000);
    const [pushed] = await story.store.readStream(`release-${releaseId(9)}`, { limit: 1 });
    expect(second_?.events[0]).toBe(pushed!.id);
    expect(second_?.events).toHaveLength(3);
  });

  it('tell both numbers after a correction, and any number as it was known', async () => {
    const { metric, story, views } = await told();
    // During the second release, which is taken for the cause.
    await story.openIncident(INCIDENT, 'a', second(11));
    await story.resolveIncident(INCIDENT, 'a', second(12));
    const inferred = await metric('recovery_time');
    expect(inferred.asKnown).toMatchObject({ value: 1000, evidence: [{ deployment: releaseId(2), inferred: true }] });
    const events = await story.store.readStream(`incident-${INCIDENT}`);
    const then = events.at(-1)!.recordedAt;

    await story.correctIncident(INCIDENT, 'a', { cause: releaseId(1), resolvedAt: second(14) });
    const corrected = await metric('recovery_time');
    // The first release was done at 6 s.
    expect(corrected.asKnown).toMatchObject({ value: 8000, evidence: [{ deployment: releaseId(1), inferred: false }] });
    expect(corrected.asRecorded.value).toBe(1000);
    expect((await metric('recovery_time', { knownAt: then })).asKnown.value).toBe(1000);
    const answer = await views.dora.ask({ from: '2026-01-05', to: '2026-01-06' }, NOW);
    expect(answer.corrections).toMatchObject([{ incident: INCIDENT, type: 'IncidentCorrected', cause: releaseId(1) }]);

    await story.correctIncident(INCIDENT, 'a', { dismissed: true });
    expect(await metric('change_fail_rate')).toMatchObject({ asKnown: { value: 0 }, asRecorded: { value: 0.5 } });
  });

  it('are cut to a project and to what may be read, by each definition', async () => {
    const { metric } = await told();
    expect((await metric('deployment_frequency', { project: 'b' })).asKnown.value).toBe(0);
    expect((await metric('deployment_frequency', { projects: [] })).asKnown.value).toBe(0);
    expect((await metric('deployment_frequency', { definition: 'devlake-2023' })).asKnown).toMatchObject({
      value: 1,
      rating: 'high',
    });
    expect((await metric('rework_rate', { definition: 'fourkeys' })).asKnown.value).toBeNull();
    await expect(metric('rework_rate', { definition: 'nonsense' })).rejects.toThrow(/definition: there is no/);
    await expect(metric('rework_rate', { from: '2026-02-30' })).rejects.toThrow(/from: there is no such day/);
  });
});

onEveryEngine('incidents', () => {
  it('are listed with what is known now, and each keeps what was known before', async () => {
    const { story, views, caughtUp } = await told();
    await story.openIncident(INCIDENT, 'a', second(11));
    await story.openIncident(releaseId(92), 'b', second(11));
    await story.nameCause(INCIDENT, 'a', releaseId(2));
    await story.resolveIncident(INCIDENT, 'a', second(12), releaseId(2));
    await story.correctIncident(INCIDENT, 'a', { cause: null });
    await caughtUp();
    expect(await views.incidents.get(INCIDENT)).toMatchObject({
      project: 'a',
      openedAt: second(11),
      resolvedAt: second(12),
      cause: null,
      fixedBy: releaseId(2),
      corrections: 1,
    });
    const versions = await views.incidents.versions(INCIDENT);
    expect(versions.map(({ type, cause }) => [type, cause])).toEqual([
      ['IncidentOpened', null],
      ['IncidentCaused', releaseId(2)],
      ['IncidentResolved', releaseId(2)],
      ['IncidentCorrected', null],
    ]);
    const ids = async (filter: object) => (await views.incidents.list({ filter })).nodes.map((it) => it.incident);
    expect(await ids({})).toEqual([releaseId(92), INCIDENT]);
    expect(await ids({ project: 'a' })).toEqual([INCIDENT]);
    expect(await ids({ open: true })).toEqual([releaseId(92)]);
    expect(await ids({ open: false })).toEqual([INCIDENT]);
    expect(await ids({ projects: ['b'] })).toEqual([releaseId(92)]);
    expect((await views.incidents.getMany([INCIDENT, 'none'])).map((it) => it?.incident)).toEqual([
      INCIDENT,
      undefined,
    ]);
  });
});
