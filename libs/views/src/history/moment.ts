import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely';
import type { Schema } from '../schema.js';

/**
 * A moment of the past. `recorded`: as the log was when it had read up to that position. `happened`: as it was at that
 * instant, by all that is known today, whenever it was recorded.
 */
export type Moment =
  { readonly by: 'recorded'; readonly position: number } | { readonly by: 'happened'; readonly instant: string };

/** Whether a row of a table with the columns of `validity` held at the moment. */
export const heldAt = (table: string, moment: Moment): RawBuilder<SqlBool> =>
  moment.by === 'recorded'
    ? between(`${table}.fromPosition`, moment.position, `${table}.untilPosition`)
    : between(`${table}.happenedFrom`, moment.instant, `${table}.happenedUntil`);

export const between = (from: string, at: string | number, until: string): RawBuilder<SqlBool> =>
  sql<SqlBool>`${sql.ref(from)} <= ${at} and ${sql.ref(until)} > ${at}`;

/**
 * Position of the newest event that was recorded at an instant or before; -1 when there was none. The clock of a log
 * never goes back, so the log is in order of both.
 */
export async function positionAt(db: Kysely<Schema>, instant: string): Promise<number> {
  const ends = await db
    .selectFrom('timeline')
    .select(({ fn }) => [fn.min('position').as('first'), fn.max('position').as('last')])
    .executeTakeFirst();
  if (ends?.first == null) return -1;
  let [low, high] = [Number(ends.first) - 1, Number(ends.last)];
  // What was recorded at `low` is early enough. Positions have holes: each step looks at the event below the middle.
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    const event = await db
      .selectFrom('timeline')
      .select(['position', 'recordedAt'])
      .where('position', '<=', middle)
      .orderBy('position', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!event || Number(event.position) <= low || event.recordedAt <= instant) low = middle;
    else high = Number(event.position) - 1;
  }
  return low;
}
