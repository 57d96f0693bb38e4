import type { KnownResource } from '@waybill/domain';
import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { migrationTable } from './table.js';

export type MigrationRow = Omit<RowOf<typeof migrationTable.columns>, 'id' | 'toLocation'> & { readonly to: string };

/** The newest migration of each location that ever had one, by location. */
export async function newestMigrations(db: Kysely<Schema>): Promise<readonly MigrationRow[]> {
  const rows = await db.selectFrom('migrations').selectAll().orderBy('location').orderBy('number').execute();
  const newest = new Map<string, MigrationRow>();
  for (const stored of rows) {
    const { id: _, toLocation: to, ...row } = decodeRow(migrationTable, stored);
    newest.set(row.location, { ...row, to });
  }
  return [...newest.values()];
}

/** Resources as rules may name them: those of a location that was migrated mean the ones that stand for them. */
export function followed(
  migrations: readonly MigrationRow[],
  offered: readonly KnownResource[],
  /** Of every resource that ever was, whether it is offered or not. */
  ever: readonly KnownResource[],
): readonly KnownResource[] {
  const completed = new Map(migrations.flatMap((row) => (row.phase === 'completed' ? [[row.location, row]] : [])));
  const byKey = new Map(offered.map((resource) => [resource.resource, resource]));
  const moved = ever.flatMap((resource) => {
    const found = destination(completed, resource);
    const today = found && byKey.get(found.resource);
    if (!found || today?.location !== found.location) return [];
    const { resource: key } = resource;
    return { ...today, resource: key, moved: { resource: found.resource, from: found.from } };
  });
  const known = new Map([...offered, ...moved].map((resource) => [resource.resource, resource]));
  return [...known.values()].sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

function destination(
  completed: ReadonlyMap<string, MigrationRow>,
  { resource, location }: KnownResource,
): { resource: string; location: string; from: string[] } | undefined {
  const from: string[] = [];
  let at = { resource, location };
  for (let row = completed.get(at.location); row && !from.includes(at.location); row = completed.get(at.location)) {
    const mapped = row.resources.find((it) => it.from === at.resource);
    if (!mapped) break;
    from.push(at.location);
    at = { resource: mapped.to, location: row.to };
  }
  return from.length === 0 ? undefined : { ...at, from };
}

/** A location and every one that was or is being migrated to it, over any number of steps. */
export function withPredecessors(migrations: readonly MigrationRow[], location: string): readonly string[] {
  const found = [location];
  for (const at of found) {
    for (const row of migrations) {
      if (row.to === at && row.phase !== 'reverted' && !found.includes(row.location)) found.push(row.location);
    }
  }
  return found;
}
