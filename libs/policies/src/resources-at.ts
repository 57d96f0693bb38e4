import {
  type LocationEvent,
  type LocationResource,
  type LocationState,
  type MappedResource,
  type PlannedResource,
  locationDecider,
  locationStreamOf,
  migrationInForce,
} from '@waybill/domain';
import { type CommandDependencies, loadStream } from '@waybill/kernel';

/** A resource of a location, and the one that the rule names where its location was migrated. */
export interface ResourceAt extends LocationResource {
  readonly resource: string;
  readonly named: string;
}

/** One that is not started yet, taken as if it were. */
export interface AssumedMigration {
  readonly location: string;
  readonly to: string;
  readonly resources: readonly MappedResource[];
}

export async function readLocation(dependencies: CommandDependencies, location: string): Promise<LocationState> {
  const stream = locationStreamOf(location);
  return (await loadStream<LocationState, LocationEvent>(dependencies, locationDecider, stream)).state;
}

/** The resources in use at a location that a plan means, followed through the migrations since it was made. */
export async function resourcesAt(
  dependencies: CommandDependencies,
  planned: readonly PlannedResource[],
  location: string,
  assumed?: AssumedMigration,
): Promise<readonly ResourceAt[]> {
  const found = await Promise.all(planned.map((resource) => follow(dependencies, resource, location, assumed)));
  const byKey = new Map(found.flatMap((resource) => (resource ? [[resource.resource, resource] as const] : [])));
  return [...byKey.values()];
}

async function follow(
  dependencies: CommandDependencies,
  { resource, location, named = resource }: PlannedResource,
  wanted: string,
  assumed: AssumedMigration | undefined,
): Promise<ResourceAt | undefined> {
  let at = { resource, location };
  // A location is migrated to one that is not migrated itself, so this ends.
  for (;;) {
    const state = await readLocation(dependencies, at.location);
    if (at.location === wanted) {
      const known = Object.hasOwn(state.resources, at.resource) ? state.resources[at.resource] : undefined;
      return known && !known.retired ? { ...known, resource: at.resource, named } : undefined;
    }
    const migration = assumed?.location === at.location ? assumed : migrationInForce(state);
    const mapped = migration?.resources.find(({ from }) => from === at.resource);
    if (!migration || !mapped) return undefined;
    at = { resource: mapped.to, location: migration.to };
  }
}
