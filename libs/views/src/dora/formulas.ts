import type { DoraDeployment, DoraEvidence, DoraFacts, DoraIncident, DoraTime } from './facts.js';

/**
 * The middle value; of an even number of them the mean of the two in the middle. Null of none.
 */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median as DevLake's dashboards take it: the largest value whose `percent_rank()`, the share of the other values
 * that are smaller, is 0.5 at most. Of an even number of values the lower of the two in the middle.
 */
export function percentRankMedian(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  let found: number | null = null;
  let smaller = 0;
  for (const [at, value] of sorted.entries()) {
    if (value !== found) smaller = at;
    const rank = sorted.length === 1 ? 0 : smaller / (sorted.length - 1);
    if (rank > 0.5) break;
    found = value;
  }
  return found;
}

export const inRange = (instant: number, { from, to }: DoraTime): boolean => instant >= from && instant < to;

/** Production deployments that succeeded and finished in the range. */
export const succeededIn = ({ deployments, time }: DoraFacts): readonly DoraDeployment[] =>
  deployments.filter(({ succeeded, finishedAt }) => succeeded && inRange(finishedAt, time));

/** How often each label occurs among the values, also those that do not at all. */
export function perLabel(labels: readonly string[], values: readonly string[]): readonly number[] {
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
}

/** Days on which something finished, each once, by the week or month it lies in. */
export function daysPer(
  labels: readonly string[],
  deployments: readonly DoraDeployment[],
  { dayOf }: DoraTime,
  labelOf: (instant: number) => string,
): readonly number[] {
  const days = new Map(deployments.map(({ finishedAt }) => [dayOf(finishedAt), labelOf(finishedAt)]));
  return perLabel(labels, [...days.values()]);
}

/** An incident with the deployment that is taken for its cause. */
export interface Attributed {
  readonly incident: DoraIncident;
  readonly deployment: DoraDeployment;
  readonly inferred: boolean;
}

/**
 * Incidents with their causes: the release that was named, or else the latest successful production deployment of the
 * project that had finished when the incident began, as DevLake has it, which is marked as inferred. An incident before
 * every deployment has none.
 */
export function attribute({ deployments, incidents }: DoraFacts): readonly Attributed[] {
  const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]));
  const byProject = new Map<string, DoraDeployment[]>();
  for (const deployment of deployments) {
    if (!deployment.succeeded) continue;
    const list = byProject.get(deployment.project);
    if (list) list.push(deployment);
    else byProject.set(deployment.project, [deployment]);
  }
  return incidents.flatMap((incident): Attributed[] => {
    if (incident.cause !== null) {
      const deployment = byId.get(incident.cause);
      return deployment ? [{ incident, deployment, inferred: false }] : [];
    }
    const deployment = lastFinishedBy(byProject.get(incident.project) ?? [], incident.openedAt);
    return deployment ? [{ incident, deployment, inferred: true }] : [];
  });
}

/** By bisection: deployments are in the order in which they finished. */
function lastFinishedBy(deployments: readonly DoraDeployment[], instant: number): DoraDeployment | undefined {
  let low = 0;
  let high = deployments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (deployments[middle]!.finishedAt <= instant) low = middle + 1;
    else high = middle;
  }
  return deployments[low - 1];
}

export const evidenceOf = (
  deployment: DoraDeployment,
  value: number,
  rest: Partial<DoraEvidence> = {},
): DoraEvidence => ({
  deployment: deployment.id,
  incident: null,
  at: deployment.finishedAt,
  value,
  inferred: false,
  events: deployment.events,
  ...rest,
});

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The first word whose limit the value does not reach (`below`) or exceed (`upTo`). */
export function ratingBelow(value: number | null, steps: readonly (readonly [number, string])[]): string | null {
  if (value === null) return null;
  return steps.find(([limit]) => value < limit)?.[1] ?? null;
}

export function ratingUpTo(value: number | null, steps: readonly (readonly [number, string])[]): string | null {
  if (value === null) return null;
  return steps.find(([limit]) => value <= limit)?.[1] ?? null;
}
