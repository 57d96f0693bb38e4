import { WaybillError, assertNever, type Decider } from '@waybill/kernel';
import type { LedgerCommand } from './commands.js';
import { requireRole } from '../access/require-role.js';
import type { LedgerEvent } from './events.js';
import { evolveLedger, initialLedgerState, type LedgerState } from './state.js';

/**
 * The log's id and its keys. That a note is signed by the previous key is for the caller to check: no cryptography
 * here. Repeating what is so already writes nothing.
 */
export const ledgerDecider: Decider<LedgerState, LedgerCommand, LedgerEvent> = {
  initialState: initialLedgerState,
  decide: decideLedger,
  evolve: evolveLedger,
};

function decideLedger({ type, data, metadata }: LedgerCommand, state: LedgerState): readonly LedgerEvent[] {
  requireRole(metadata.actor, ['admin'], 'changing the keys of the ledger');
  switch (type) {
    case 'CreateLedger': {
      if (state.ledger === data.ledger) return [];
      if (state.ledger === null) return [{ type: 'LedgerCreated', data }];
      throw new WaybillError('INVALID_STATE', `this log belongs to ledger ${state.ledger}, not to ${data.ledger}`, {
        hint: 'Point this Waybill at its own log.',
      });
    }
    case 'IntroduceKey': {
      const [first] = state.keys;
      if (first === undefined) return [{ type: 'KeyIntroduced', data }];
      if (state.keys.some(({ keyId }) => keyId === data.keyId)) return [];
      throw new WaybillError('INVALID_STATE', `the ledger has signed with key ${first.keyId} since its beginning`, {
        hint: 'A further key needs the word of the one in force: rotate.',
      });
    }
    case 'RotateKey': {
      const current = state.keys.at(-1);
      if (current?.keyId === data.keyId) return [];
      if (current?.keyId !== data.previousKeyId) {
        throw new WaybillError('INVALID_STATE', `key ${data.previousKeyId} is not the one in force`, {
          hint: current ? `Key ${current.keyId} is.` : 'No key was introduced yet.',
        });
      }
      if (state.keys.some(({ keyId }) => keyId === data.keyId)) {
        throw new WaybillError('INVALID_STATE', `key ${data.keyId} was in force before`, { hint: 'Make a new key.' });
      }
      return [{ type: 'KeyRotated', data }];
    }
    default:
      return assertNever(type);
  }
}
