import { missingMetadata, type MissingMetadata } from '@waybill/domain';
import { sql, type SqlBool } from 'kysely';
import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { likePattern, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { projectTable } from './table.js';

export type ProjectRow = Omit<RowOf<typeof projectTable.columns>, 'searchText'> & {
  /** Principal id of the owner, from the business section. */
  readonly owner: string | null;
  readonly missing: readonly MissingMetadata[];
};

export interface ProjectQueries {
  get(key: string): Promise<ProjectRow | undefined>;
  /** By key. `search`: part of the key or the name, in either case. */
  list(request?: PageRequest & { readonly search?: string | null | undefined }): Promise<Page<ProjectRow>>;
  keys(): Promise<readonly string[]>;
  /** Every domain of every project, as its business section has it. */
  domains(): Promise<readonly { readonly project: string; readonly domain: string }[]>;
}

export function projectQueries(read: Read): ProjectQueries {
  return {
    get: (key) =>
      read(async (db) => {
        const row = await db.selectFrom('projects').selectAll().where('key', '=', key).executeTakeFirst();
        return row && toProject(row);
      }),
    list: ({ search, ...request } = {}) =>
      read((db) => {
        const wanted = search?.trim().toLowerCase() || null;
        let query = db.selectFrom('projects').selectAll();
        if (wanted !== null) {
          query = query.where(sql<SqlBool>`${sql.ref('searchText')} like ${likePattern(wanted)} escape '!'`);
        }
        return readPage(query, request, {
          fingerprint: listFingerprint('projects', wanted),
          by: 'projects.key',
          type: 'string',
          direction: 'asc',
          keyOf: (row) => row.key,
          nodes: (rows) => rows.map(toProject),
        });
      }),
    keys: () =>
      read(async (db) => {
        const rows = await db.selectFrom('projects').select('key').orderBy('key').execute();
        return rows.map((row) => row.key);
      }),
    domains: () =>
      read(async (db) => {
        const rows = await db.selectFrom('projects').selectAll().orderBy('key').execute();
        return rows
          .map(toProject)
          .flatMap(({ key, business }) => (business?.domains ?? []).map((domain) => ({ project: key, domain })));
      }),
  };
}

function toProject(stored: Schema['projects']): ProjectRow {
  const { searchText: _, ...row } = decodeRow(projectTable, stored);
  return { ...row, owner: row.business?.owner ?? null, missing: missingMetadata(row) };
}
