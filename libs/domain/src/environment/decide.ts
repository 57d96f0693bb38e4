import { assertNever, type Decider } from '@waybill/kernel';
import type { EnvironmentCommand } from './commands.js';
import { directRollout } from './direct.js';
import type { EnvironmentEvent } from './events.js';
import { decideEnvironmentMigration, forwarded } from './migrate.js';
import { evolveEnvironment, initialEnvironmentState, type EnvironmentState } from './state.js';

type CommandOf<Type extends EnvironmentCommand['type']> = Extract<EnvironmentCommand, { type: Type }>;

/** Whoever was asked for later wins, in whatever sequence the requests arrive. */
export const environmentDecider: Decider<EnvironmentState, EnvironmentCommand, EnvironmentEvent> = {
  initialState: initialEnvironmentState,
  decide(command, state) {
    switch (command.type) {
      case 'RequestDeployment':
        return requestDeployment(command, state);
      case 'RemoveEnvironment':
        return remove(command, state);
      case 'ConfirmRemoval':
        return confirmRemoval(command, state);
      case 'DirectRollout':
        return directRollout(command, state);
      case 'NoticeConfigChange':
        return noticeConfigChange(command, state);
      case 'CopyEnvironment':
      case 'RefuseCopy':
      case 'CutOverEnvironment':
      case 'CutBackEnvironment':
      case 'RemoveMigratedEnvironment':
      case 'RemoveCopy':
        return decideEnvironmentMigration(command, state);
      default:
        return assertNever(command);
    }
  },
  evolve: evolveEnvironment,
};

function requestDeployment(command: CommandOf<'RequestDeployment'>, state: EnvironmentState): EnvironmentEvent[] {
  const onward = forwarded(command, state);
  if (onward) return onward;
  const { data } = command;
  const { environment, order, release } = data;
  const { current } = state;
  if (current?.release === release || state.lastRefused === release) return [];
  if (order <= state.order) {
    const supersededBy = current && { release: current.release, generation: current.generation };
    return [{ type: 'DeploymentRefused', data: { environment, order, release, supersededBy } }];
  }
  const replaces = current?.generation ?? null;
  const counts = state.cutOver ? { counts: false as const } : {};
  return [{ type: 'DeploymentRequested', data: { ...data, generation: state.generation + 1, replaces, ...counts } }];
}

function remove({ data }: CommandOf<'RemoveEnvironment'>, state: EnvironmentState): EnvironmentEvent[] {
  // A push that was asked for after the branch was deleted brings the branch back: what it deployed stays.
  if (data.order <= state.order) return [];
  return state.current
    ? [{ type: 'EnvironmentRemovalRequested', data: { ...data, generation: state.generation + 1 } }]
    : [{ type: 'EnvironmentClosed', data }];
}

function confirmRemoval({ data }: CommandOf<'ConfirmRemoval'>, state: EnvironmentState): EnvironmentEvent[] {
  const newest = state.removing === data.generation && state.generation === data.generation;
  return newest ? [{ type: 'EnvironmentRemoved', data }] : [];
}

function noticeConfigChange({ data }: CommandOf<'NoticeConfigChange'>, state: EnvironmentState): EnvironmentEvent[] {
  const { current, pendingConfig } = state;
  // Back to what runs is news only while something else was pending.
  if (!current || data.digest === (pendingConfig?.digest ?? current.configDigest)) return [];
  return [{ type: 'ConfigChangeNoticed', data }];
}
