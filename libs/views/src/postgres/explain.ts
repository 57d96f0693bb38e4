import { RetryableError, WaybillError } from '@waybill/kernel';
import { DatabaseGone } from '../engine.js';

/** Codes of a connection that cannot be had or was lost, and of a server that starts, stops or is full. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
  // Serialisation failure, deadlock, too many connections, administrator or crash shutdown, starting, idle session.
  '40001',
  '40P01',
  '53300',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
]);
/** The driver tells of these without a code. */
const PASSING_WORDS =
  /^(Connection terminated|timeout e|Query read timeout|Client has encountered a connection error|Client was closed)/;

const UNDEFINED_TABLE = '42P01';
const INVALID_SCHEMA = '3F000';
const DISK_FULL = '53100';
/** No such role or password, no such database, no right. */
const REFUSED: Readonly<Record<string, string>> = {
  '28P01': 'Check user and password in WAYBILL_VIEWS.',
  '28000': 'Check user and password in WAYBILL_VIEWS, and who may connect (pg_hba.conf).',
  '3D000': 'Create the database, or name another one in WAYBILL_VIEWS.',
  '42501': 'Let the user create schemas: GRANT CREATE ON DATABASE … TO …',
};

/** PostgreSQL's own words stay in the message, credentials never; the code tells what can be done. */
export function explained(error: unknown, server: string): unknown {
  if (error instanceof WaybillError || error instanceof DatabaseGone) return error;
  if (typeof error !== 'object' || error === null) return error;
  const { code = '', message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string') return error;
  const words = message || code;
  const details = { cause: error };
  if (PASSING.has(code) || code.startsWith('08') || PASSING_WORDS.test(message)) {
    return new RetryableError('STORE_UNAVAILABLE', `no connection to the views in ${server}: ${words}`, {
      hint: 'Start PostgreSQL or set WAYBILL_VIEWS. Nothing is lost: the views go on where they stopped.',
      ...details,
    });
  }
  if (code === UNDEFINED_TABLE || code === INVALID_SCHEMA) {
    return new DatabaseGone(`the views in ${server} cannot be used: ${words}`, details);
  }
  if (code === DISK_FULL) {
    return new WaybillError('DISK_FULL', `no space left for the views in ${server}: ${words}`, {
      hint: 'Free some space: the views go on where they stopped.',
      ...details,
    });
  }
  if (REFUSED[code] !== undefined) {
    return new WaybillError('CONFIGURATION', `the views in ${server}: ${words}`, { hint: REFUSED[code], ...details });
  }
  if (!('severity' in error)) return error;
  return new WaybillError('STORE_UNAVAILABLE', `the views in ${server} cannot be used: ${words}`, details);
}
