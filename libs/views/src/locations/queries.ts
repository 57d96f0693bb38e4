import type { Delivery, KnownResource } from '@waybill/domain';
import type { Kysely } from 'kysely';
import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { groupedBy, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { followed, newestMigrations, type MigrationRow } from './migrations.js';
import { locationTable, resourceTable, type OperatorRow } from './table.js';

export type ResourceRow = Omit<RowOf<typeof resourceTable.columns>, 'id' | 'onboarded'>;

export type LocationRow = Omit<RowOf<typeof locationTable.columns>, 'operator' | 'silentSince'> & {
  readonly operator: (OperatorRow & { readonly silent: boolean; readonly silentSince: string | null }) | null;
  /** By key, retired ones too. */
  readonly resources: readonly ResourceRow[];
};

export interface ResourceFilter {
  readonly location?: string | null | undefined;
  readonly kind?: string | null | undefined;
}

export interface LocationQueries {
  get(key: string): Promise<LocationRow | undefined>;
  /** By key. */
  list(request?: PageRequest): Promise<Page<LocationRow>>;
  all(): Promise<readonly LocationRow[]>;
  /** By key and location. A resource of a retired location counts as retired. */
  resources(request?: PageRequest & ResourceFilter): Promise<Page<ResourceRow>>;
  /** The one that is offered under this key, else the one that was onboarded last. */
  resource(key: string): Promise<ResourceRow | undefined>;
  /**
   * What rules may name: neither the resource nor its location is retired, or its location was migrated; then it is
   * what stands for it today. By key.
   */
  knownResources(): Promise<readonly KnownResource[]>;
  /** The newest migration of a location to another one. */
  migration(location: string): Promise<MigrationRow | undefined>;
  /** The newest one of every location that ever had one, by location. */
  migrations(): Promise<readonly MigrationRow[]>;
}

const PRESET = 50;

export function locationQueries(read: Read): LocationQueries {
  return {
    get: (key) =>
      read(async (db) => {
        const rows = await db.selectFrom('locations').selectAll().where('key', '=', key).execute();
        return (await withResources(db, rows))[0];
      }),
    list: (request = {}) =>
      read((db) =>
        readPage(db.selectFrom('locations').selectAll(), request, {
          fingerprint: listFingerprint('locations', null),
          by: 'locations.key',
          type: 'string',
          direction: 'asc',
          preset: PRESET,
          keyOf: (row) => row.key,
          nodes: (rows) => withResources(db, rows),
        }),
      ),
    all: () =>
      read(async (db) => withResources(db, await db.selectFrom('locations').selectAll().orderBy('key').execute())),
    resources: ({ location = null, kind = null, ...request } = {}) =>
      read((db) => {
        let query = offered(db);
        if (location !== null) query = query.where('resources.location', '=', location);
        if (kind !== null) query = query.where('resources.kind', '=', kind);
        return readPage(query, request, {
          fingerprint: listFingerprint('resources', { location, kind }),
          by: 'resources.id',
          type: 'string',
          direction: 'asc',
          preset: PRESET,
          keyOf: (row) => row.id,
          nodes: (rows) => rows.map(toResource),
        });
      }),
    resource: (key) =>
      read(async (db) => {
        const rows = await offered(db)
          .where('resources.key', '=', key)
          .orderBy('resources.onboarded', 'desc')
          .execute();
        const resources = rows.map(toResource);
        return resources.find((resource) => !resource.retired) ?? resources[0];
      }),
    knownResources: () =>
      read(async (db) => {
        const rows = await offered(db).select('locations.delivery').orderBy('resources.onboarded').execute();
        const known = (row: (typeof rows)[number]): KnownResource => {
          const { key: resource, kind, location } = toResource(row);
          return { resource, kind, location, delivery: (JSON.parse(row.delivery) as Delivery).kind };
        };
        const inUse = rows.filter((row) => !toResource(row).retired).map(known);
        return followed(await newestMigrations(db), inUse, rows.map(known));
      }),
    migration: (location) =>
      read(async (db) => (await newestMigrations(db)).find((migration) => migration.location === location)),
    migrations: () => read(newestMigrations),
  };
}

type OfferedRow = Schema['resources'] & { locationRetired: number };

const offered = (db: Kysely<Schema>) =>
  db
    .selectFrom('resources')
    .innerJoin('locations', 'locations.key', 'resources.location')
    .selectAll('resources')
    .select('locations.retired as locationRetired');

function toResource(stored: OfferedRow): ResourceRow {
  const { id: _, onboarded: __, ...row } = decodeRow(resourceTable, stored);
  return { ...row, retired: row.retired || Number(stored.locationRetired) === 1 };
}

async function withResources(db: Kysely<Schema>, stored: readonly Schema['locations'][]): Promise<LocationRow[]> {
  if (stored.length === 0) return [];
  const keys = stored.map((row) => row.key);
  const rows = await offered(db).where('resources.location', 'in', keys).orderBy('resources.key').execute();
  const resources = groupedBy(rows.map(toResource), (resource) => resource.location);
  return stored.map((row) => {
    const { operator, silentSince, ...location } = decodeRow(locationTable, row);
    return {
      ...location,
      operator: operator && { ...operator, silent: silentSince !== null, silentSince },
      resources: resources.get(location.key) ?? [],
    };
  });
}
