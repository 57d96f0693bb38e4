import { bucketsOf, type TimeBucket } from './calendar.js';
import { NO_DURATION, type Dictionary, type FactColumns, type Facts } from './facts.js';
import type { Plan } from './question.js';
import { DIMENSIONS, LISTS, measureOf, type DimensionColumn, type DimensionName } from './vocabulary.js';
import { percentilesOf, type Percentiles } from './histogram.js';
import type { FactKind } from './table.js';

/** A fact that the question is not about. */
const OUT = -1;

/** Up to so many combinations groups are told by a table, beyond by a map. */
const TABLE_LIMIT = 8_000_000;

/** What facts of one group come to: a number of facts or actions, or durations. */
export type Value = number | Percentiles | null;

/** A group: its values of the keys, by index into {@link Scanned.members} of each key. */
export interface Scanned {
  /** Value of each key by the number that groups have it under: text, none, or a stretch of time. */
  readonly members: readonly (readonly (string | null | TimeBucket)[])[];
  /** Numbers of each key, by group. */
  readonly keys: readonly Int32Array[];
  readonly groups: number;
  /** By measure, then by group. */
  readonly values: readonly (readonly Value[])[];
  /** By measure, over all facts once. */
  readonly totals: readonly Value[];
}

/** Answers a question by one pass over the columns that it names, for each kind of facts that its measures are of. */
export function scan(facts: Facts, plan: Plan): Scanned {
  const { range, calendar, unit } = plan;
  const time = unit && bucketsOf(calendar, unit, range.from, range.to);
  const keys = plan.keys.map((key): Key =>
    key === unit && time
      ? { time: time.ofQuarter, members: time.buckets }
      : expansionOf(facts, DIMENSIONS[key as DimensionName], plan),
  );
  const grouping = new Grouping(keys.length);
  const kinds = [...new Set(plan.measures.map((name) => measureOf(name).of))];
  const entries = new Map(kinds.map((kind) => [kind, entriesOf(facts, kind, plan, keys, grouping)]));
  const groups = grouping.size();
  const values: Value[][] = [];
  const totals: Value[] = [];
  for (const name of plan.measures) {
    const { of } = measureOf(name);
    const { selected, entry } = entries.get(of)!;
    const measure = measureOver(facts, of, name);
    values.push(measure(entry, groups));
    totals.push(measure(selected, 1)[0]!);
  }
  return {
    members: keys.map(({ members }) => members),
    keys: grouping.keysOfGroups(),
    groups,
    values,
    totals,
  };
}

/** How facts are told apart by one key. */
type Key =
  | { readonly time: Int32Array; readonly members: readonly TimeBucket[] }
  | {
      readonly column: DimensionColumn;
      readonly members: readonly (string | null)[];
      /** Number of the only member of each code; {@link OUT} when there is none or several. */
      readonly single: Int32Array;
      /** Of codes with several members, or none that the filter lets through. */
      readonly several: ReadonlyMap<number, readonly number[]>;
    };

/** Facts with their groups. `facts` is left out when entry `i` is fact `i`. */
interface Entries {
  readonly groups: Int32Array;
  readonly facts?: Int32Array;
}

/** A list of values is taken apart, so that a fact counts under each; those that the filter keeps out are left out. */
function expansionOf(facts: Facts, column: DimensionColumn, plan: Plan): Key {
  const dictionary = facts.dictionaries[column];
  if (!LISTS.has(column)) {
    const single = Int32Array.from(dictionary.values, (_, code) => code);
    return { column, members: dictionary.values, single, several: new Map() };
  }
  const wanted = plan.filters.filter(({ dimension }) => DIMENSIONS[dimension] === column).map(testOf);
  const numbers = new Map<string | null, number>();
  const members: (string | null)[] = [];
  const several = new Map<number, readonly number[]>();
  const single = Int32Array.from(dictionary.values, (value, code) => {
    const own = membersOf(value).filter((member) => wanted.every((test) => test(member)));
    const found = own.map((member) => {
      let number = numbers.get(member);
      if (number === undefined) {
        number = members.length;
        members.push(member);
        numbers.set(member, number);
      }
      return number;
    });
    if (found.length === 1) return found[0]!;
    several.set(code, found);
    return OUT;
  });
  return { column, members, single, several };
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
  let entry: Entries = keys.length === 0 ? { groups: selected } : { groups: selected.slice() };
  keys.forEach((key, level) => {
    entry = grouping.divide(level, entry, key, columns, from);
  });
  if (keys.length === 0) grouping.whole();
  return { selected: { groups: selected }, entry };
}

/** Gives groups their numbers, key by key: facts of one group so far that differ in the next key become several. */
class Grouping {
  private readonly levels: { parents: number[]; numbers: number[]; known: Map<number, number> }[];
  private isWhole = false;

  constructor(private readonly depth: number) {
    this.levels = Array.from({ length: depth }, () => ({ parents: [], numbers: [], known: new Map() }));
  }

  whole(): void {
    this.isWhole = true;
  }

  size(): number {
    return this.depth === 0 ? (this.isWhole ? 1 : 0) : this.levels[this.depth - 1]!.parents.length;
  }

  divide(level: number, entry: Entries, key: Key, columns: FactColumns, from: number): Entries {
    return 'time' in key
      ? this.number(level, byTime(entry, key.time, columns.quarters.data, from), key.members.length)
      : this.number(level, byDimension(entry, key, columns.dimensions[key.column].data), key.members.length);
  }

  /** Replaces (group, number) by the number of the group that both make. */
  private number(level: number, { entry, numbers }: Numbered, members: number): Entries {
    const { groups } = entry;
    const parents = level === 0 ? 1 : this.levels[level - 1]!.parents.length;
    const to = this.levels[level]!;
    const space = parents * members;
    if (space <= TABLE_LIMIT) {
      const table = new Int32Array(space);
      for (let group = 0; group < to.parents.length; group++) {
        table[to.parents[group]! * members + to.numbers[group]!] = group + 1;
      }
      for (let i = 0; i < groups.length; i++) {
        const parent = groups[i]!;
        const number = numbers[i]!;
        if (parent < 0) continue;
        const at = parent * members + number;
        let group = table[at]!;
        if (group === 0) {
          to.parents.push(parent);
          to.numbers.push(number);
          group = to.parents.length;
          table[at] = group;
        }
        groups[i] = group - 1;
      }
      for (let group = 0; group < to.parents.length; group++) {
        to.known.set(to.parents[group]! * members + to.numbers[group]!, group);
      }
      return entry;
    }
    for (let i = 0; i < groups.length; i++) {
      const parent = groups[i]!;
      if (parent < 0) continue;
      const at = parent * members + numbers[i]!;
      let group = to.known.get(at);
      if (group === undefined) {
        group = to.parents.length;
        to.parents.push(parent);
        to.numbers.push(numbers[i]!);
        to.known.set(at, group);
      }
      groups[i] = group;
    }
    return entry;
  }

  keysOfGroups(): Int32Array[] {
    const keys = this.levels.map(() => new Int32Array(this.size()));
    for (let group = 0; group < this.size(); group++) {
      let at = group;
      for (let level = this.depth - 1; level >= 0; level--) {
        keys[level]![group] = this.levels[level]!.numbers[at]!;
        at = this.levels[level]!.parents[at]!;
      }
    }
    return keys;
  }
}

/** Entries and the number that each has under the key at hand. */
interface Numbered {
  readonly entry: Entries;
  readonly numbers: Int32Array;
}

function byTime(entry: Entries, time: Int32Array, quarters: ArrayLike<number>, from: number): Numbered {
  const { groups, facts } = entry;
  const numbers = new Int32Array(groups.length);
  for (let i = 0; i < groups.length; i++) {
    if (groups[i]! >= 0) numbers[i] = time[quarters[facts ? facts[i]! : i]! - from]!;
  }
  return { entry, numbers };
}

function byDimension(
  entry: Entries,
  key: Extract<Key, { column: DimensionColumn }>,
  codes: ArrayLike<number>,
): Numbered {
  const { groups, facts } = entry;
  const { single, several } = key;
  const numbers = new Int32Array(groups.length);
  if (several.size === 0) {
    for (let i = 0; i < groups.length; i++) numbers[i] = single[codes[facts ? facts[i]! : i]!]!;
    return { entry, numbers };
  }
  const more: { fact: number; group: number; number: number }[] = [];
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group < 0) continue;
    const fact = facts ? facts[i]! : i;
    const code = codes[fact]!;
    const number = single[code]!;
    if (number !== OUT) {
      numbers[i] = number;
      continue;
    }
    const [first, ...others] = several.get(code)!;
    if (first === undefined) {
      groups[i] = OUT;
      continue;
    }
    numbers[i] = first;
    for (const other of others) more.push({ fact, group, number: other });
  }
  if (more.length === 0) return { entry, numbers };
  const length = groups.length + more.length;
  const wider = { facts: new Int32Array(length), groups: new Int32Array(length) };
  const widerNumbers = new Int32Array(length);
  for (let i = 0; i < groups.length; i++) wider.facts[i] = facts ? facts[i]! : i;
  wider.groups.set(groups);
  widerNumbers.set(numbers);
  more.forEach(({ fact, group, number }, i) => {
    wider.facts[groups.length + i] = fact;
    wider.groups[groups.length + i] = group;
    widerNumbers[groups.length + i] = number;
  });
  return { entry: wider, numbers: widerNumbers };
}

/** The values of a measure, by group. */
function measureOver(
  facts: Facts,
  of: FactKind,
  name: Plan['measures'][number],
): (entries: Entries, groups: number) => Value[] {
  const { where, sum, having, duration } = measureOf(name);
  const columns = facts.kinds[of];
  if (duration) return (entries, groups) => durationsBy(entries, groups, columns.durations[duration].data);
  if (sum) return (entries, groups) => sumsBy(entries, groups, columns.counts[sum].data);
  if (having) {
    const counts = columns.counts[having].data;
    return (entries, groups) => countsBy(entries, groups, counts, (count) => count > 0);
  }
  if (!where) return (entries, groups) => countsBy(entries, groups);
  const allowed = allowedCodes(facts.dictionaries[where.column], where.column, where.is);
  const codes = columns.dimensions[where.column].data;
  return (entries, groups) => countsBy(entries, groups, codes, (code) => allowed[code] === 1);
}

function countsBy(
  { groups, facts }: Entries,
  size: number,
  column?: ArrayLike<number>,
  is?: (value: number) => boolean,
): number[] {
  const counts = new Uint32Array(size);
  if (column && is) {
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      if (group >= 0 && is(column[facts ? facts[i]! : i]!)) counts[group]! += 1;
    }
  } else {
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i]!;
      if (group >= 0) counts[group]! += 1;
    }
  }
  return Array.from(counts);
}

function sumsBy({ groups, facts }: Entries, size: number, column: ArrayLike<number>): number[] {
  const sums = new Float64Array(size);
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!;
    if (group >= 0) sums[group]! += column[facts ? facts[i]! : i]!;
  }
  return Array.from(sums);
}

/** Sorts the buckets by group, so that each group's histogram is made and read in one place. */
function durationsBy({ groups, facts }: Entries, size: number, column: ArrayLike<number>): Value[] {
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
  return Array.from({ length: size }, (_, group) => percentilesOf(sorted.subarray(starts[group]!, starts[group + 1]!)));
}
