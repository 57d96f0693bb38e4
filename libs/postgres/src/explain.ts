import { RetryableError, WaybillError } from '@waybill/kernel';
import type { Server } from './connection.js';

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
const REFUSED: Readonly<Record<string, (setting: string) => string>> = {
  '28P01': (setting) => `Check user and password in ${setting}.`,
  '28000': (setting) => `Check user and password in ${setting}, and who may connect (pg_hba.conf).`,
  '3D000': (setting) => `Create the database, or name another one in ${setting}.`,
  '42501': () => 'Let the user create schemas: GRANT CREATE ON DATABASE … TO …',
};

/** A table or its schema is not there: somebody dropped it, or a newer one took its place. */
export class TableGone extends Error {
  constructor(message: string, options: ErrorOptions) {
    super(message, options);
    this.name = 'TableGone';
  }
}

/** PostgreSQL's own words stay in the message, credentials never; the code tells what can be done. */
export function explained(
  error: unknown,
  { name, holds, setting }: Pick<Server, 'name' | 'holds' | 'setting'>,
): unknown {
  if (error instanceof WaybillError || error instanceof TableGone) return error;
  if (typeof error !== 'object' || error === null) return error;
  const { code = '', message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || typeof message !== 'string') return error;
  const words = message || code;
  const details = { cause: error };
  if (PASSING.has(code) || code.startsWith('08') || PASSING_WORDS.test(message)) {
    return new RetryableError('STORE_UNAVAILABLE', `no connection to ${holds} in ${name}: ${words}`, {
      hint: `Start PostgreSQL or set ${setting}. Nothing is lost: work goes on where it stopped.`,
      ...details,
    });
  }
  if (code === UNDEFINED_TABLE || code === INVALID_SCHEMA) {
    return new TableGone(`${holds} in ${name} cannot be used: ${words}`, details);
  }
  if (code === DISK_FULL) {
    return new WaybillError('DISK_FULL', `no space left for ${holds} in ${name}: ${words}`, {
      hint: 'Free some space: work goes on where it stopped.',
      ...details,
    });
  }
  const hint = REFUSED[code]?.(setting);
  if (hint !== undefined)
    return new WaybillError('CONFIGURATION', `${holds} in ${name}: ${words}`, { hint, ...details });
  if (!('severity' in error)) return error;
  return new WaybillError('STORE_UNAVAILABLE', `${holds} in ${name} cannot be used: ${words}`, details);
}
