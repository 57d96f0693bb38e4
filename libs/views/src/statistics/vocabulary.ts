import type { FactKind } from './table.js';

/** Columns that facts are counted by; in those of `LISTS` one fact may stand under several. */
export const DIMENSIONS = {
  project: 'project',
  product_line: 'productLine',
  ref_kind: 'refKind',
  tier: 'tier',
  person: 'person',
  role: 'roles',
  team: 'team',
  pipeline: 'pipeline',
  via: 'via',
  trigger: 'trigger',
  location: 'locations',
  resource_kind: 'kinds',
  outcome: 'outcome',
  failure: 'failure',
} as const;
export type DimensionName = keyof typeof DIMENSIONS;
export type DimensionColumn = (typeof DIMENSIONS)[DimensionName];

export const LISTS: ReadonlySet<DimensionColumn> = new Set(['roles', 'locations', 'kinds']);

export const TIME_UNITS = ['hour', 'day', 'week', 'month'] as const;

export const DURATIONS = ['held', 'approval', 'lead', 'rollout', 'apply', 'heal'] as const;
export type DurationColumn = (typeof DURATIONS)[number];

export const COUNTS = ['holds', 'adapted', 'applied', 'rolledOut', 'pruned', 'shifted', 'delayed'] as const;
export type CountColumn = (typeof COUNTS)[number];

/** What a measure is made of: facts of one kind, which of them, and what of each. */
export interface MeasureDefinition {
  readonly of: FactKind;
  /** Facts that count; all when left out. */
  readonly where?: { readonly column: DimensionColumn; readonly is: (value: string | null) => boolean };
  /** Adds these up instead of counting facts. */
  readonly sum?: CountColumn;
  /** How many facts have any of these. */
  readonly having?: CountColumn;
  /** Percentiles of these, in milliseconds. */
  readonly duration?: DurationColumn;
  /** What it says, in one sentence. */
  readonly words: string;
}

const outcome = (...wanted: string[]): NonNullable<MeasureDefinition['where']> => ({
  column: 'outcome',
  is: (value) => value !== null && wanted.includes(value),
});

/**
 * Every measure there is. One over columns that are there already is a line here; one over something else is a column
 * of the facts and a higher version of their projection: the views are built anew and know it for all the years.
 */
export const MEASURES = {
  releases: { of: 'release', words: 'Releases that were asked for.' },
  matched: {
    of: 'release',
    where: { column: 'tier', is: (value) => value !== null },
    words: 'Releases whose ref a branch rule matched.',
  },
  unmatched: { of: 'release', where: outcome('unmatched'), words: 'Releases whose ref no branch rule matched.' },
  releases_good: {
    of: 'release',
    where: outcome('healthy', 'delivered'),
    words: 'Releases that were healthy or delivered at every location.',
  },
  releases_failed: { of: 'release', where: outcome('failed'), words: 'Releases that failed at a location.' },
  rollbacks: {
    of: 'release',
    where: { column: 'trigger', is: (value) => value === 'rollback' },
    words: 'Releases that go back to an earlier one.',
  },
  held: { of: 'release', having: 'holds', words: 'Releases that were held at least once.' },
  held_time: { of: 'release', duration: 'held', words: 'How long releases were held in all, until they went on.' },
  approval_time: {
    of: 'release',
    duration: 'approval',
    words: 'From the first hold for want of an approval until the release went on or was refused.',
  },
  lead_time: {
    of: 'release',
    duration: 'lead',
    words: 'From the request of a release until it was healthy or delivered at every location.',
  },
  deployments: { of: 'deployment', words: 'Deployments that were begun: one release in one environment.' },
  deployments_good: {
    of: 'deployment',
    where: outcome('healthy', 'delivered'),
    words: 'Deployments that are healthy or delivered.',
  },
  deployments_failed: {
    of: 'deployment',
    where: outcome('failed'),
    words: 'Deployments that failed or were rejected.',
  },
  rollout_time: {
    of: 'deployment',
    duration: 'rollout',
    words: 'From the request of a deployment until it was first healthy or delivered.',
  },
  apply_time: { of: 'deployment', duration: 'apply', words: 'How long applying the objects took, as reported.' },
  adaptations: { of: 'deployment', sum: 'adapted', words: 'Times that desired state was adapted to a location.' },
  applies: { of: 'deployment', sum: 'applied', words: 'Times that objects were applied.' },
  rollouts: { of: 'deployment', sum: 'rolledOut', words: 'Times that applied objects were rolled out.' },
  prunings: { of: 'deployment', sum: 'pruned', words: 'Times that objects no longer needed were removed.' },
  traffic_shifts: { of: 'deployment', sum: 'shifted', words: 'Steps in which traffic went to a new version.' },
  delays: { of: 'deployment', sum: 'delayed', words: 'Times that an operator had to try again.' },
  drifts: { of: 'drift', words: 'Times that what stands somewhere was changed behind the back of the ledger.' },
  drift_time: { of: 'drift', duration: 'heal', words: 'From noticing a drift until it was healed.' },
} as const satisfies Record<string, MeasureDefinition>;
export type MeasureName = keyof typeof MEASURES;

export const measureOf = (name: MeasureName): MeasureDefinition => MEASURES[name];
