import { WaybillError } from '@waybill/kernel';

/** Refuses a log that is not of the ledger that is known here. */
export function assertLedger(where: string, known: string | undefined, found: string): void {
  if (known === undefined || found === known) return;
  throw new WaybillError('CONFIGURATION', `${where} holds ledger ${found}, but here is the data of ledger ${known}`, {
    hint: 'Set WAYBILL_EVENT_STORE to the log of this ledger, or WAYBILL_DATA to a folder of its own.',
  });
}

/** A log that is known to have been written is not there. Beginning a new one would hide that. */
export function goneLedger(where: string, known: string): WaybillError {
  return new WaybillError('STORE_CORRUPT', `${where} is empty or missing, but here is the data of ledger ${known}`, {
    hint: 'Restore the log from a backup; to begin a new ledger, set WAYBILL_DATA to a folder of its own.',
  });
}
