import { QUARTER_MS, type TimeBucket } from './calendar.js';
import type { Percentiles } from './histogram.js';
import type { KeyName, Plan, StatisticsOrder } from './question.js';
import type { Value } from './measuring.js';
import type { Scanned } from './scan.js';
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
  const groupOf = new Map(Array.from({ length: scanned.groups }, (_, group) => [scanned.keyOf(0, group), group]));
  const series = buckets.map((bucket, number) => {
    const group = groupOf.get(number);
    return group === undefined ? emptyRow(plan, bucket) : rowOf(plan, scanned, group);
  });
  const [first] = plan.order;
  if (first?.by === plan.unit && first?.descending) series.reverse();
  return { rows: series.slice(0, plan.limit), totalRows: series.length };
}

function listed(plan: Plan, scanned: Scanned): Rows {
  const groups = new Int32Array(shownAtMost(plan, scanned));
  for (let group = 0; group < groups.length; group++) groups[group] = group;
  // Of what is equal the keys decide, so that the same question has the same answer.
  const ranks = [...plan.order, ...plan.keys.map((by) => ({ by }))].map((order) => rankBy(order, plan, scanned));
  const first = firstOf(groups, ranks, Math.min(plan.limit, groups.length));
  return { rows: first.map((group) => rowOf(plan, scanned, group)), totalRows: scanned.groups };
}

/** Of a series in the order of time nothing is looked at that lies behind the last stretch that is shown. */
function shownAtMost({ order, keys, unit, limit }: Plan, { groups, inOrder, keyOf }: Scanned): number {
  const [first] = order;
  if (!inOrder || groups <= limit || !first || first.descending || first.by !== unit || keys[0] !== unit) return groups;
  const last = keyOf(0, limit - 1);
  let end = limit;
  while (end < groups && keyOf(0, end) === last) end += 1;
  return end;
}

/** What groups are ordered by, as a number each; the lowest comes first. */
type Rank = (group: number) => number;

/**
 * The first so many groups in order. Of some ten thousand groups only those are put in order that are shown: numbers alone
 * are sorted to find the last of them, then what is equal to it is told apart by the next rank.
 */
function firstOf(groups: Int32Array, ranks: readonly Rank[], count: number): number[] {
  const [rank, ...others] = ranks;
  if (count === 0) return [];
  if (!rank) return Array.from(groups.subarray(0, count));
  const numbers = new Float64Array(groups.length);
  for (let at = 0; at < groups.length; at++) numbers[at] = rank(groups[at]!);
  const last = count < groups.length ? nthSmallest(numbers.slice(), count - 1) : Infinity;
  const before: number[] = [];
  const equal: number[] = [];
  for (let at = 0; at < groups.length; at++) {
    if (numbers[at]! < last) before.push(groups[at]!);
    else if (numbers[at] === last) equal.push(groups[at]!);
  }
  const known = new Map(Array.from(before, (group) => [group, ranks.map((by) => by(group))]));
  before.sort((a, b) => compareNumbers(known.get(a)!, known.get(b)!));
  return [...before, ...firstOf(new Int32Array(equal), others, count - before.length)];
}

/** By Hoare's selection, which puts in order no more than it must. Changes the order of the numbers. */
function nthSmallest(numbers: Float64Array, nth: number): number {
  let from = 0;
  let to = numbers.length - 1;
  while (from < to) {
    const pivot = numbers[(from + to) >>> 1]!;
    let low = from;
    let high = to;
    while (low <= high) {
      while (numbers[low]! < pivot) low += 1;
      while (numbers[high]! > pivot) high -= 1;
      if (low > high) break;
      const swapped = numbers[low]!;
      numbers[low] = numbers[high]!;
      numbers[high] = swapped;
      low += 1;
      high -= 1;
    }
    if (nth <= high) to = high;
    else if (nth >= low) from = low;
    else break;
  }
  return numbers[nth]!;
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at++) {
    const difference = a[at]! - b[at]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function rankBy({ by, value, descending }: StatisticsOrder, plan: Plan, scanned: Scanned): Rank {
  const sign = descending ? -1 : 1;
  const measure = plan.measures.indexOf(by as MeasureName);
  if (measure >= 0) {
    const values = scanned.values[measure]!;
    return (group) => sign * numberOf(values.at(group), value ?? 'value');
  }
  const level = plan.keys.indexOf(by as KeyName);
  // Stretches of time are numbered in their order.
  if (plan.keys[level] === plan.unit) return (group) => sign * scanned.keyOf(level, group);
  const places = ranksOf(scanned.members[level] as readonly (string | null)[]);
  return (group) => sign * places[scanned.keyOf(level, group)]!;
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
    keys: plan.keys.map((dimension, level) => keyOf(dimension, scanned.members[level]![scanned.keyOf(level, group)]!)),
    values: plan.measures.map((measure, at) => valueOf(measure, scanned.values[at]!.at(group))),
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
