import { NOTHING, type DoraDefinition, type DoraFacts, type DoraNumber } from './facts.js';
import { DAY, attribute, evidenceOf, inRange, median, succeededIn, type Attributed } from './formulas.js';

/**
 * The five metrics as dora.dev describes them since 2025 (guide "DORA's software delivery metrics"), which sets no
 * benchmarks any more: there are no ratings.
 */
export const dora2025: DoraDefinition = {
  name: 'dora-2025',
  title: 'DORA, five metrics of 2025',
  source: 'dora.dev, guide "DORA’s software delivery metrics"; report of 2025',
  metrics: {
    lead_time: {
      unit: 'milliseconds',
      words:
        'From the first commit of a change to the end of its first successful production deployment; the median. ' +
        'Where nobody said when it was committed, from when a release of it was first asked for, marked as inferred. ' +
        'Rollbacks bring no change and are left out.',
      compute: leadTime,
    },
    deployment_frequency: {
      unit: 'deployments_per_week',
      words: 'Successful production deployments of the range, divided by its length in weeks.',
      compute: deploymentFrequency,
    },
    recovery_time: {
      unit: 'milliseconds',
      words:
        'From the end of a deployment that caused an incident to the resolution of the incident; the median over the ' +
        'incidents resolved in the range. Incidents without a deployment as their cause are left out.',
      compute: recoveryTime,
    },
    change_fail_rate: {
      unit: 'share',
      words:
        'Successful production deployments of the range that caused an incident or were rolled back from, divided by all.',
      compute: changeFailRate,
    },
    rework_rate: {
      unit: 'share',
      words:
        'Production deployments of the range that were not planned but fixed an incident, as named in it, or went back ' +
        'to an earlier release, divided by all.',
      compute: reworkRate,
    },
  },
};

function leadTime(facts: DoraFacts): DoraNumber {
  const known = new Set<string>();
  const evidence = facts.deployments.flatMap((deployment) => {
    const { project, commit, succeeded, isRollback, finishedAt, committedAt, seenAt, seenEvent } = deployment;
    if (!succeeded || isRollback || known.has(`${project}:${commit}`)) return [];
    known.add(`${project}:${commit}`);
    if (!inRange(finishedAt, facts.time)) return [];
    const inferred = committedAt === null;
    const events = [...new Set(inferred ? [seenEvent, ...deployment.events] : deployment.events)];
    return [evidenceOf(deployment, Math.max(0, finishedAt - (committedAt ?? seenAt)), { inferred, events })];
  });
  return { value: median(evidence.map((it) => it.value)), rating: null, evidence };
}

function deploymentFrequency(facts: DoraFacts): DoraNumber {
  const { from, to } = facts.time;
  const deployments = succeededIn(facts);
  const weeks = (to - from) / (7 * DAY);
  const evidence = deployments.map((deployment) => evidenceOf(deployment, 1));
  return { value: deployments.length / weeks, rating: null, evidence };
}

function recoveryTime(facts: DoraFacts): DoraNumber {
  const evidence = attribute(facts).flatMap(({ incident, deployment, inferred }) => {
    const { resolvedAt } = incident;
    if (resolvedAt === null || !inRange(resolvedAt, facts.time)) return [];
    const value = Math.max(0, resolvedAt - deployment.finishedAt);
    const events = [...deployment.events, ...incident.events];
    return [evidenceOf(deployment, value, { incident: incident.id, at: resolvedAt, inferred, events })];
  });
  return { value: median(evidence.map((it) => it.value)), rating: null, evidence };
}

function changeFailRate(facts: DoraFacts): DoraNumber {
  const deployments = succeededIn(facts);
  if (deployments.length === 0) return NOTHING;
  const causes = causesOf(facts);
  const left = leftByRollback(facts);
  const evidence = deployments.map((deployment) => {
    const cause = causes.get(deployment.id);
    const rollback = left.get(deployment.id);
    if (!cause && !rollback) return evidenceOf(deployment, 0);
    return evidenceOf(deployment, 1, {
      incident: cause?.incident.id ?? null,
      // That a rollback leaves a deployment because it failed is a conclusion; a named cause is none.
      inferred: cause ? cause.inferred : true,
      events: [...deployment.events, ...(cause?.incident.events ?? []), ...(rollback ?? [])],
    });
  });
  return { value: evidence.reduce((sum, it) => sum + it.value, 0) / deployments.length, rating: null, evidence };
}

/** Of several incidents of one deployment, one with a named cause. */
function causesOf(facts: DoraFacts): ReadonlyMap<string, Attributed> {
  const causes = new Map<string, Attributed>();
  for (const attributed of attribute(facts)) {
    const known = causes.get(attributed.deployment.id);
    if (!known || known.inferred) causes.set(attributed.deployment.id, attributed);
  }
  return causes;
}

/** Deployments that the next successful one of the same project and slot went back from, with its events. */
function leftByRollback({ deployments }: DoraFacts): ReadonlyMap<string, readonly string[]> {
  const left = new Map<string, readonly string[]>();
  const standing = new Map<string, string>();
  for (const { id, project, slot, succeeded, isRollback, events } of deployments) {
    if (!succeeded) continue;
    const place = `${project}.${slot ?? ''}`;
    const before = standing.get(place);
    if (isRollback && before !== undefined) left.set(before, events);
    standing.set(place, id);
  }
  return left;
}

function reworkRate(facts: DoraFacts): DoraNumber {
  const deployments = succeededIn(facts);
  if (deployments.length === 0) return NOTHING;
  const fixes = new Map(
    facts.incidents.flatMap((incident) => (incident.fixedBy ? [[incident.fixedBy, incident]] : [])),
  );
  const evidence = deployments.map((deployment) => {
    const fixed = fixes.get(deployment.id);
    if (!fixed && !deployment.isRollback) return evidenceOf(deployment, 0);
    return evidenceOf(deployment, 1, {
      incident: fixed?.id ?? null,
      inferred: !fixed,
      events: [...deployment.events, ...(fixed?.events ?? [])],
    });
  });
  return { value: evidence.reduce((sum, it) => sum + it.value, 0) / deployments.length, rating: null, evidence };
}
