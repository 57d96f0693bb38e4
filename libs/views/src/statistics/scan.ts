import { bucketsOf, type TimeBucket } from './calendar.js';
import { NO_DURATION, type Dictionary, type FactColumns, type Facts } from './facts.js';
import { percentilesOf, type Percentiles } from './histogram.js';
import type { Plan } from './question.js';
import type { FactKind } from './table.js';
import { DIMENSIONS, LISTS, measureOf, type DimensionColumn, type DimensionName } from './vocabulary.js';

/** A fact that the question is not about. */
const OUT = -1;

/** Up to so many combinations groups are told by a table, beyond by a map. */
const TABLE_LIMIT = 8_000_000;

/** What facts of one group come to: a number of facts or actions, or durations. */
export type Value = number | Percentiles | null;

/** One measure over all groups. Percentiles are made when they are looked at: of some ten thousand groups few are shown. */
export interface Measured {
  at(group: number): Value;
}

export interface Scanned {
  /** Values of each key, by the number that groups have it under: text, none, or a stretch of time. */
  readonly members: readonly (readonly (string | null | TimeBucket)[])[];
  readonly groups: number;
  /** Number of a key, by group. */
  readonly keyOf: (level: number, group: number) => number;
  /** By measure. */
  readonly values: readonly Measured[];
  /** By measure, over all facts once. */
  readonly totals: readonly Value[];
}

/** Answers a question by passes over the columns that it names, for each kind of facts that its measures are of. */
export function scan(facts: Facts, plan: Plan): Scanned {
  const { range, calendar, unit } = plan;
  const keys = plan.keys.map((key): Key => {
    if (key !== unit) return expansionOf(facts, DIMENSIONS[key as DimensionName], plan);
    const { buckets, ofQuarter } = bucketsOf(calendar, unit, range.from, range.to);
    return { column: null, members: buckets, numbers: ofQuarter, several: null };
  });
  const grouping = new Grouping(keys.length);
  const kinds = [...new Set(plan.measures.map((name) => measureOf(name).of))];
  const entries = new Map(kinds.map((kind) => [kind, entriesOf(facts, kind, plan, keys, grouping)]));
  const groups = grouping.size();
  const measures = plan.measures.map((name) => {
    const { selected, entry } = entries.get(measureOf(name).of)!;
    const measure = measureOver(facts, name);
    return { value: measure(entry, groups), total: measure(selected, 1).at(0) };
  });
  return {
    members: keys.map(({ members }) => members),
    groups,
    keyOf: (level, group) => grouping.keyOf(level, group),
    values: measures.map(({ value }) => value),
    totals: measures.map(({ total }) => total),
  };
}

/** How facts are told apart by one key. */
interface Key {
  /** Null: by time. */
  readonly column: DimensionColumn | null;
  readonly members: readonly (string | null | TimeBucket)[];
  /** Number of each code, or of each quarter of the range; {@link OUT} for a list of none or several. */
  readonly numbers: Int32Array;
  /** Numbers of codes that are lists of none or several; null when there is no such code. */
  readonly several: ReadonlyMap<number, readonly number[]> | null;
}

/** Facts with their groups. `facts` is left out when entry `i` is fact `i`. */
interface Entries {
  readonly groups: Int32Array;
  readonly facts?: Int32Array;
}

/** A list of values is taken apart, so that a fact counts under each; those that the filter keeps out are left out. */
function expansionOf(facts: Facts, column: DimensionColumn, plan: Plan): Key {
  const dictionary = facts.dictionaries[column];
  if (!LISTS.has(column)) {
    const numbers = Int32Array.from(dictionary.values, (_, code) => code);
    return { column, members: dictionary.values, numbers, several: null };
  }
  const wanted = plan.filters.filter(({ dimension }) => DIMENSIONS[dimension] === column).map(testOf);
  const known = new Map<string | null, number>();
  const members: (string | null)[] = [];
  const several = new Map<number, readonly number[]>();
  const numbers = Int32Array.from(dictionary.values, (value, code) => {
    const own = membersOf(value).filter((member) => wanted.every((test) => test(member)));
    const found = own.map((member) => {
      let number = known.get(member);
      if (number === undefined) {
        number = members.length;
        members.push(member);
        known.set(member, number);
      }
      return number;
    });
    if (found.length === 1) return found[0]!;
    several.set(code, found);
    return OUT;
  });
  return { column, members, numbers, several: several.size === 0 ? null : several };
}

const membersOf = (value: string | null): readonly (string | null)[] => (value === null ? [null] : value.split(','));

function testOf(filter: Plan['filters'][number]): (value: string | null) => boolean {
  const values = new Set(filter.in ?? filter.notIn);
  return filter.in ? (value) => values.has(value) : (value) => !values.has(value);
}

function allowedCodes(
  dictionary: Dictionary,
  column: DimensionColumn,
  test: (value: string | null) => boolean,
): Uint8Array {
  return Uint8Array.from(dictionary.values, (value) =>
    (LISTS.has(column) ? membersOf(value).some(test) : test(value)) ? 1 : 0,
  );
}

/** Which facts the question is about (`selected`: group 0 or out), and each with its group, once for each of its values. */
function entriesOf(
  facts: Facts,
  kind: FactKind,
  plan: Plan,
  keys: readonly Key[],
  grouping: Grouping,
): { selected: Entries; entry: Entries } {
  const columns = facts.kinds[kind];
  const selected = new Int32Array(columns.size);
  const quarters = columns.quarters.data;
  const { from, to } = plan.range;
  for (let i = 0; i < selected.length; i++) {
    const quarter = quarters[i]!;
    if (quarter < from || quarter >= to) selected[i] = OUT;
  }
  for (const filter of plan.filters) {
    const column = DIMENSIONS[filter.dimension];
    const allowed = allowedCodes(facts.dictionaries[column], column, testOf(filter));
    const codes = columns.dimensions[column].data;
    for (let i = 0; i < selected.length; i++) if (allowed[codes[i]!] === 0) selected[i] = OUT;
  }
  let entry: Entries = { groups: keys.length === 0 ? selected : selected.slice() };
  keys.forEach((key, level) => {
    entry = grouping.divide(level, entry, key, columns, from);
  });
  return { selected: { groups: selected }, entry };
}

/** Groups of one key: the group of the keys before it, and the number under this key. */
interface Level {
  readonly parents: number[];
  readonly numbers: number[];
}

/** Gives groups their numbers, key by key: facts of one group so far that differ in the next key become several. */
class Grouping {
  private readonly levels: readonly Level[];

  constructor(depth: number) {
    this.levels = Array.from({ length: depth }, () => ({ parents: [], numbers: [] }));
  }

  size(): number {
    return this.levels.at(-1)?.parents.length ?? 1;
  }

  keyOf(level: number, group: number): number {
    let at = group;
    for (let last = this.levels.length - 1; last > level; last--) at = this.levels[last]!.parents[at]!;
    return this.levels[level]!.numbers[at]!;
  }

  /** Takes over the groups of an entry: each becomes the group that it and its number under the key make. */
  divide(level: number, entry: Entries, key: Key, columns: FactColumns, from: number): Entries {
    const codes = key.column === null ? columns.quarters.data : columns.dimensions[key.column].data;
    const first = key.column === null ? from : 0;
    if (key.several) {
      const { wider, numbers } = expanded(entry, key.numbers, key.several, codes);
      this.renumber(level, wider.groups, key.members.length, (i) => numbers[i]!);
      return wider;
    }
    const { groups, facts } = entry;
    const { numbers } = key;
    if (facts) this.renumber(level, groups, key.members.length, (i) => numbers[codes[facts[i]!]! - first]!);
    else this.renumber(level, groups, key.members.length, (i) => numbers[codes[i]! - first]!);
    return entry;
  }

  private renumber(level: number, groups: Int32Array, members: number, numberOf: (i: number) => number): void {
    const { parents, numbers } = this.levels[level]!;
    const space = (level === 0 ? 1 : this.levels[level - 1]!.parents.length) * members;
    const known = space <= TABLE_LIMIT ? tableOf(new Int32Array(space)) : new Map<number, number>();
    for (let group = 0; group < parents.length; group++) known.set(parents[group]! * members + numbers[group]!, group);
    for (let i = 0; i < groups.length; i++) {
      const parent = groups[i]!;
      if (parent < 0) continue;
      const number = numberOf(i);
      const at = parent * members + number;
      let group = known.get(at);
      if (group === undefined) {
        group = parents.length;
        parents.push(parent);
        numbers.push(number);
        known.set(at, group);
      }
      groups[i] = group;
    }
  }
}

/** A map of small numbers: several times faster than a `Map`, at four bytes a possible key. */
function tableOf(table: Int32Array): { get(at: number): number | undefined; set(at: number, group: number): void } {
  return {
    get(at) {
      const group = table[at]!;
      return group === 0 ? undefined : group - 1;
    },
    set(at, group) {
      table[at] = group + 1;
    },
  };
}

/** Each fact once for each of the values that it has under a key. */
function expanded(
  { groups, facts }: Entries,
  numbers: Int32Array,
  several: ReadonlyMap<number, readonly number[]>,
  codes: ArrayLike<number>,
): { wider: Required<Entries>; numbers: Int32Array } {
  const lists: (readonly number[] | undefined)[] = Array.from(numbers, (_, code) => several.get(code));
  const times = Int32Array.from(lists, (list) => list?.length ?? 1);
  let length = 0;
  for (let i = 0; i < groups.length; i++) {
    if (groups[i]! >= 0) length += times[codes[facts ? facts[i]! : i]!]!;
  }
  const wider = { groups: new Int32Array(length), facts: new Int32Array(length) };
  const widerNumbers = new Int32Array(length);
  let at = 0;
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group < 0) continue;
    const fact = facts ? facts[i]! : i;
    const code = codes[fact]!;
    const list = lists[code];
    for (let nth = 0; nth < times[code]!; nth++) {
      wider.groups[at] = group;
      wider.facts[at] = fact;
      widerNumbers[at] = list ? list[nth]! : numbers[code]!;
      at += 1;
    }
  }
  return { wider, numbers: widerNumbers };
}

/** How a measure is taken, over groups of entries. */
function measureOver(facts: Facts, name: Plan['measures'][number]): (entries: Entries, groups: number) => Measured {
  const { of, where, sum, having, duration } = measureOf(name);
  const columns = facts.kinds[of];
  if (duration) return (entries, groups) => durationsBy(entries, groups, columns.durations[duration].data);
  if (sum) return (entries, groups) => sumsBy(entries, groups, columns.counts[sum].data);
  if (having) return (entries, groups) => sumsBy(entries, groups, columns.counts[having].data, ABOVE_ZERO);
  if (!where) return countsBy;
  const allowed = allowedCodes(facts.dictionaries[where.column], where.column, where.is);
  return (entries, groups) => sumsBy(entries, groups, columns.dimensions[where.column].data, allowed);
}

/** What a count of actions adds to a count of facts that had any: counts go up to so many. */
const ABOVE_ZERO = Uint8Array.from({ length: 65_536 }, (_, count) => (count > 0 ? 1 : 0));

function countsBy({ groups }: Entries, size: number): Measured {
  const counts = new Uint32Array(size);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0) counts[group]! += 1;
  }
  return { at: (group) => counts[group]! };
}

/** Adds up a column, or what its values are worth. */
function sumsBy({ groups, facts }: Entries, size: number, column: ArrayLike<number>, worth?: Uint8Array): Measured {
  const sums = new Float64Array(size);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group < 0) continue;
    const value = column[facts ? facts[i]! : i]!;
    sums[group]! += worth ? worth[value]! : value;
  }
  return { at: (group) => sums[group]! };
}

/** Sorts the buckets by group, so that each group's histogram is made and read in one place. */
function durationsBy({ groups, facts }: Entries, size: number, column: ArrayLike<number>): Measured {
  const starts = new Uint32Array(size + 1);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0 && column[facts ? facts[i]! : i] !== NO_DURATION) starts[group + 1]! += 1;
  }
  for (let group = 0; group < size; group++) starts[group + 1]! += starts[group]!;
  const sorted = new Uint16Array(starts[size]!);
  const next = starts.slice();
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group < 0) continue;
    const bucket = column[facts ? facts[i]! : i]!;
    if (bucket !== NO_DURATION) sorted[next[group]!++] = bucket;
  }
  return { at: (group) => percentilesOf(sorted.subarray(starts[group]!, starts[group + 1]!)) };
}
