import { type Capabilities, STABLE_CAPABILITIES, planObjects } from '@waybill/adapters';
import { type LocationState, type MappedResource, planMigration } from '@waybill/domain';
import { isWaybillError } from '@waybill/kernel';
import { tryCopy } from '@waybill/policies';
import type { EnvironmentRow } from '@waybill/views';
import type * as Api from '../../graphql.gen.js';
import type { Parts } from '../../parts.js';
import { contentsOf } from '../../roles/policy-dependencies.js';
import { loadLocation, migrationContext } from './context.js';

interface Wanted {
  readonly location: string;
  readonly to: string;
  readonly map: Readonly<Record<string, string>>;
}

/** What a migration would do, down to whether each environment can be planned at the other location; reads only. */
export async function planOf(
  parts: Parts,
  wanted: Wanted,
  mayRead: (project: string) => boolean,
): Promise<Api.MigrationPlan> {
  const { location, to } = wanted;
  const context = await migrationContext(parts, wanted);
  const { resources, problems } = planMigration(wanted, context, (await loadLocation(parts, location)).state);
  const rows = await parts.views.environments.atLocation(location);
  const live = rows.filter((row) => row.current !== null && mayRead(row.project));
  return {
    location,
    to,
    resources,
    problems: problems.map(({ field, message }) => ({ field, message })),
    environments: await Promise.all(
      live.map(async (row) => ({
        from: row.name,
        to: `${row.project}.${row.slot}@${to}`,
        problem:
          resources.length === 0 ? null : await problemOf(parts, row, context.target, { location, to, resources }),
      })),
    ),
  };
}

async function problemOf(
  parts: Parts,
  { project, slot, location, generation }: EnvironmentRow,
  target: LocationState | null,
  assumed: { location: string; to: string; resources: readonly MappedResource[] },
): Promise<string | null> {
  const { store, catalogue, recent, now } = parts;
  const send = () => Promise.reject(new Error('a plan sends nothing'));
  const liveEnvironments = async (key: string) =>
    (await parts.views.environments.ofProject(key)).map((row) => ({ environment: row }));
  const dependencies = { store, catalogue, recent, now, send, liveEnvironments, contents: contentsOf(parts) };
  try {
    const desired = await tryCopy(dependencies, { project, slot, location }, assumed);
    if (desired) planObjects(desired, generation, capabilitiesOf(target));
    return null;
  } catch (error) {
    if (isWaybillError(error)) return error.message;
    throw error;
  }
}

function capabilitiesOf(target: LocationState | null): Capabilities {
  const served = target?.operator?.capabilities ?? [];
  return target?.delivery?.kind === 'cluster' && served.length > 0 ? { served } : STABLE_CAPABILITIES;
}
