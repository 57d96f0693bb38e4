import {
  type EnvironmentEvent,
  type EnvironmentId,
  type EnvironmentState,
  type MigrationState,
  environmentDecider,
  environmentStreamOf,
} from '@waybill/domain';
import { type CommandDependencies, type RecordedEvent, loadStream } from '@waybill/kernel';
import { readDeployment } from '../read.js';
import type { MigrationLook } from './next-step.js';

/** What is looked at for one environment, with the events of the one that is left. */
export interface Looked extends Omit<MigrationLook, 'again'> {
  readonly oldEnvironment: EnvironmentId;
  readonly copyEnvironment: EnvironmentId;
  readonly oldEvents: readonly RecordedEvent[];
}

export async function lookAt(
  dependencies: CommandDependencies & { readonly now: () => string },
  oldEnvironment: EnvironmentId,
  migration: MigrationState,
): Promise<Looked> {
  const copyEnvironment = { ...oldEnvironment, location: migration.to };
  const [old, copy] = await Promise.all([
    readEnvironment(dependencies, oldEnvironment),
    readEnvironment(dependencies, copyEnvironment),
  ]);
  const cutOver = old.state.cutOver ? old.events.findLast(({ type }) => type === 'EnvironmentCutOver') : undefined;
  return {
    from: oldEnvironment.location,
    migration,
    oldEnvironment,
    copyEnvironment,
    old: old.state,
    oldEvents: old.events,
    copy: copy.state,
    copyIsGood: copy.state.current !== null && (await isGood(dependencies, copyEnvironment, copy.state.generation)),
    cutOverAt: cutOver?.recordedAt ?? null,
    now: dependencies.now(),
  };
}

const readEnvironment = (dependencies: CommandDependencies, environment: EnvironmentId) =>
  loadStream<EnvironmentState, EnvironmentEvent>(dependencies, environmentDecider, environmentStreamOf(environment));

async function isGood(
  dependencies: CommandDependencies,
  environment: EnvironmentId,
  generation: number,
): Promise<boolean> {
  const { outcome, settled } = await readDeployment(dependencies, environment, generation);
  return settled && (outcome === 'healthy' || outcome === 'delivered');
}
