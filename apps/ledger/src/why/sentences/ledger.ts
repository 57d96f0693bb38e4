import type { LedgerEvent } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';

export function ledgerSentence(event: LedgerEvent): string {
  switch (event.type) {
    case 'LedgerCreated':
      return `The log ${event.data.ledger} was begun.`;
    case 'KeyIntroduced':
      return `Key ${event.data.keyId} signs checkpoints.`;
    case 'KeyRotated':
      return `Key ${event.data.keyId} signs checkpoints from here on, vouched for by ${event.data.previousKeyId}.`;
    default:
      return assertNever(event);
  }
}
