import { NOTHING, type DoraDefinition, type DoraFacts, type DoraNumber } from './facts.js';
import {
  HOUR,
  attribute,
  daysPer,
  evidenceOf,
  inRange,
  median,
  perLabel,
  ratingBelow,
  ratingUpTo,
  succeededIn,
} from './formulas.js';

const RATINGS = [
  [24 * HOUR, 'One day'],
  [168 * HOUR, 'One week'],
  [730 * HOUR, 'One month'],
  [4380 * HOUR, 'Six months'],
  [Infinity, 'One year'],
] as const;

/** Google's Four Keys, which is no longer maintained. */
export const fourKeys: DoraDefinition = {
  name: 'fourkeys',
  title: 'Four Keys',
  source: 'github.com/dora-team/fourkeys: dashboard and METRICS.md',
  metrics: {
    deployment_frequency: {
      unit: 'days_per_week',
      words:
        'Days with a successful production deployment for each week of the range; their median. Daily from 3; Weekly ' +
        'when at least half of the weeks had one; Monthly when the median of deployments a month is 1 or more; else Yearly.',
      compute: deploymentFrequency,
    },
    lead_time: {
      unit: 'milliseconds',
      words: 'From the commit to the end of a deployment that brought it; what is not above 0 is left out; the median.',
      compute: leadTime,
    },
    recovery_time: {
      unit: 'milliseconds',
      words:
        'From the beginning of an incident, or from the deployment that caused it when that was earlier, to its ' +
        'resolution; the median over the incidents that began in the range.',
      compute: recoveryTime,
    },
    change_fail_rate: {
      unit: 'share',
      words:
        'Incidents for each deployment of the range that caused them, divided by the deployments: two incidents of one ' +
        'deployment count twice, so that it can be above 1.',
      compute: changeFailRate,
    },
    rework_rate: { unit: 'share', words: 'Four Keys is older than this metric.', compute: null },
  },
};

function deploymentFrequency(facts: DoraFacts): DoraNumber {
  const { time } = facts;
  const deployments = succeededIn(facts);
  const perWeek = daysPer(time.weeks, deployments, time, time.weekOf);
  const value = median(perWeek);
  const evidence = deployments.map((deployment) => evidenceOf(deployment, 1));
  if (value === null || deployments.length === 0) return { value, rating: null, evidence };
  const weekly = median(perWeek.map((days) => (days > 0 ? 1 : 0))) ?? 0;
  const months = deployments.map(({ finishedAt }) => time.monthOf(finishedAt));
  const monthly = median(perLabel(time.months, months)) ?? 0;
  const rating = value >= 3 ? 'Daily' : weekly >= 1 ? 'Weekly' : monthly >= 1 ? 'Monthly' : 'Yearly';
  return { value, rating, evidence };
}

function leadTime(facts: DoraFacts): DoraNumber {
  const evidence = succeededIn(facts).flatMap((deployment) => {
    const { committedAt, seenAt, seenEvent, finishedAt } = deployment;
    const value = finishedAt - (committedAt ?? seenAt);
    const inferred = committedAt === null;
    const events = [...new Set(inferred ? [seenEvent, ...deployment.events] : deployment.events)];
    return value > 0 ? [evidenceOf(deployment, value, { inferred, events })] : [];
  });
  const value = median(evidence.map((it) => it.value));
  return { value, rating: ratingBelow(value, RATINGS), evidence };
}

function recoveryTime(facts: DoraFacts): DoraNumber {
  const causes = new Map(attribute(facts).map((attributed) => [attributed.incident.id, attributed]));
  const evidence = facts.incidents.flatMap((incident) => {
    if (incident.resolvedAt === null || !inRange(incident.openedAt, facts.time)) return [];
    const cause = causes.get(incident.id);
    const from = Math.min(incident.openedAt, cause?.deployment.finishedAt ?? incident.openedAt);
    return [
      {
        deployment: cause?.deployment.id ?? null,
        incident: incident.id,
        at: incident.resolvedAt,
        value: incident.resolvedAt - from,
        inferred: cause?.inferred ?? false,
        events: [...(cause?.deployment.events ?? []), ...incident.events],
      },
    ];
  });
  const value = median(evidence.map((it) => it.value));
  return { value, rating: ratingBelow(value, RATINGS), evidence };
}

function changeFailRate(facts: DoraFacts): DoraNumber {
  const deployments = succeededIn(facts);
  if (deployments.length === 0) return NOTHING;
  const counted = new Set(deployments.map(({ id }) => id));
  const caused = attribute(facts).filter(({ deployment }) => counted.has(deployment.id));
  const failing = new Set(caused.map(({ deployment }) => deployment.id));
  const evidence = [
    ...caused.map(({ incident, deployment, inferred }) =>
      evidenceOf(deployment, 1, {
        incident: incident.id,
        inferred,
        events: [...deployment.events, ...incident.events],
      }),
    ),
    ...deployments.filter(({ id }) => !failing.has(id)).map((deployment) => evidenceOf(deployment, 0)),
  ];
  const value = caused.length / deployments.length;
  return {
    value,
    rating: ratingUpTo(value, [
      [0.15, '0-15%'],
      [0.46, '16-45%'],
      [Infinity, '46-60%'],
    ]),
    evidence,
  };
}
