import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LedgerError, usageError } from '../exit.js';
import type { World } from '../world.js';

export const DEFAULT_URL = 'http://127.0.0.1:7070';

export interface Connection {
  readonly url: string;
  readonly token: string | undefined;
  /** File the token came from, when it was not in the environment. */
  readonly tokenFile: string | undefined;
}

/**
 * Where the ledger is and who asks. The admin token in the data folder is used only against this machine: a local
 * secret never goes to another host because `WAYBILL_URL` happens to point there.
 */
export function connectionOf(world: Pick<World, 'env' | 'cwd'>): Connection {
  const url = ledgerUrl(world.env['WAYBILL_URL'] || DEFAULT_URL);
  const token = world.env['WAYBILL_TOKEN']?.trim();
  if (token) return { url: url.href.replace(/\/$/, ''), token: sendable(token, 'WAYBILL_TOKEN'), tokenFile: undefined };
  const file = join(resolve(world.cwd, world.env['WAYBILL_DATA'] || '.waybill'), 'admin-token');
  const found = isLoopback(url.hostname) ? readToken(file) : undefined;
  if (found !== undefined) sendable(found, file);
  return { url: url.href.replace(/\/$/, ''), token: found, tokenFile: found === undefined ? undefined : file };
}

/** A header takes no line break, and the error about one would show the token. */
function sendable(token: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new LedgerError(
    'UNAUTHENTICATED',
    `${source} holds a space, a line break or another character that no token has`,
  );
}

function ledgerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageError(`WAYBILL_URL is not an http address: ${text}`, `give it as ${DEFAULT_URL}`);
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[0-9.]+$/.test(hostname);
}

function readToken(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
