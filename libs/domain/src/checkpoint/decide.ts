import { WaybillError, type Decider } from '@waybill/kernel';
import { requireRole } from '../access/require-role.js';
import type { CheckpointCommand } from './commands.js';
import type { CheckpointEvent } from './events.js';

/** The newest checkpoint; null before the first. */
export interface CheckpointState {
  readonly last: CheckpointEvent['data'] | null;
}

/** A checkpoint covers more than the one before it: two processes that sign the same make one of it. */
export const checkpointDecider: Decider<CheckpointState, CheckpointCommand, CheckpointEvent> = {
  initialState: { last: null },
  decide({ data, metadata }, { last }) {
    requireRole(metadata.actor, ['admin'], 'signing a checkpoint');
    if (last === null || data.treeSize > last.treeSize) return [{ type: 'CheckpointSigned', data }];
    if (data.treeSize === last.treeSize && data.root !== last.root) {
      throw new WaybillError('INVALID_STATE', `the tree of ${last.treeSize} events has another root than was signed`, {
        hint: 'The log was changed since: export it and let waybill verify name the event.',
      });
    }
    return [];
  },
  evolve: (_state, { data }) => ({ last: data }),
};
