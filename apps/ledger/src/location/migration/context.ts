import {
  type LocationEvent,
  type LocationState,
  type MigrationContext,
  locationDecider,
  locationStreamOf,
} from '@waybill/domain';
import { loadStream } from '@waybill/kernel';
import type { Parts } from '../../parts.js';
import { catchUpWithLog } from '../../reading.js';

/** What is known of the other location, and of what would be in the way there, as the whole log up to now tells it. */
export async function migrationContext(
  parts: Parts,
  { location, to }: { readonly location: string; readonly to: string },
): Promise<MigrationContext> {
  await catchUpWithLog(parts);
  const { environments, locations } = parts.views;
  const [left, there, migrations, target] = await Promise.all([
    environments.atLocation(location),
    environments.atLocation(to),
    locations.migrations(),
    loadLocation(parts, to),
  ]);
  const names = new Set(left.flatMap((row) => (row.state === 'removed' ? [] : `${row.project}.${row.slot}`)));
  const inTheWay = there.filter((row) => row.state !== 'removed' && names.has(`${row.project}.${row.slot}`));
  return {
    target: target.revision === -1 ? null : target.state,
    arriving: underWayTo(migrations, location),
    occupied: inTheWay.map(({ name }) => name),
  };
}

/** Locations that are being migrated to this one. */
export async function arrivingAt(parts: Parts, location: string): Promise<readonly string[]> {
  await catchUpWithLog(parts);
  return underWayTo(await parts.views.locations.migrations(), location);
}

const underWayTo = (
  migrations: Awaited<ReturnType<Parts['views']['locations']['migrations']>>,
  location: string,
): readonly string[] =>
  migrations.flatMap((row) =>
    row.to === location && (row.phase === 'running' || row.phase === 'stopped') ? row.location : [],
  );

export const loadLocation = (parts: Pick<Parts, 'store' | 'catalogue' | 'recent'>, location: string) =>
  loadStream<LocationState, LocationEvent>(parts, locationDecider, locationStreamOf(location));
