import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { groupedBy, inOrderOf, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { incidentTable, incidentVersionTable } from './table.js';

export type IncidentRow = Omit<RowOf<typeof incidentTable.columns>, 'position'> & {
  /** Position of the event that opened it. */
  readonly order: string;
};

/** What was known after one event. */
export type IncidentVersionRow = Omit<RowOf<typeof incidentVersionTable.columns>, 'position'> & {
  readonly position: string;
};

export interface IncidentFilter {
  readonly project?: string | null | undefined;
  /** Projects that the list is cut to; all when left out. */
  readonly projects?: readonly string[] | null | undefined;
  /** Those that are not over, or those that are. */
  readonly open?: boolean | null | undefined;
  /** Caused by this release, as it was named. */
  readonly cause?: string | null | undefined;
}

export interface IncidentQueries {
  get(incident: string): Promise<IncidentRow | undefined>;
  getMany(incidents: readonly string[]): Promise<readonly (IncidentRow | undefined)[]>;
  /** Those that each of these releases caused, as it was named; newest first, in the order of the releases. */
  ofCauses(releases: readonly string[]): Promise<readonly (readonly IncidentRow[])[]>;
  /** Newest first. */
  list(request?: PageRequest & { readonly filter?: IncidentFilter | null | undefined }): Promise<Page<IncidentRow>>;
  /** Oldest first. */
  versions(incident: string): Promise<readonly IncidentVersionRow[]>;
}

export function incidentQueries(read: Read): IncidentQueries {
  return {
    get: (incident) =>
      read(async (db) => {
        const row = await db.selectFrom('incidents').selectAll().where('incident', '=', incident).executeTakeFirst();
        return row && toIncident(row);
      }),
    getMany: (incidents) =>
      read(async (db) => {
        if (incidents.length === 0) return [];
        const query = db
          .selectFrom('incidents')
          .selectAll()
          .where('incident', 'in', [...incidents]);
        return inOrderOf(incidents, (await query.execute()).map(toIncident), (row) => row.incident);
      }),
    ofCauses: (releases) =>
      read(async (db) => {
        if (releases.length === 0) return [];
        const query = db
          .selectFrom('incidents')
          .selectAll()
          .where('cause', 'in', [...releases])
          .orderBy('position', 'desc');
        const byCause = groupedBy((await query.execute()).map(toIncident), (row) => row.cause ?? '');
        return releases.map((release) => byCause.get(release) ?? []);
      }),
    list: ({ filter, ...request } = {}) =>
      read((db) => {
        const { project = null, open = null, cause = null } = filter ?? {};
        const projects = filter?.projects ? [...new Set(filter.projects)].sort() : null;
        let query = db.selectFrom('incidents').selectAll();
        if (project !== null) query = query.where('project', '=', project);
        // No engine takes an empty list.
        if (projects !== null) query = query.where('project', 'in', projects.length > 0 ? projects : ['']);
        if (cause !== null) query = query.where('cause', '=', cause);
        if (open === true) query = query.where('resolvedAt', 'is', null).where('dismissed', '=', 0);
        if (open === false) query = query.where('resolvedAt', 'is not', null);
        return readPage(query, request, {
          fingerprint: listFingerprint('incidents', { project, projects, open, cause }),
          by: 'incidents.position',
          type: 'number',
          direction: 'desc',
          keyOf: (row) => Number(row.position),
          nodes: (rows) => rows.map(toIncident),
        });
      }),
    versions: (incident) =>
      read(async (db) => {
        const rows = db.selectFrom('incident_versions').selectAll().where('incident', '=', incident);
        return (await rows.orderBy('position').execute()).map(toIncidentVersion);
      }),
  };
}

function toIncident(stored: Schema['incidents']): IncidentRow {
  const { position, ...row } = decodeRow(incidentTable, stored);
  return { ...row, order: String(position) };
}

export function toIncidentVersion(stored: Schema['incident_versions']): IncidentVersionRow {
  const { position, ...row } = decodeRow(incidentVersionTable, stored);
  return { ...row, position: String(position) };
}
