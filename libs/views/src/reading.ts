import type { Kysely } from 'kysely';
import type { Schema } from './schema.js';

/** Runs a query over the views that stand, and keeps them open until it is done, also when a rebuild swaps them. */
export type Read = <T>(query: (db: Kysely<Schema>) => Promise<T>) => Promise<T>;

/** `%` and `_` in what a person typed stand for themselves. Use with `escape '!'`. */
export const likePattern = (fragment: string): string => `%${fragment.replace(/[!%_]/g, '!$&')}%`;

/** Milliseconds between two instants; null while the second is missing. */
export const durationBetween = (from: string, to: string | null): number | null =>
  to === null ? null : Date.parse(to) - Date.parse(from);

/** The rows in the order of the keys that were asked for; undefined where there is none. */
export function inOrderOf<Row>(
  keys: readonly string[],
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): readonly (Row | undefined)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.map((key) => byKey.get(key));
}

export function groupedBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** The values of a filter in one order, without repeats; null when there are none, so that nothing is filtered. */
export const wantedOf = <Value extends string>(values: readonly Value[] | null | undefined): readonly Value[] | null =>
  values && values.length > 0 ? [...new Set(values)].sort() : null;
