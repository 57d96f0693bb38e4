import { NOTHING, type DoraDeployment, type DoraDefinition, type DoraFacts, type DoraNumber } from './facts.js';
import {
  DAY,
  HOUR,
  MINUTE,
  attribute,
  daysPer,
  evidenceOf,
  inRange,
  percentRankMedian,
  ratingBelow,
  ratingUpTo,
  succeededIn,
} from './formulas.js';

/** Apache DevLake's dashboard "DORA" with the benchmarks of the 2023 report, and its plugin `dora`. */
export const devlake2023: DoraDefinition = {
  name: 'devlake-2023',
  title: 'Apache DevLake, benchmarks of the 2023 report',
  source: 'github.com/apache/incubator-devlake: grafana/dashboards/DORA.json, backend/plugins/dora',
  metrics: {
    deployment_frequency: {
      unit: 'days_per_week',
      words:
        'Days with a successful production deployment, counted for each week that the range touches; the median of the ' +
        'weeks, taken as the largest number of days whose percent_rank is 0.5 at most. A release to several locations ' +
        'is one deployment, on the day on which the last of them finished.',
      compute: deploymentFrequency,
    },
    lead_time: {
      unit: 'milliseconds',
      words:
        'From the first commit to the opened pull request, to its merge, to the end of the first successful production ' +
        'deployment of the commit that has a predecessor; each part in minutes, rounded up, a part that is not known ' +
        'or negative left out; the median by percent_rank over the changes deployed in the range.',
      compute: leadTime,
    },
    change_fail_rate: {
      unit: 'share',
      words:
        'Successful production deployments of the range that caused an incident, divided by all of them. An incident ' +
        'without a named cause counts for the latest one of its project that had finished when it began.',
      compute: changeFailRate,
    },
    recovery_time: {
      unit: 'milliseconds',
      words:
        'From the end of the deployment that caused an incident to the resolution of the incident, in whole minutes; ' +
        'the median by percent_rank over the incidents resolved in the range whose deployment finished in it.',
      compute: recoveryTime,
    },
    rework_rate: { unit: 'share', words: 'DevLake does not know it (apache/incubator-devlake#8730).', compute: null },
  },
};

function deploymentFrequency(facts: DoraFacts): DoraNumber {
  const { time } = facts;
  const deployments = succeededIn(facts);
  const value = percentRankMedian(daysPer(time.weeks, deployments, time, time.weekOf));
  const monthly = percentRankMedian(daysPer(time.months, deployments, time, time.monthOf));
  const evidence = deployments.map((deployment) => evidenceOf(deployment, 1));
  if (deployments.length === 0 || value === null || monthly === null) return { value, rating: null, evidence };
  const rating = value >= 5 ? 'elite' : value >= 1 ? 'high' : monthly >= 1 ? 'medium' : 'low';
  return { value, rating, evidence };
}

function leadTime(facts: DoraFacts): DoraNumber {
  const known = new Set<string>();
  const predecessors = new Set<string>();
  const evidence = facts.deployments
    .filter(({ succeeded }) => succeeded)
    .flatMap((deployment) => {
      const { project, commit, finishedAt } = deployment;
      const isFirst = !predecessors.has(project);
      predecessors.add(project);
      // The first deployment of all has no predecessor: nobody can say what it brought.
      if (isFirst || known.has(`${project}:${commit}`)) return [];
      known.add(`${project}:${commit}`);
      if (!inRange(finishedAt, facts.time)) return [];
      const minutes = partsOf(deployment).reduce<number>((sum, part) => sum + (part ?? 0), 0);
      const inferred = deployment.committedAt === null && deployment.mergedAt === null;
      const events = inferred ? [deployment.seenEvent, ...deployment.events] : deployment.events;
      return [evidenceOf(deployment, minutes * MINUTE, { inferred, events: [...new Set(events)] })];
    });
  const value = percentRankMedian(evidence.map((it) => it.value));
  return {
    value,
    rating: ratingBelow(value, [
      [DAY, 'elite'],
      [7 * DAY, 'high'],
      [30 * DAY, 'medium'],
      [Infinity, 'low'],
    ]),
    evidence,
  };
}

/** Coding, reviewing, deploying. Where nobody told of a pull request, the whole way from the first commit is one part. */
function partsOf({ committedAt, openedAt, mergedAt, seenAt, finishedAt }: DoraDeployment): readonly (number | null)[] {
  if (openedAt === null && mergedAt === null) return [minutesBetween(committedAt ?? seenAt, finishedAt)];
  return [
    minutesBetween(committedAt, openedAt ?? mergedAt),
    minutesBetween(openedAt, mergedAt),
    minutesBetween(mergedAt, finishedAt),
  ];
}

/** Rounded up; null when an end is missing or they are the wrong way round (`computeTimeSpan`). */
function minutesBetween(from: number | null, to: number | null): number | null {
  if (from === null || to === null) return null;
  const minutes = Math.ceil((to - from) / MINUTE);
  return minutes < 0 ? null : minutes;
}

function changeFailRate(facts: DoraFacts): DoraNumber {
  const deployments = succeededIn(facts);
  if (deployments.length === 0) return NOTHING;
  const causes = new Map(attribute(facts).map((attributed) => [attributed.deployment.id, attributed]));
  const evidence = deployments.map((deployment) => {
    const cause = causes.get(deployment.id);
    return cause
      ? evidenceOf(deployment, 1, {
          incident: cause.incident.id,
          inferred: cause.inferred,
          events: [...deployment.events, ...cause.incident.events],
        })
      : evidenceOf(deployment, 0);
  });
  const value = evidence.reduce((sum, it) => sum + it.value, 0) / deployments.length;
  return {
    value,
    rating: ratingUpTo(value, [
      [0.05, 'elite'],
      [0.1, 'high'],
      [0.15, 'medium'],
      [Infinity, 'low'],
    ]),
    evidence,
  };
}

function recoveryTime(facts: DoraFacts): DoraNumber {
  const evidence = attribute(facts).flatMap(({ incident, deployment, inferred }) => {
    const { resolvedAt } = incident;
    if (resolvedAt === null || !inRange(resolvedAt, facts.time)) return [];
    if (!deployment.succeeded || !inRange(deployment.finishedAt, facts.time)) return [];
    const minutes = Math.trunc((resolvedAt - deployment.finishedAt) / MINUTE);
    const events = [...deployment.events, ...incident.events];
    return [evidenceOf(deployment, minutes * MINUTE, { incident: incident.id, at: resolvedAt, inferred, events })];
  });
  const value = percentRankMedian(evidence.map((it) => it.value));
  return {
    value,
    rating: ratingBelow(value, [
      [HOUR, 'elite'],
      [DAY, 'high'],
      [7 * DAY, 'medium'],
      [Infinity, 'low'],
    ]),
    evidence,
  };
}
