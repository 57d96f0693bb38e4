import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.js';

/**
 * True where nobody takes up what is asked for: the operator fell silent, or none ever connected. Git delivery has its
 * operator inside the ledger, which is there as soon as the location is.
 */
export const operatorIsAbsent = sql<boolean>`(${sql.ref('locations.silentSince')} is not null
  or (${sql.ref('locations.operator')} is null and ${sql.ref('locations.delivery')} not like '%"kind":"git"%'))`;

/** Locations whose operator is absent, each with since when it is silent; null when none ever connected. */
export async function absentOperators(db: Kysely<Schema>): Promise<ReadonlyMap<string, string | null>> {
  const rows = await db.selectFrom('locations').select(['key', 'silentSince']).where(operatorIsAbsent).execute();
  return new Map(rows.map(({ key, silentSince }) => [key, silentSince]));
}
