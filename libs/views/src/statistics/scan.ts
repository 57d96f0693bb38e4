import { bucketsOf, type TimeBucket } from './calendar.js';
import { cellsOf, type Cells, type CellKey } from './cells.js';
import type { Facts } from './facts.js';
import { measureOver, merged, type Measured, type Value } from './measuring.js';
import type { Plan } from './question.js';
import type { FactKind } from './table.js';
import { allowedCodes, membersOf, testOf } from './values.js';
import { DIMENSIONS, LISTS, measureOf, type DimensionColumn, type DimensionName } from './vocabulary.js';

export interface Scanned {
  /** Values of each key, by the number that groups have it under: text, none, or a stretch of time. */
  readonly members: readonly (readonly (string | null | TimeBucket)[])[];
  readonly groups: number;
  /** Whether groups are in the order of their numbers, of the first key first. */
  readonly inOrder: boolean;
  /** Number of a key, by group. */
  readonly keyOf: (level: number, group: number) => number;
  /** By measure. */
  readonly values: readonly Measured[];
  /** By measure, over all facts once. */
  readonly totals: readonly Value[];
}

/**
 * Answers a question. Facts that agree in all keys are one cell; a few passes over columns find the cells and what they
 * come to. A cell with a list (a release to two locations) belongs to several groups: lists are taken apart here, where
 * there are few cells, and not fact by fact.
 */
export function scan(facts: Facts, plan: Plan): Scanned {
  const keys = plan.keys.map((key) => keyFor(facts, plan, key));
  const kinds = [...new Set(plan.measures.map((name) => measureOf(name).of))];
  const cells = new Map(kinds.map((kind) => [kind, cellsIn(facts, kind, plan, keys)]));
  const groups = groupsOf(keys, cells);
  const measures = plan.measures.map((name) => {
    const { of } = measureOf(name);
    const own = cells.get(of)!;
    const measure = measureOver(facts, name);
    const byCell = measure(own.cells, own.count);
    return { value: groups.over(of, byCell), total: measure(own.selected, 1).at(0) };
  });
  return {
    members: keys.map(({ members }) => members),
    groups: groups.count,
    inOrder: groups.inOrder,
    keyOf: groups.keyOf,
    values: measures.map(({ value }) => value),
    totals: measures.map(({ total }) => total),
  };
}

/** How facts are told apart by one key, and what its cells are called. */
interface Key {
  /** Null: by time. */
  readonly column: DimensionColumn | null;
  readonly members: readonly (string | null | TimeBucket)[];
  /** Number of cells' places: codes of the dimension, or stretches of time. */
  readonly size: number;
  /** Stretch of each quarter of the range. */
  readonly ofQuarter?: Int32Array;
  /** Members of each code of a list; left out where a code is a member. */
  readonly lists?: readonly (readonly number[])[];
}

function keyFor(facts: Facts, { keys: _, unit, calendar, range, filters }: Plan, key: Plan['keys'][number]): Key {
  if (key === unit) {
    const { buckets, ofQuarter } = bucketsOf(calendar, unit, range.from, range.to);
    return { column: null, members: buckets, size: buckets.length, ofQuarter };
  }
  const column = DIMENSIONS[key as DimensionName];
  const { values } = facts.dictionaries[column];
  if (!LISTS.has(column)) return { column, members: values, size: values.length };
  // Values that the filter keeps out are left out of lists as well.
  const wanted = filters.filter(({ dimension }) => DIMENSIONS[dimension] === column).map(testOf);
  const known = new Map<string | null, number>();
  const lists = values.map((value) =>
    membersOf(value)
      .filter((member) => wanted.every((test) => test(member)))
      .map((member) => {
        const number = known.get(member) ?? known.size;
        known.set(member, number);
        return number;
      }),
  );
  return { column, members: [...known.keys()], size: values.length, lists };
}

function cellsIn(facts: Facts, kind: FactKind, plan: Plan, keys: readonly Key[]): Cells {
  const columns = facts.kinds[kind];
  const filters = plan.filters.map((filter) => {
    const column = DIMENSIONS[filter.dimension];
    const allowed = allowedCodes(facts.dictionaries[column], column, testOf(filter));
    return { codes: columns.dimensions[column].data, allowed };
  });
  const by = keys.map(({ column, size, ofQuarter }): CellKey =>
    column === null
      ? { codes: columns.quarters.data, size, shift: plan.range.from, numbers: ofQuarter! }
      : { codes: columns.dimensions[column].data, size },
  );
  return cellsOf({ size: columns.size, quarters: columns.quarters.data, range: plan.range, filters, keys: by });
}

interface Groups {
  readonly count: number;
  readonly inOrder: boolean;
  readonly keyOf: (level: number, group: number) => number;
  /** A measure over cells of a kind as one over groups. */
  over(kind: FactKind, byCell: Measured): Measured;
}

/** Cells of all kinds as groups. With one kind and no lists, which is most questions, a cell is a group. */
function groupsOf(keys: readonly Key[], cells: ReadonlyMap<FactKind, Cells>): Groups {
  const [only, ...others] = cells.values();
  if (only && others.length === 0 && keys.every(({ lists }) => !lists)) {
    return { count: only.count, inOrder: only.inOrder, keyOf: only.numberOf, over: (_, byCell) => byCell };
  }
  const known = new Map<string, number>();
  const numbers: (readonly number[])[] = [];
  const cellsOfGroups = new Map([...cells.keys()].map((kind) => [kind, [] as (number[] | undefined)[]]));
  for (const [kind, { count, numberOf }] of cells) {
    const own = cellsOfGroups.get(kind)!;
    for (let cell = 0; cell < count; cell++) {
      for (const combination of combinationsOf(keys, (level) => numberOf(level, cell))) {
        const name = combination.join();
        let group = known.get(name);
        if (group === undefined) {
          group = numbers.length;
          known.set(name, group);
          numbers.push(combination);
        }
        (own[group] ??= []).push(cell);
      }
    }
  }
  return {
    count: numbers.length,
    inOrder: false,
    keyOf: (level, group) => numbers[group]![level]!,
    over(kind, byCell) {
      const own = cellsOfGroups.get(kind)!;
      return merged(byCell, (group) => own[group] ?? []);
    },
  };
}

/** Every choice of one member for each key. */
function combinationsOf(keys: readonly Key[], numberOf: (level: number) => number): readonly (readonly number[])[] {
  return keys.reduce<readonly (readonly number[])[]>(
    (before, { lists }, level) => {
      const members = lists ? lists[numberOf(level)]! : [numberOf(level)];
      return before.flatMap((chosen) => members.map((member) => [...chosen, member]));
    },
    [[]],
  );
}
