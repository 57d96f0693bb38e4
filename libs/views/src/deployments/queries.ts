import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { durationBetween, groupedBy, inOrderOf, wantedOf, type Read } from '../reading.js';
import { newestMigrations, withPredecessors, type MigrationRow } from '../locations/migrations.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { deploymentTable } from './table.js';

export type DeploymentRow = Omit<
  RowOf<typeof deploymentTable.columns>,
  'position' | 'askedFor' | 'untilPosition' | 'happenedAt' | 'happenedUntil' | 'goodPosition' | 'goodHappenedAt'
> & {
  /** Position of the event that asked for it. */
  readonly order: string;
  readonly durationMs: number | null;
};

export interface DeploymentFilter {
  readonly environment?: string | null | undefined;
  readonly project?: string | null | undefined;
  /** Projects that the list is cut to, whatever else it asks for; all when left out, none when empty. */
  readonly projects?: readonly string[] | null | undefined;
  readonly slot?: string | null | undefined;
  readonly location?: string | null | undefined;
  /** Also what ran at the locations, or in the environments, that were migrated to the one that is asked for. */
  readonly followMigrations?: boolean | null | undefined;
  readonly release?: string | null | undefined;
  readonly states?: readonly string[] | null | undefined;
}

export interface DeploymentQueries {
  get(name: string): Promise<DeploymentRow | undefined>;
  /** In the order of the names. */
  getMany(names: readonly string[]): Promise<readonly (DeploymentRow | undefined)[]>;
  /** Newest first. */
  list(request?: PageRequest & { readonly filter?: DeploymentFilter | null | undefined }): Promise<Page<DeploymentRow>>;
  /** Oldest first. */
  ofRelease(release: string): Promise<readonly DeploymentRow[]>;
  /** The same for several releases at once, in the order of their ids. */
  ofReleases(releases: readonly string[]): Promise<readonly (readonly DeploymentRow[])[]>;
  /** The newest deployment below a generation that was ever delivered or healthy: what a rollback goes back to. */
  lastGoodBefore(environment: string, generation: number): Promise<DeploymentRow | undefined>;
}

export function deploymentQueries(read: Read): DeploymentQueries {
  return {
    get: (name) =>
      read(async (db) => {
        const row = await db.selectFrom('deployments').selectAll().where('name', '=', name).executeTakeFirst();
        return row && toDeployment(row);
      }),
    getMany: (names) =>
      read(async (db) => {
        if (names.length === 0) return [];
        const rows = await db
          .selectFrom('deployments')
          .selectAll()
          .where('name', 'in', [...names])
          .execute();
        return inOrderOf(names, rows.map(toDeployment), (row) => row.name);
      }),
    list: ({ filter, ...request } = {}) =>
      read(async (db) => {
        const wanted = given(filter ?? {});
        let query = db.selectFrom('deployments').selectAll();
        for (const field of ['project', 'slot', 'release'] as const) {
          const value = wanted[field];
          if (value !== null) query = query.where(field, '=', value);
        }
        const migrations = wanted.followMigrations ? await newestMigrations(db) : [];
        if (wanted.location !== null) {
          query = query.where('location', 'in', withPredecessors(migrations, wanted.location));
        }
        if (wanted.environment !== null) {
          query = query.where('environment', 'in', environmentsBefore(migrations, wanted.environment));
        }
        if (wanted.projects !== null) query = query.where('project', 'in', wanted.projects);
        if (wanted.states !== null) query = query.where('state', 'in', wanted.states);
        return readPage(query, request, {
          fingerprint: listFingerprint('deployments', wanted),
          by: 'deployments.position',
          type: 'number',
          direction: 'desc',
          keyOf: (row) => Number(row.position),
          nodes: (rows) => rows.map(toDeployment),
        });
      }),
    ofRelease: (release) =>
      read(async (db) => {
        const rows = db.selectFrom('deployments').selectAll().where('release', '=', release).orderBy('position');
        return (await rows.execute()).map(toDeployment);
      }),
    ofReleases: (releases) =>
      read(async (db) => {
        if (releases.length === 0) return [];
        const rows = await db
          .selectFrom('deployments')
          .selectAll()
          .where('release', 'in', [...releases])
          .orderBy('position')
          .execute();
        const byRelease = groupedBy(rows.map(toDeployment), (row) => row.release ?? '');
        return releases.map((release) => byRelease.get(release) ?? []);
      }),
    lastGoodBefore: (environment, generation) =>
      read(async (db) => {
        const row = await db
          .selectFrom('deployments')
          .selectAll()
          .where('environment', '=', environment)
          .where('generation', '<', generation)
          .where('good', '=', 1)
          .orderBy('generation', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (row) return toDeployment(row);
        const [, ...earlier] = environmentsBefore(await newestMigrations(db), environment);
        if (earlier.length === 0) return undefined;
        const name = `${environment}.${generation}`;
        const current = await db
          .selectFrom('deployments')
          .select('release')
          .where('name', '=', name)
          .executeTakeFirst();
        const before = await db
          .selectFrom('deployments')
          .selectAll()
          .where('environment', 'in', earlier)
          .where('good', '=', 1)
          .where('release', '!=', current?.release ?? '')
          .orderBy('position', 'desc')
          .limit(1)
          .executeTakeFirst();
        return before && toDeployment(before);
      }),
  };
}

/** Names of an environment and of those whose history it carries on. */
function environmentsBefore(migrations: readonly MigrationRow[], name: string): readonly string[] {
  const at = name.lastIndexOf('@');
  if (at === -1) return [name];
  return withPredecessors(migrations, name.slice(at + 1)).map((location) => `${name.slice(0, at)}@${location}`);
}

function given(filter: DeploymentFilter) {
  return {
    environment: filter.environment ?? null,
    project: filter.project ?? null,
    projects: filter.projects ? [...new Set(filter.projects)].sort() : null,
    slot: filter.slot ?? null,
    location: filter.location ?? null,
    followMigrations: filter.followMigrations ?? false,
    release: filter.release ?? null,
    states: wantedOf(filter.states),
  };
}

function toDeployment(stored: Schema['deployments']): DeploymentRow {
  const decoded = decodeRow(deploymentTable, stored);
  const { position, askedFor, untilPosition, happenedAt, happenedUntil, goodPosition, goodHappenedAt, ...row } =
    decoded;
  return { ...row, order: String(position), durationMs: durationBetween(row.requestedAt, row.finishedAt) };
}
