import { assertNever, type Decider } from '@waybill/kernel';
import type { DeploymentCommand, Observation } from './commands.js';
import type { DeploymentEvent } from './events.js';
import { rolloutChange } from './rollout.js';
import { evolveDeployment, initialDeploymentState, objectKey, type DeploymentState } from './state.js';

/**
 * Operators report at least once and tell everything again after a restart. Only what changes is an event; a report
 * that is not newer than the last recorded one, by (epoch, seq), tells nothing.
 */
export const deploymentDecider: Decider<DeploymentState, DeploymentCommand, DeploymentEvent> = {
  initialState: initialDeploymentState,
  decide({ data }, state) {
    const { observation, ...reported } = data;
    if (state.removed || !isNewer(reported, state.last)) return [];
    const event = changeOf(observation, reported, state);
    return event ? [event] : [];
  },
  evolve: evolveDeployment,
};

export type Reported = Omit<DeploymentCommand['data'], 'observation'>;

function changeOf(observation: Observation, reported: Reported, state: DeploymentState): DeploymentEvent | null {
  switch (observation.phase) {
    case 'accepted':
      return state.accepted ? null : { type: 'DeploymentAccepted', data: reported };
    case 'adapted': {
      const { objects, inventoryHash } = observation;
      if (inventoryHash === state.inventoryHash) return null;
      return { type: 'ManifestsAdapted', data: { ...reported, objects, inventoryHash } };
    }
    case 'applied': {
      const { inventoryHash, commit, durationMs } = observation;
      if (state.applied?.inventoryHash === inventoryHash && state.applied.commit === commit) return null;
      return { type: 'ManifestsApplied', data: { ...reported, inventoryHash, commit, durationMs } };
    }
    case 'delivered': {
      const known = state.outcome === 'healthy' || (state.outcome === 'delivered' && state.attempts === 0);
      return known && state.settled
        ? null
        : { type: 'DeploymentDelivered', data: { ...reported, commit: observation.commit } };
    }
    case 'rolled-out': {
      const { durationMs } = observation;
      return state.rolledOut ? null : { type: 'DeploymentRolledOut', data: { ...reported, durationMs } };
    }
    case 'traffic-shifted':
    case 'rollout-paused':
    case 'rollout-resumed':
    case 'analysed':
    case 'returned-to-stable':
      return rolloutChange(observation, reported, state.rollout);
    case 'pruned': {
      const told = new Set(state.pruned);
      const objects = observation.objects.filter((object) => !told.has(objectKey(object)));
      if (objects.length === 0) return null;
      return { type: 'ObjectsPruned', data: { ...reported, objects, durationMs: observation.durationMs } };
    }
    case 'healthy': {
      const known = state.outcome === 'healthy' && state.attempts === 0 && state.settled;
      return known ? null : { type: 'DeploymentHealthy', data: reported };
    }
    case 'delayed': {
      const { attempt, reason, message } = observation;
      if (powerOfTwo(attempt) <= powerOfTwo(state.attempts)) return null;
      return { type: 'DeploymentDelayed', data: { ...reported, attempt, reason, message } };
    }
    case 'failed': {
      const { reason, message } = observation;
      const known = state.outcome === 'failed' && state.settled;
      return known ? null : { type: 'DeploymentFailed', data: { ...reported, reason, message } };
    }
    case 'rejected': {
      const { reason, message } = observation;
      const known = state.outcome === 'rejected' && state.settled;
      return known ? null : { type: 'DeploymentRejected', data: { ...reported, reason, message } };
    }
    case 'drifted': {
      const { paths, commit, noticedAt } = observation;
      if (state.drifted && state.drifted.commit === commit && samePaths(state.drifted.paths, paths)) return null;
      return { type: 'DriftDetected', data: { ...reported, paths, commit, noticedAt } };
    }
    case 'healed':
      return state.drifted ? { type: 'DriftHealed', data: { ...reported, commit: observation.commit } } : null;
    case 'removed':
      return { type: 'DeploymentRemoved', data: { ...reported, commit: observation.commit } };
    default:
      return assertNever(observation);
  }
}

function isNewer({ epoch, seq }: Reported, last: DeploymentState['last']): boolean {
  return last === null || epoch > last.epoch || (epoch === last.epoch && seq > last.seq);
}

/**
 * The highest power of two up to `attempt`, 0 for none. A delay is recorded when this grows: attempts 1, 2, 4, 8…, or
 * the next one that arrives when one of these was lost.
 */
const powerOfTwo = (attempt: number): number => (attempt < 1 ? 0 : 2 ** Math.floor(Math.log2(attempt)));

function samePaths(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((path) => right.has(path));
}
