import { WaybillError } from '@waybill/kernel';

/** A reader that waited there would pass over all that is written until then. */
export function beyondTheEnd(position: number): WaybillError {
  return new WaybillError('INVALID_INPUT', `position ${position} lies beyond the end of this ledger`, {
    hint: 'Use a position as this ledger gave it; one of another ledger, or of a log that lost its end, means nothing here.',
    fields: [{ field: 'after', message: 'lies beyond the end of the ledger' }],
  });
}
