import { assertNever } from '@waybill/kernel';
import type { EnvironmentCommand } from './commands.js';
import type { EnvironmentEvent } from './events.js';
import type { EnvironmentState } from './state.js';

type CommandOf<Type extends EnvironmentCommand['type']> = Extract<EnvironmentCommand, { type: Type }>;
export type EnvironmentMigrationCommand = CommandOf<
  | 'CopyEnvironment'
  | 'RefuseCopy'
  | 'CutOverEnvironment'
  | 'CutBackEnvironment'
  | 'RemoveMigratedEnvironment'
  | 'RemoveCopy'
>;

/**
 * What a policy asks while a location is migrated. It looked a moment ago: whatever is no longer as it was then is
 * nothing to do, and the policy looks again.
 */
export function decideEnvironmentMigration(
  command: EnvironmentMigrationCommand,
  state: EnvironmentState,
): EnvironmentEvent[] {
  switch (command.type) {
    case 'CopyEnvironment':
      return copy(command, state);
    case 'RefuseCopy': {
      const { release, message, migration } = command.data;
      const known = state.copyRefused;
      const same = known?.release === release && known.message === message && known.migration === migration;
      if (same || state.current?.release !== release) return [];
      return [{ type: 'EnvironmentCopyRefused', data: command.data }];
    }
    case 'CutOverEnvironment': {
      const { release, migration } = command.data;
      if (state.current?.release !== release || state.cutOver?.migration === migration) return [];
      return [{ type: 'EnvironmentCutOver', data: command.data }];
    }
    case 'CutBackEnvironment': {
      const { migration } = command.data;
      // What was removed cannot count again.
      if (state.cutOver?.migration !== migration || state.cutOver.moved) return [];
      return [{ type: 'EnvironmentCutBack', data: command.data }];
    }
    case 'RemoveMigratedEnvironment':
      return removeMigrated(command, state);
    case 'RemoveCopy': {
      const { environment, migration } = command.data;
      if (state.copiedFrom?.migration !== migration || !state.current) return [];
      const { generation, order } = state;
      const data = { environment, generation: generation + 1, order, cause: 'migration-reverted' as const };
      return [{ type: 'EnvironmentRemovalRequested', data }];
    }
    default:
      return assertNever(command);
  }
}

function copy({ data }: CommandOf<'CopyEnvironment'>, state: EnvironmentState): EnvironmentEvent[] {
  const { migratedFrom, migration, generation: original, counts, ...wanted } = data;
  const { environment, order, release } = wanted;
  const known = state.copiedFrom;
  const isNew = known?.migration !== migration || known.location !== migratedFrom.location;
  const copied: EnvironmentEvent[] = isNew
    ? [{ type: 'EnvironmentCopied', data: { environment, migration, migratedFrom, generation: original } }]
    : [];
  if (state.current?.release === release) return copied;
  // A copy that was taken away with its migration may come back with the same content; else the later order wins.
  const returns = state.current === null && state.copyReverted;
  if (order < state.order || (order === state.order && !returns)) return copied;
  return [
    {
      type: 'DeploymentRequested',
      data: {
        ...wanted,
        generation: state.generation + 1,
        replaces: state.current?.generation ?? null,
        copyOf: { location: migratedFrom.location, generation: original },
        ...(counts ? {} : { counts: false as const }),
      },
    },
    ...copied,
  ];
}

/** Only while what runs here is what its copy has, and that one counts: a newer release must reach the copy first. */
function removeMigrated({ data }: CommandOf<'RemoveMigratedEnvironment'>, state: EnvironmentState): EnvironmentEvent[] {
  const { environment, migration, release } = data;
  const { current, cutOver, generation, order } = state;
  if (current?.release !== release || cutOver?.migration !== migration || cutOver.moved) return [];
  return [
    {
      type: 'EnvironmentRemovalRequested',
      data: { environment, generation: generation + 1, order, cause: 'migrated' },
    },
  ];
}

/** A release for an environment that has moved; undefined where it has not. */
export function forwarded(
  { data }: CommandOf<'RequestDeployment'>,
  state: EnvironmentState,
): EnvironmentEvent[] | undefined {
  if (!state.cutOver?.moved) return undefined;
  const { environment, order, release } = data;
  if (state.lastForwarded === release || state.lastRefused === release) return [];
  if (order <= state.order) {
    return [{ type: 'DeploymentRefused', data: { environment, order, release, supersededBy: null } }];
  }
  return [{ type: 'DeploymentForwarded', data: { environment, order, release, to: state.cutOver.to } }];
}
