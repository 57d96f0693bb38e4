import { NO_DURATION, type Facts } from './facts.js';
import { percentilesOf, type Percentiles } from './histogram.js';
import type { Plan } from './question.js';
import { allowedCodes } from './values.js';
import { measureOf } from './vocabulary.js';

/** What facts of one group come to: a number of facts or actions, or durations. */
export type Value = number | Percentiles | null;

/** One measure over groups. Percentiles are made when they are looked at: of some ten thousand groups few are shown. */
export interface Measured {
  at(group: number): Value;
  /** Buckets of a duration, for merging; left out for counts. */
  readonly bucketsAt?: (group: number) => Uint16Array;
}

/** Takes a measure over facts with their groups; those below 0 are left out. */
export type Measure = (groups: Int32Array, size: number) => Measured;

export function measureOver(facts: Facts, name: Plan['measures'][number]): Measure {
  const { of, where, sum, having, duration } = measureOf(name);
  const columns = facts.kinds[of];
  if (duration) return (groups, size) => durationsBy(groups, size, columns.durations[duration].data);
  if (sum) return (groups, size) => sumsBy(groups, size, columns.counts[sum].data);
  if (having) return (groups, size) => worthBy(groups, size, columns.counts[having].data, ABOVE_ZERO);
  if (!where) return countsBy;
  const allowed = allowedCodes(facts.dictionaries[where.column], where.column, where.is);
  return (groups, size) => worthBy(groups, size, columns.dimensions[where.column].data, allowed);
}

/** A measure over cells as one over groups of cells: counts are added, histograms merged. */
export function merged(byCell: Measured, cellsOf: (group: number) => readonly number[]): Measured {
  const { bucketsAt } = byCell;
  if (!bucketsAt) {
    return { at: (group) => cellsOf(group).reduce((sum, cell) => sum + (byCell.at(cell) as number), 0) };
  }
  return {
    at(group) {
      const parts = cellsOf(group).map(bucketsAt);
      const all = new Uint16Array(parts.reduce((length, part) => length + part.length, 0));
      let offset = 0;
      for (const part of parts) {
        all.set(part, offset);
        offset += part.length;
      }
      return percentilesOf(all);
    },
  };
}

/** What a count of actions adds to a count of facts that had any: they go up to so many. */
const ABOVE_ZERO = Uint8Array.from({ length: 65_536 }, (_, count) => (count > 0 ? 1 : 0));

function countsBy(groups: Int32Array, size: number): Measured {
  const counts = new Uint32Array(size);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0) counts[group]! += 1;
  }
  return { at: (group) => counts[group]! };
}

function sumsBy(groups: Int32Array, size: number, column: ArrayLike<number>): Measured {
  const sums = new Float64Array(size);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0) sums[group]! += column[i]!;
  }
  return { at: (group) => sums[group]! };
}

/** Adds up what the values of a column are worth. */
function worthBy(groups: Int32Array, size: number, column: ArrayLike<number>, worth: Uint8Array): Measured {
  const sums = new Uint32Array(size);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0) sums[group]! += worth[column[i]!]!;
  }
  return { at: (group) => sums[group]! };
}

/** Sorts the buckets by group, so that each group's histogram is made and read in one place. */
function durationsBy(groups: Int32Array, size: number, column: ArrayLike<number>): Measured {
  const starts = new Uint32Array(size + 1);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0 && column[i] !== NO_DURATION) starts[group + 1]! += 1;
  }
  for (let group = 0; group < size; group++) starts[group + 1]! += starts[group]!;
  const sorted = new Uint16Array(starts[size]!);
  const next = starts.slice();
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group < 0) continue;
    const bucket = column[i]!;
    if (bucket !== NO_DURATION) sorted[next[group]!++] = bucket;
  }
  const bucketsAt = (group: number): Uint16Array => sorted.subarray(starts[group]!, starts[group + 1]!);
  return { at: (group) => percentilesOf(bucketsAt(group)), bucketsAt };
}
