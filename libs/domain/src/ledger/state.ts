import { assertNever } from '@waybill/kernel';
import type { LedgerEvent } from './events.js';

export interface LedgerKey {
  readonly keyId: string;
  /** `<name>+<key id>+<base64>`. */
  readonly publicKey: string;
}

export interface LedgerState {
  /** Null before the log was begun. */
  readonly ledger: string | null;
  /** Oldest first; the last one signs. */
  readonly keys: readonly LedgerKey[];
}

export const initialLedgerState: LedgerState = { ledger: null, keys: [] };

export function evolveLedger(state: LedgerState, event: LedgerEvent): LedgerState {
  switch (event.type) {
    case 'LedgerCreated':
      return { ...state, ledger: event.data.ledger };
    case 'KeyIntroduced':
    case 'KeyRotated': {
      const { keyId, publicKey } = event.data;
      return { ...state, keys: [...state.keys, { keyId, publicKey }] };
    }
    default:
      return assertNever(event);
  }
}
