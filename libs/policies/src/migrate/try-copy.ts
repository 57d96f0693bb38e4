import type { DesiredState } from '@waybill/channel';
import { type EnvironmentEvent, type EnvironmentId, environmentDecider, environmentStreamOf } from '@waybill/domain';
import { loadStream } from '@waybill/kernel';
import { type DeployDependencies, deployingWith, desiredText } from '../deploy.js';
import { readRelease } from '../read.js';
import type { AssumedMigration } from '../resources-at.js';

/**
 * What would run at the other location for an environment, were its location migrated; undefined when nothing runs
 * there. Throws what would refuse the copy.
 */
export async function tryCopy(
  dependencies: DeployDependencies,
  environment: EnvironmentId,
  assumed: AssumedMigration,
): Promise<DesiredState | undefined> {
  const stream = environmentStreamOf(environment);
  const { state } = await loadStream<typeof environmentDecider.initialState, EnvironmentEvent>(
    dependencies,
    environmentDecider,
    stream,
  );
  if (!state.current) return undefined;
  const { release } = state.current;
  const read = await readRelease(dependencies, release);
  if (!read) return undefined;
  const there = { ...environment, location: assumed.to };
  return JSON.parse(await desiredText(deployingWith(dependencies), release, read, there, assumed)) as DesiredState;
}
