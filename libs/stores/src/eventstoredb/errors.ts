import { RetryableError, WaybillError } from '@waybill/kernel';

/** An error of the client or the server as one a caller can act on. A WaybillError stays what it is. */
export function storeError(error: unknown, where: string): WaybillError {
  if (error instanceof WaybillError) return error;
  const said = messageOf(error);
  switch (typeOf(error)) {
    case 'access-denied':
      return new WaybillError('STORE_UNAVAILABLE', `${where} refuses access: ${said}`, {
        hint: 'Check user and password in WAYBILL_EVENT_STORE; the user must be allowed to read $all.',
        cause: error,
      });
    case 'maximum-append-size-exceeded':
      return tooLarge(where, said, error);
    case 'stream-deleted':
      return new WaybillError('STORE_CORRUPT', `a stream was deleted in ${where}: ${said}`, {
        hint: 'Events are for ever: restore the database from a backup.',
        cause: error,
      });
    default:
      if (said.includes('Maximum Append Event Size')) return tooLarge(where, said, error);
      if (said.includes('InvalidPosition')) {
        return new WaybillError('INVALID_INPUT', `${where} has no such position`, {
          hint: 'Use a position as this ledger gave it.',
          fields: [{ field: 'after', message: 'is not a position of this ledger' }],
          cause: error,
        });
      }
      return unavailable(where, said, error);
  }
}

export function unavailable(where: string, what: string, cause?: unknown): RetryableError {
  return new RetryableError('STORE_UNAVAILABLE', `${where} does not answer: ${what}`, {
    hint: 'Whether the last write was kept is not known: repeat it with the same ids.',
    cause,
  });
}

export function corrupt(where: string, what: string): WaybillError {
  return new WaybillError('STORE_CORRUPT', `${where} holds what Waybill did not write: ${what}`, {
    hint: 'Verify the ledger and find out who else writes to these streams.',
  });
}

/** The client's own word for the kind of error, such as `wrong-expected-version`; empty when there is none. */
export function typeOf(error: unknown): string {
  return property(error, 'type');
}

export function messageOf(error: unknown): string {
  return property(error, 'message') || String(error);
}

function tooLarge(where: string, said: string, cause: unknown): WaybillError {
  return new WaybillError('EVENT_TOO_LARGE', `${where} takes no append of this size: ${said}`, {
    hint: 'Put contents into the blob store and their digest into the event.',
    cause,
  });
}

// By shape: what a call throws is not always an instance of the client's error classes.
function property(error: unknown, name: 'type' | 'message'): string {
  const value: unknown = error !== null && typeof error === 'object' ? (error as Record<string, unknown>)[name] : '';
  return typeof value === 'string' ? value : '';
}
