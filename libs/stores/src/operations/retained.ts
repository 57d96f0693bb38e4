import { environmentName, type EnvironmentId } from '@waybill/domain';
import type { Connection } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';

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

const seqOf = (row: string): string => `coalesce(json_extract(${row}.record, '$.directive.seq'), 0)`;

/** Records are JSON objects; reading one back gives what was kept. */
export function createRetained<R extends Retainable>(db: Connection): Retained<R> {
  const run = guarded(db);
  const load = db
    .prepare<[string], string>(
      `SELECT record FROM retained WHERE location = ? AND record <> '${DROPPED}' ORDER BY environment`,
    )
    .pluck();
  const keep = db.prepare(
    `INSERT INTO retained (location, environment, generation, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (location, environment) DO UPDATE SET generation = excluded.generation, record = excluded.record
     WHERE excluded.generation > retained.generation
       OR (excluded.generation = retained.generation AND retained.record <> '${DROPPED}'
         AND ${seqOf('excluded')} > ${seqOf('retained')})`,
  );
  const drop = db.prepare(
    `UPDATE retained SET record = '${DROPPED}'
     WHERE location = ? AND environment = ? AND generation <= ? AND record <> '${DROPPED}'`,
  );
  return {
    drop: (environment, generation) =>
      run(() => drop.run(environment.location, environmentName(environment), generation).changes > 0),
    load: (location) => run(() => load.all(location).map((record) => JSON.parse(record) as R)),
    keep: (record) =>
      run(() => {
        const { environment, generation } = record;
        return (
          keep.run(environment.location, environmentName(environment), generation, JSON.stringify(record)).changes > 0
        );
      }),
  };
}
