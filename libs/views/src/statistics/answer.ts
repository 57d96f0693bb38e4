import { QUARTER_MS, type TimeBucket } from './calendar.js';
import type { Percentiles } from './histogram.js';
import type { KeyName, Plan, StatisticsOrder } from './question.js';
import type { Scanned, Value } from './scan.js';
import { measureOf, type MeasureName } from './vocabulary.js';

export interface StatisticsKey {
  readonly dimension: KeyName;
  /** Null: none, or not known. Of time: its label. */
  readonly value: string | null;
  /** Of time: what of it lies in the range. */
  readonly from: string | null;
  readonly to: string | null;
}

export interface StatisticsValue {
  readonly measure: MeasureName;
  /** How many; of durations their median in milliseconds, null when there is none. */
  readonly value: number | null;
  /** Of durations only. */
  readonly durations: Percentiles | null;
}

export interface StatisticsRow {
  readonly keys: readonly StatisticsKey[];
  readonly values: readonly StatisticsValue[];
}

export interface StatisticsAnswer {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly rows: readonly StatisticsRow[];
  /** Rows there are in all. */
  readonly totalRows: number;
  /** Over everything, each fact once. */
  readonly total: StatisticsRow;
}

export function answerOf(plan: Plan, scanned: Scanned): StatisticsAnswer {
  const { rows, totalRows } = plan.empty ? wholeSeries(plan, scanned) : listed(plan, scanned);
  return {
    from: instant(plan.range.from * QUARTER_MS),
    to: instant(plan.range.to * QUARTER_MS),
    timeZone: plan.calendar.timeZone,
    rows,
    totalRows,
    total: { keys: [], values: plan.measures.map((measure, at) => valueOf(measure, scanned.totals[at]!)) },
  };
}

interface Rows {
  readonly rows: readonly StatisticsRow[];
  readonly totalRows: number;
}

/** Every bucket of the range, also those in which there was nothing. */
function wholeSeries(plan: Plan, scanned: Scanned): Rows {
  const buckets = scanned.members[0] as readonly TimeBucket[];
  const groupOf = new Map(Array.from(scanned.keys[0]!, (number, group) => [number, group]));
  const series = buckets.map((bucket, number) => {
    const group = groupOf.get(number);
    return group === undefined ? emptyRow(plan, bucket) : rowOf(plan, scanned, group);
  });
  const [first] = plan.order;
  if (first?.by === plan.unit && first?.descending) series.reverse();
  return { rows: series.slice(0, plan.limit), totalRows: series.length };
}

function listed(plan: Plan, scanned: Scanned): Rows {
  const groups = Int32Array.from({ length: scanned.groups }, (_, group) => group);
  // Of what is equal the keys decide, so that the same question has the same answer.
  const comparers = [...plan.order, ...plan.keys.map((by) => ({ by }))].map((order) => comparer(order, plan, scanned));
  groups.sort((a, b) => {
    for (const compare of comparers) {
      const difference = compare(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  const rows = Array.from(groups.subarray(0, plan.limit), (group) => rowOf(plan, scanned, group));
  return { rows, totalRows: groups.length };
}

/** Ranks once, compares numbers: there may be some ten thousand groups. */
function comparer(
  { by, value, descending }: StatisticsOrder,
  plan: Plan,
  scanned: Scanned,
): (a: number, b: number) => number {
  const sign = descending ? -1 : 1;
  const measure = plan.measures.indexOf(by as MeasureName);
  if (measure >= 0) {
    const numbers = Float64Array.from(scanned.values[measure]!, (it) => numberOf(it, value ?? 'value'));
    return (a, b) => sign * (numbers[a]! - numbers[b]!);
  }
  const level = plan.keys.indexOf(by as KeyName);
  const keys = scanned.keys[level]!;
  if (plan.keys[level] === plan.unit) return (a, b) => sign * (keys[a]! - keys[b]!);
  const ranks = ranksOf(scanned.members[level] as readonly (string | null)[]);
  return (a, b) => sign * (ranks[keys[a]!]! - ranks[keys[b]!]!);
}

/** Places of values in the order of their code points; none comes last. */
function ranksOf(values: readonly (string | null)[]): Int32Array {
  const order = values.map((_, index) => index);
  order.sort((a, b) => compareText(values[a]!, values[b]!));
  const ranks = new Int32Array(values.length);
  order.forEach((index, rank) => (ranks[index] = rank));
  return ranks;
}

function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

function numberOf(value: Value, which: NonNullable<StatisticsOrder['value']>): number {
  if (value === null) return -1;
  if (typeof value === 'number') return value;
  return value[which === 'value' ? 'p50' : which];
}

function rowOf(plan: Plan, scanned: Scanned, group: number): StatisticsRow {
  return {
    keys: plan.keys.map((dimension, level) => keyOf(dimension, scanned.members[level]![scanned.keys[level]![group]!]!)),
    values: plan.measures.map((measure, at) => valueOf(measure, scanned.values[at]![group]!)),
  };
}

const emptyRow = (plan: Plan, bucket: TimeBucket): StatisticsRow => ({
  keys: [keyOf(plan.unit!, bucket)],
  values: plan.measures.map((measure) => valueOf(measure, measureOf(measure).duration ? null : 0)),
});

function keyOf(dimension: KeyName, member: string | null | TimeBucket): StatisticsKey {
  return member === null || typeof member === 'string'
    ? { dimension, value: member, from: null, to: null }
    : { dimension, value: member.label, from: instant(member.from), to: instant(member.to) };
}

function valueOf(measure: MeasureName, value: Value): StatisticsValue {
  if (value === null || typeof value === 'number') return { measure, value, durations: null };
  return { measure, value: value.p50, durations: value };
}

const instant = (ms: number): string => new Date(ms).toISOString();
