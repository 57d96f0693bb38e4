import type { Dictionary } from './facts.js';
import type { StatisticsFilter } from './question.js';
import { LISTS, type DimensionColumn } from './vocabulary.js';

export type Test = (value: string | null) => boolean;

/** What a list is made of; nothing is one value, too. */
export const membersOf = (value: string | null): readonly (string | null)[] =>
  value === null ? [null] : value.split(',');

export function testOf(filter: StatisticsFilter): Test {
  const values = new Set(filter.in ?? filter.notIn);
  return filter.in ? (value) => values.has(value) : (value) => !values.has(value);
}

/** 1 for codes whose value passes; of lists, when any of their members does. */
export function allowedCodes(dictionary: Dictionary, column: DimensionColumn, test: Test): Uint8Array {
  return Uint8Array.from(dictionary.values, (value) =>
    (LISTS.has(column) ? membersOf(value).some(test) : test(value)) ? 1 : 0,
  );
}
