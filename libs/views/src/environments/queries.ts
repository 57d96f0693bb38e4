import { sql, type Kysely } from 'kysely';
import { operatorIsAbsent } from '../locations/absent.js';
import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { inOrderOf, wantedOf, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { environmentTable, type StoredEnvironmentState } from './table.js';

type EnvironmentRecord = RowOf<typeof environmentTable.columns>;

export type EnvironmentStateName = Exclude<StoredEnvironmentState, 'delayed'> | 'waiting';

export type EnvironmentRow = Omit<
  EnvironmentRecord,
  'state' | 'currentGeneration' | 'lastGoodGeneration' | 'runningGeneration'
> & {
  readonly state: EnvironmentStateName;
  /** Name of the deployment that is wanted; null when removed or being removed. */
  readonly current: string | null;
  /** Name of the last deployment that was delivered or healthy. */
  readonly lastGood: string | null;
  /** Name of the deployment that runs there now: during a rollout in steps, and after it went back, the one before. */
  readonly running: string | null;
};

export interface EnvironmentFilter {
  readonly project?: string | null | undefined;
  /** Projects that the list is cut to, whatever else it asks for; all when left out, none when empty. */
  readonly projects?: readonly string[] | null | undefined;
  readonly slot?: string | null | undefined;
  readonly location?: string | null | undefined;
  readonly states?: readonly string[] | null | undefined;
  /** Default false; `states` with `removed` in it implies it. */
  readonly includeRemoved?: boolean | null | undefined;
}

export interface EnvironmentQueries {
  get(name: string): Promise<EnvironmentRow | undefined>;
  /** In the order of the names. */
  getMany(names: readonly string[]): Promise<readonly (EnvironmentRow | undefined)[]>;
  /** By name. */
  list(
    request?: PageRequest & { readonly filter?: EnvironmentFilter | null | undefined },
  ): Promise<Page<EnvironmentRow>>;
  /** Those of a project that are not removed, by name. */
  ofProject(project: string): Promise<readonly EnvironmentRow[]>;
  /** Those of a slot that are not removed, by name. */
  ofSlot(project: string, slot: string): Promise<readonly EnvironmentRow[]>;
  /** Those of a location, removed ones too, by name. */
  atLocation(location: string): Promise<readonly EnvironmentRow[]>;
  /** All that are not removed, by name. */
  live(): Promise<readonly EnvironmentRow[]>;
}

export function environmentQueries(read: Read): EnvironmentQueries {
  return {
    get: (name) =>
      read(async (db) => {
        const row = await environments(db).where('environments.name', '=', name).executeTakeFirst();
        return row && toEnvironment(row);
      }),
    getMany: (names) =>
      read(async (db) => {
        if (names.length === 0) return [];
        const rows = await environments(db)
          .where('environments.name', 'in', [...names])
          .execute();
        return inOrderOf(names, rows.map(toEnvironment), (row) => row.name);
      }),
    list: ({ filter, ...request } = {}) =>
      read((db) => {
        const wanted = given(filter ?? {});
        let query = environments(db);
        if (wanted.project !== null) query = query.where('environments.project', '=', wanted.project);
        if (wanted.projects !== null) query = query.where('environments.project', 'in', wanted.projects);
        if (wanted.slot !== null) query = query.where('environments.slot', '=', wanted.slot);
        if (wanted.location !== null) query = query.where('environments.location', '=', wanted.location);
        if (wanted.states !== null) query = query.where(shownState, 'in', wanted.states);
        if (!wanted.includeRemoved) query = query.where('environments.state', '!=', 'removed');
        return readPage(query, request, {
          fingerprint: listFingerprint('environments', wanted),
          by: 'environments.name',
          type: 'string',
          direction: 'asc',
          preset: 50,
          keyOf: (row) => row.name,
          nodes: (rows) => rows.map(toEnvironment),
        });
      }),
    ofProject: (project) =>
      read(async (db) => (await live(db).where('environments.project', '=', project).execute()).map(toEnvironment)),
    ofSlot: (project, slot) =>
      read(async (db) => {
        const rows = live(db).where('environments.project', '=', project).where('environments.slot', '=', slot);
        return (await rows.execute()).map(toEnvironment);
      }),
    atLocation: (location) =>
      read(async (db) => {
        const rows = environments(db).where('environments.location', '=', location).orderBy('environments.name');
        return (await rows.execute()).map(toEnvironment);
      }),
    live: () => read(async (db) => (await live(db).execute()).map(toEnvironment)),
  };
}

/** A location without an operator is waited for, never failed; and so is an operator that tries again. */
const shownState = sql<string>`case
  when ${sql.ref('environments.state')} = 'delayed' then 'waiting'
  when ${operatorIsAbsent} and ${sql.ref('environments.state')} in ('deploying', 'removing') then 'waiting'
  else ${sql.ref('environments.state')} end`;

const environments = (db: Kysely<Schema>) =>
  db
    .selectFrom('environments')
    .leftJoin('locations', 'locations.key', 'environments.location')
    .selectAll('environments')
    .select(shownState.as('shownState'));

const live = (db: Kysely<Schema>) =>
  environments(db).where('environments.state', '!=', 'removed').orderBy('environments.name');

function given(filter: EnvironmentFilter) {
  const states = wantedOf(filter.states);
  return {
    project: filter.project ?? null,
    projects: filter.projects ? [...new Set(filter.projects)].sort() : null,
    slot: filter.slot ?? null,
    location: filter.location ?? null,
    states,
    includeRemoved: filter.includeRemoved === true || (states?.includes('removed') ?? false),
  };
}

function toEnvironment(stored: Schema['environments'] & { shownState: string }): EnvironmentRow {
  const {
    state: _,
    currentGeneration,
    lastGoodGeneration,
    runningGeneration,
    ...row
  } = decodeRow(environmentTable, stored);
  const deployment = (generation: number | null): string | null =>
    generation === null ? null : `${row.name}.${generation}`;
  return {
    ...row,
    state: stored.shownState as EnvironmentStateName,
    current: deployment(currentGeneration),
    lastGood: deployment(lastGoodGeneration),
    running: deployment(runningGeneration),
  };
}
