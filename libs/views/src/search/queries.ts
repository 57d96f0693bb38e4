import { sql, type Kysely } from 'kysely';
import { decodeCursor, encodeCursor, listFingerprint, pageSize, type Page, type PageRequest } from '../paging.js';
import type { Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { foundBy, meets, SELECTIVITY, type FoundRow, type SearchCriterion, type SearchField } from './criteria.js';

export interface FoundHit {
  /** Null for the removal of an environment, which is of no release: then `deployment` is set. */
  readonly release: string | null;
  readonly deployment: string | null;
  /** What it was found by. */
  readonly by: readonly SearchField[];
}

export interface SearchRequest extends PageRequest {
  /** One of them must be met, and of its criteria all. */
  readonly anyOf: readonly (readonly SearchCriterion[])[];
  /** Projects that the list is cut to; all when left out. */
  readonly projects?: readonly string[] | null | undefined;
}

export interface SearchQueries {
  /**
   * Newest first, each release once. Looks at no more rows than the page holds for criteria that stand alone; counts
   * nothing, as that would read everything that was found.
   */
  find(request: SearchRequest): Promise<Omit<Page<FoundHit>, 'totalCount'>>;
}

export function searchQueries(read: Read): SearchQueries {
  return {
    find: ({ anyOf, projects, first, after }) =>
      read(async (db) => {
        const size = pageSize(first);
        const fingerprint = listFingerprint('search', { anyOf, projects: projects ?? null });
        const behind = after == null ? null : decodeCursor(fingerprint, 'number', after);
        const hits = new Map<number, { row: FoundRow; by: Set<SearchField> }>();
        for (const criteria of anyOf) {
          for (const row of await foundByAll(db, criteria, { behind, projects: projects ?? null, limit: size + 1 })) {
            const hit = hits.get(row.position) ?? { row, by: new Set() };
            for (const { field } of criteria) hit.by.add(field);
            hits.set(row.position, hit);
          }
        }
        const newest = [...hits.values()].sort((a, b) => b.row.position - a.row.position);
        const edges = newest.slice(0, size).map(({ row: { position, release, deployment }, by }) => ({
          cursor: encodeCursor(fingerprint, position),
          node: { release, deployment, by: [...by] },
        }));
        return {
          nodes: edges.map(({ node }) => node),
          edges,
          pageInfo: {
            hasNextPage: newest.length > size,
            hasPreviousPage: after != null,
            startCursor: edges[0]?.cursor ?? null,
            endCursor: edges.at(-1)?.cursor ?? null,
          },
        };
      }),
  };
}

interface Cut {
  readonly behind: number | null;
  readonly projects: readonly string[] | null;
  readonly limit: number;
}

async function foundByAll(
  db: Kysely<Schema>,
  criteria: readonly SearchCriterion[],
  { behind, projects, limit }: Cut,
): Promise<readonly FoundRow[]> {
  const [first, ...others] = [...criteria].sort((a, b) => SELECTIVITY.indexOf(a.field) - SELECTIVITY.indexOf(b.field));
  if (!first || projects?.length === 0) return [];
  let query = db.selectFrom(foundBy(db, first)).select(['position', 'release', 'deployment']);
  if (behind !== null) query = query.where('position', '<', behind);
  for (const criterion of others) query = query.where(meets(criterion));
  if (projects !== null) {
    const names = sql.join(projects.map((project) => sql`${project}`));
    query = query.where(
      sql<boolean>`(exists (select 1 from ${sql.table('releases')} r
        where r.id = ${sql.ref('found.release')} and ${sql.ref('r.project')} in (${names}))
        or exists (select 1 from ${sql.table('deployments')} d
        where d.name = ${sql.ref('found.deployment')} and ${sql.ref('d.project')} in (${names})))`,
    );
  }
  const rows = await query.orderBy('position', 'desc').limit(limit).execute();
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}
