import { describe, expect, it } from '@jest/globals';
import { devlake2023 } from './devlake-2023.js';
import { dora2025 } from './dora-2025.js';
import { definitionOf } from './definitions.js';
import type { DoraDeployment, DoraFacts, DoraIncident, DoraMetricName, DoraDefinition, DoraTime } from './facts.js';
import { median, percentRankMedian } from './formulas.js';
import { fourKeys } from './fourkeys.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Monday. */
const BEGIN = Date.UTC(2023, 5, 5);
const at = (day: number, hour = 0, minute = 0): number => BEGIN + day * DAY + hour * HOUR + minute * MINUTE;

/** Weeks of June 2023 from Monday, the 5th, in UTC. */
function weeks(count: number): DoraTime {
  const dayOf = (instant: number): string => new Date(instant).toISOString().slice(0, 10);
  const weekOf = (instant: number): string => `week ${Math.floor((instant - BEGIN) / (7 * DAY))}`;
  const monthOf = (instant: number): string => dayOf(instant).slice(0, 7);
  const days = Array.from({ length: count * 7 }, (_, day) => at(day));
  return {
    from: BEGIN,
    to: at(count * 7),
    dayOf,
    weeks: [...new Set(days.map(weekOf))],
    weekOf,
    months: [...new Set(days.map(monthOf))],
    monthOf,
  };
}

function deployment(id: string, finishedAt: number, changes: Partial<DoraDeployment> = {}): DoraDeployment {
  return {
    id,
    project: 'a',
    slot: 'prod',
    succeeded: true,
    requestedAt: finishedAt - MINUTE,
    finishedAt,
    commit: `commit of ${id}`,
    committedAt: null,
    openedAt: null,
    mergedAt: null,
    seenAt: finishedAt - HOUR,
    isRollback: false,
    events: [`${id} requested`, `${id} completed`],
    seenEvent: `${id} seen`,
    ...changes,
  };
}

const incident = (id: string, openedAt: number, resolvedAt: number | null, changes: Partial<DoraIncident> = {}) => ({
  id,
  project: 'a',
  openedAt,
  resolvedAt,
  cause: null,
  fixedBy: null,
  events: [`${id} opened`],
  ...changes,
});

function facts(count: number, deployments: DoraDeployment[], incidents: DoraIncident[] = []): DoraFacts {
  return { deployments: deployments.sort((a, b) => a.finishedAt - b.finishedAt), incidents, time: weeks(count) };
}

function compute(definition: DoraDefinition, metric: DoraMetricName, given: DoraFacts) {
  const { value, rating } = definition.metrics[metric].compute!(given);
  return [value, rating];
}

describe('medians', () => {
  it('by percent_rank are the lower middle, with ties as SQL ranks them', () => {
    expect(percentRankMedian([])).toBeNull();
    // percent_rank of a single row is 0.
    expect(percentRankMedian([7])).toBe(7);
    // 0, 1
    expect(percentRankMedian([3, 9])).toBe(3);
    // 0, 0.5, 1
    expect(percentRankMedian([9, 3, 5])).toBe(5);
    // 0, 1/3, 2/3, 1
    expect(percentRankMedian([1, 2, 3, 4])).toBe(2);
    // 0, 1/3, 1/3, 1/3: of equals all have the rank of the first.
    expect(percentRankMedian([1, 2, 2, 2])).toBe(2);
    // 0, 0, 0, 1
    expect(percentRankMedian([2, 2, 2, 5])).toBe(2);
  });

  it('of Four Keys and DORA are the plain ones', () => {
    expect(median([1, 2, 3, 4])).toBe(2.5);
    expect(median([5])).toBe(5);
    expect(median([])).toBeNull();
  });
});

describe('devlake-2023', () => {
  it('counts days a week, not deployments', () => {
    // Weeks with 3, 1, 0 and 2 days: sorted 0, 1, 2, 3 with percent_rank 0, 1/3, 2/3, 1; the largest up to 0.5 is 1.
    const given = facts(4, [
      deployment('1', at(0, 9)),
      deployment('2', at(0, 17)),
      deployment('3', at(2)),
      deployment('4', at(4)),
      deployment('5', at(8)),
      deployment('6', at(21)),
      deployment('7', at(27, 23, 59)),
    ]);
    expect(compute(devlake2023, 'deployment_frequency', given)).toEqual([1, 'high']);
  });

  it('rates by the month when there is less than a day a week', () => {
    // Four weeks, days a week 1, 0, 0, 0: the median is 0. June has one day, July none: percent_rank 0, 1 gives 0.
    expect(compute(devlake2023, 'deployment_frequency', facts(4, [deployment('1', at(1))]))).toEqual([0, 'low']);
    // Three weeks, all of them in June: one day, so that the median of months is 1.
    expect(compute(devlake2023, 'deployment_frequency', facts(3, [deployment('1', at(1))]))).toEqual([0, 'medium']);
    const daily = Array.from({ length: 5 }, (_, day) => deployment(String(day), at(day)));
    expect(compute(devlake2023, 'deployment_frequency', facts(1, daily))).toEqual([5, 'elite']);
  });

  it('counts neither what failed nor what finished outside', () => {
    const given = facts(1, [
      deployment('1', at(0), { succeeded: false }),
      deployment('2', at(-1)),
      deployment('3', at(7)),
    ]);
    expect(compute(devlake2023, 'deployment_frequency', given)).toEqual([0, null]);
  });

  it('adds the parts of a change in minutes, each rounded up, for deployments that have a predecessor', () => {
    const given = facts(2, [
      // The first of all: nobody can say what it brought.
      deployment('1', at(0), { committedAt: at(-9), openedAt: at(-8), mergedAt: at(-7) }),
      // 10 h coding; 2 h 0 min 1 s of review become 121 minutes; 30 min to the end: 600 + 121 + 30 = 751.
      deployment('2', at(1), {
        committedAt: at(1) - 30 * MINUTE - 2 * HOUR - 1000 - 10 * HOUR,
        openedAt: at(1) - 30 * MINUTE - 2 * HOUR - 1000,
        mergedAt: at(1) - 30 * MINUTE,
      }),
      // Committed after the request was opened: that part is negative and left out. 60 + 60 = 120.
      deployment('3', at(2), { committedAt: at(2) - HOUR, openedAt: at(2) - 2 * HOUR, mergedAt: at(2) - HOUR }),
      // No pull request is known: from the first commit to the end, 3 days.
      deployment('4', at(5), { committedAt: at(2) }),
      // The same commit again: it was delivered by the one before.
      deployment('5', at(6), { commit: 'commit of 4', committedAt: at(2) }),
      deployment('6', at(6, 1), { succeeded: false, committedAt: at(0) }),
    ]);
    const { value, rating, evidence } = devlake2023.metrics.lead_time.compute!(given);
    // 120, 751, 4320 minutes: percent_rank 0, 0.5, 1.
    expect([value, rating]).toEqual([751 * MINUTE, 'elite']);
    expect(evidence.map(({ deployment: id, value: ms }) => [id, ms / MINUTE])).toEqual([
      ['2', 751],
      ['3', 120],
      ['4', 4320],
    ]);
  });

  it('takes the lower of two medians for lead times, and rates it', () => {
    const given = facts(2, [
      deployment('0', at(0)),
      deployment('1', at(10), { committedAt: at(0) }),
      deployment('2', at(11), { committedAt: at(3) }),
    ]);
    // 10 and 8 days.
    expect(compute(devlake2023, 'lead_time', given)).toEqual([8 * DAY, 'medium']);
  });

  it('blames the latest successful deployment that had finished by then, however long ago', () => {
    const given = facts(
      2,
      [
        deployment('1', at(0)),
        deployment('2', at(1)),
        deployment('3', at(1, 12), { succeeded: false }),
        deployment('4', at(8)),
        deployment('other', at(2), { project: 'b' }),
      ],
      [
        // 2, though 3 failed after it, and for both incidents once.
        incident('i1', at(3), at(3, 5)),
        incident('i2', at(6), at(6, 1)),
        // At the very instant: 4 (finished_date <= created_date).
        incident('i3', at(8), at(8, 2)),
        // Before every deployment: nobody.
        incident('i4', at(-1), at(0)),
      ],
    );
    // 2 and 4 of 1, 2, 4, other.
    expect(compute(devlake2023, 'change_fail_rate', given)).toEqual([0.5, 'low']);
    // From the end of the deployment: 2 d 5 h, 5 d 1 h, 2 h: the one in the middle is 2 d 5 h.
    expect(compute(devlake2023, 'recovery_time', given)).toEqual([53 * HOUR, 'medium']);
    const { evidence } = devlake2023.metrics.change_fail_rate.compute!(given);
    expect(evidence.filter(({ value }) => value === 1)).toEqual([
      expect.objectContaining({ deployment: '2', inferred: true }),
      expect.objectContaining({ deployment: '4', incident: 'i3', inferred: true }),
    ]);
  });

  it('rates a change fail rate at its limits', () => {
    const rate = (failed: number, of: number) =>
      compute(
        devlake2023,
        'change_fail_rate',
        facts(
          8,
          Array.from({ length: of }, (_, n) => deployment(String(n), at(n))),
          Array.from({ length: failed }, (_, n) => incident(`i${n}`, at(n, 1), null)),
        ),
      );
    expect(rate(1, 20)).toEqual([0.05, 'elite']);
    expect(rate(2, 20)).toEqual([0.1, 'high']);
    expect(rate(3, 20)).toEqual([0.15, 'medium']);
    expect(rate(4, 20)).toEqual([0.2, 'low']);
    expect(rate(0, 0)).toEqual([null, null]);
  });

  it('takes a named cause before any other, and says so', () => {
    const deployments = [deployment('1', at(0)), deployment('2', at(1))];
    const { evidence } = devlake2023.metrics.recovery_time.compute!(
      facts(1, deployments, [incident('i1', at(2), at(2, 1), { cause: '1' })]),
    );
    expect(evidence).toEqual([
      {
        deployment: '1',
        incident: 'i1',
        at: at(2, 1),
        value: 49 * HOUR,
        inferred: false,
        events: ['1 requested', '1 completed', 'i1 opened'],
      },
    ]);
  });

  it('has no rework rate', () => {
    expect(devlake2023.metrics.rework_rate.compute).toBeNull();
  });
});

describe('fourkeys', () => {
  const days = (...given: number[]) => given.map((day, n) => deployment(String(n), at(day)));

  it('tells daily from weekly, monthly and yearly', () => {
    expect(compute(fourKeys, 'deployment_frequency', facts(1, days(0, 1, 2)))).toEqual([3, 'Daily']);
    // Days a week 2, 1, 1: the median is 1, and every week had one.
    expect(compute(fourKeys, 'deployment_frequency', facts(3, days(0, 1, 8, 15)))).toEqual([1, 'Weekly']);
    expect(compute(fourKeys, 'deployment_frequency', facts(3, days(0)))).toEqual([0, 'Monthly']);
    // June has one, July and August none.
    expect(compute(fourKeys, 'deployment_frequency', facts(12, days(0)))).toEqual([0, 'Yearly']);
  });

  it('leaves out lead times that are not above 0, and counts each deployment', () => {
    const given = facts(1, [
      deployment('1', at(1), { committedAt: at(0) }),
      deployment('2', at(2), { committedAt: at(0) }),
      deployment('3', at(3), { committedAt: at(4) }),
    ]);
    expect(compute(fourKeys, 'lead_time', given)).toEqual([36 * HOUR, 'One week']);
  });

  it('restores from the incident or its deployment, whichever was first, and may fail more than always', () => {
    const given = facts(
      1,
      [deployment('1', at(0))],
      [incident('i1', at(1), at(2), { cause: '1' }), incident('i2', at(1), at(1, 6))],
    );
    // 48 h and 30 h.
    expect(compute(fourKeys, 'recovery_time', given)).toEqual([39 * HOUR, 'One week']);
    expect(compute(fourKeys, 'change_fail_rate', given)).toEqual([2, '46-60%']);
  });
});

describe('dora-2025', () => {
  const given = facts(
    2,
    [
      deployment('1', at(0), { committedAt: at(-1) }),
      deployment('2', at(2), { committedAt: at(1) }),
      deployment('3', at(3), { commit: 'commit of 1', isRollback: true }),
      deployment('4', at(4), { seenAt: at(3, 12) }),
      deployment('5', at(5), { succeeded: false }),
    ],
    [incident('i1', at(2, 1), at(3), { cause: '2', fixedBy: '3' }), incident('i2', at(6), null, { fixedBy: '4' })],
  );

  it('has all five metrics, without ratings', () => {
    // 24 h, 24 h and 12 h, of which the last is from when the commit was first seen; the rollback brings no change.
    expect(compute(dora2025, 'lead_time', given)).toEqual([24 * HOUR, null]);
    expect(compute(dora2025, 'deployment_frequency', given)).toEqual([2, null]);
    expect(compute(dora2025, 'recovery_time', given)).toEqual([24 * HOUR, null]);
    // 2 by name and because 3 went back from it; 4 by the incident that is taken for its.
    expect(compute(dora2025, 'change_fail_rate', given)).toEqual([0.5, null]);
    // 3 goes back, 4 fixed an incident.
    expect(compute(dora2025, 'rework_rate', given)).toEqual([0.5, null]);
  });

  it('marks what was concluded, and names the events', () => {
    const { evidence } = dora2025.metrics.lead_time.compute!(given);
    expect(evidence.map(({ deployment: id, inferred, events }) => [id, inferred, events.length])).toEqual([
      ['1', false, 2],
      ['2', false, 2],
      ['4', true, 3],
    ]);
    const failed = dora2025.metrics.change_fail_rate.compute!(given).evidence.filter(({ value }) => value === 1);
    expect(failed.map(({ deployment: id, incident: of, inferred }) => [id, of, inferred])).toEqual([
      ['2', 'i1', false],
      ['4', 'i2', true],
    ]);
  });
});

it('definitions are found by name, and each metric has its words', () => {
  for (const definition of [dora2025, devlake2023, fourKeys]) {
    expect(definitionOf(definition.name)).toBe(definition);
    for (const { words } of Object.values(definition.metrics)) expect(words.length).toBeGreaterThan(20);
  }
  expect(() => definitionOf('elite')).toThrow(/there is no definition "elite"/);
});
