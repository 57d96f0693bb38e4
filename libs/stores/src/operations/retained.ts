import { environmentName, type EnvironmentId } from '@waybill/domain';
import type { Sql } from '../sql/sql.js';

/** What the store needs to know of a channel record; the rest is kept as it is. */
export interface Retainable {
  readonly environment: EnvironmentId;
  readonly generation: number;
  /** Within a generation the newest one counts. */
  readonly directive?: { readonly seq: number } | null;
}

/** `RetainedRecords` of the channel, for the in-process one: the newest record of each environment. */
export interface Retained<R extends Retainable = Retainable> {
  load(location: string): Promise<readonly R[]>;
  /**
   * Keeps the record unless one as new or newer is there, by generation and then by directive, or one of its generation
   * or a higher one was; tells whether it was kept.
   */
  keep(record: R): Promise<boolean>;
  /** Drops the environment's record unless it is of a generation above this one; tells whether it did. */
  drop(environment: EnvironmentId, generation: number): Promise<boolean>;
}

/** Stands in place of a record that was dropped: its generation stays, so that no older one comes back. */
const DROPPED = 'null';

/** Records are JSON objects; reading one back gives what was kept. */
export const createRetained = <R extends Retainable>(sql: Sql): Retained<R> => ({
  async drop(environment, generation) {
    const dropped = await sql.run(
      `UPDATE retained SET record = '${DROPPED}'
       WHERE location = ? AND environment = ? AND generation <= ? AND record <> '${DROPPED}'`,
      environment.location,
      environmentName(environment),
      generation,
    );
    return dropped > 0;
  },
  async load(location) {
    const rows = await sql.all<{ record: string }>(
      `SELECT record FROM retained WHERE location = ? AND record <> '${DROPPED}' ORDER BY environment`,
      location,
    );
    return rows.map(({ record }) => JSON.parse(record) as R);
  },
  async keep(record) {
    const { environment, generation, directive } = record;
    const kept = await sql.run(
      `INSERT INTO retained (location, environment, generation, directive, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (location, environment) DO UPDATE
       SET generation = excluded.generation, directive = excluded.directive, record = excluded.record
       WHERE excluded.generation > retained.generation
         OR (excluded.generation = retained.generation AND retained.record <> '${DROPPED}'
           AND excluded.directive > retained.directive)`,
      environment.location,
      environmentName(environment),
      generation,
      directive?.seq ?? 0,
      JSON.stringify(record),
    );
    return kept > 0;
  },
});
