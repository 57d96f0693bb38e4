/** What the definitions of DORA's metrics are computed from. Times are epoch milliseconds. */
export interface DoraDeployment {
  /** Id of the release: one deployment, however many locations it goes to. */
  readonly id: string;
  readonly project: string;
  readonly slot: string | null;
  /** Whether it was healthy or delivered everywhere. */
  readonly succeeded: boolean;
  readonly requestedAt: number;
  /** When its last location was done. */
  readonly finishedAt: number;
  readonly commit: string;
  /** When its first commit was made, its pull request opened and merged; null where nobody said so. */
  readonly committedAt: number | null;
  readonly openedAt: number | null;
  readonly mergedAt: number | null;
  /** When a release of this commit was first asked for, wherever it went. */
  readonly seenAt: number;
  /** Whether it goes back to an earlier release. */
  readonly isRollback: boolean;
  /** Events behind it: request and end. */
  readonly events: readonly string[];
  readonly seenEvent: string;
}

export interface DoraIncident {
  readonly id: string;
  readonly project: string;
  readonly openedAt: number;
  readonly resolvedAt: number | null;
  /** The release that was named as its cause; null when none was. */
  readonly cause: string | null;
  readonly fixedBy: string | null;
  readonly events: readonly string[];
}

/** Stretches of time in which days, weeks and months are counted, in the time zone of the question. */
export interface DoraTime {
  /** Epoch milliseconds; `to` is no longer of it. */
  readonly from: number;
  readonly to: number;
  /** Label of the day of an instant within the range. */
  readonly dayOf: (instant: number) => string;
  /** Every week and month that the range touches, by label, and those of each instant. */
  readonly weeks: readonly string[];
  readonly weekOf: (instant: number) => string;
  readonly months: readonly string[];
  readonly monthOf: (instant: number) => string;
}

/** All production deployments up to the end of the range, in the order in which they finished, and all incidents. */
export interface DoraFacts {
  readonly deployments: readonly DoraDeployment[];
  readonly incidents: readonly DoraIncident[];
  readonly time: DoraTime;
}

/** One thing that a number is made of. */
export interface DoraEvidence {
  readonly deployment: string | null;
  readonly incident: string | null;
  /** When it counted. Epoch milliseconds. */
  readonly at: number;
  /** What it adds: milliseconds of times, 1 or 0 of shares and counts. */
  readonly value: number;
  /** The link between incident and deployment, or the beginning of a time, was not told but concluded. */
  readonly inferred: boolean;
  /** Ids of the events that say so. */
  readonly events: readonly string[];
}

export interface DoraNumber {
  /** Null: there is nothing to say, or the definition has no such metric. */
  readonly value: number | null;
  /** The definition's word for it, such as `elite` or `Weekly`; null when it has none. */
  readonly rating: string | null;
  readonly evidence: readonly DoraEvidence[];
}

export const METRICS = [
  'lead_time',
  'deployment_frequency',
  'recovery_time',
  'change_fail_rate',
  'rework_rate',
] as const;
export type DoraMetricName = (typeof METRICS)[number];

export type DoraUnit = 'milliseconds' | 'share' | 'days_per_week' | 'deployments_per_week';

export interface DoraMetricDefinition {
  readonly unit: DoraUnit;
  /** How it is computed, in words that a reader can check. */
  readonly words: string;
  /** Null: the definition has no such metric. */
  readonly compute: ((facts: DoraFacts) => DoraNumber) | null;
}

export interface DoraDefinition {
  readonly name: string;
  readonly title: string;
  /** Where it is from. */
  readonly source: string;
  readonly metrics: Readonly<Record<DoraMetricName, DoraMetricDefinition>>;
}

export const NOTHING: DoraNumber = { value: null, rating: null, evidence: [] };
