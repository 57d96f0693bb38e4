import { type ErrorCode, WaybillError } from '@waybill/kernel';
import type { Response } from 'express';
import { randomUUID } from 'node:crypto';

const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  INVALID_STATE: 409,
  STORE_UNAVAILABLE: 503,
  TIMEOUT: 503,
};

/**
 * An error of a plain HTTP path as JSON, in the shape that GraphQL answers have: `{ errors: [{ message, extensions:
 * { code, hint, fields } }] }`. What nobody foresaw goes to `onUnexpected` under an id, and the outside hears only that.
 */
export function sendError(response: Response, error: unknown, onUnexpected: (id: string) => void): void {
  if (error instanceof WaybillError) {
    const { message, code, hint, fields } = error;
    response.status(STATUS[code] ?? 500).json({ errors: [{ message, extensions: { code, hint, fields } }] });
    return;
  }
  const id = randomUUID();
  onUnexpected(id);
  const message = `something went wrong inside the ledger (${id})`;
  const extensions = { code: 'INTERNAL_SERVER_ERROR', id, hint: `The ledger's log has more under ${id}.` };
  response.status(500).json({ errors: [{ message, extensions }] });
}
