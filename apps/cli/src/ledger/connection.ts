import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from '../exit.js';
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
  const token = world.env['WAYBILL_TOKEN'];
  if (token) return { url: url.href.replace(/\/$/, ''), token, tokenFile: undefined };
  const file = join(resolve(world.cwd, world.env['WAYBILL_DATA'] || '.waybill'), 'admin-token');
  const found = isLoopback(url.hostname) ? readToken(file) : undefined;
  return { url: url.href.replace(/\/$/, ''), token: found, tokenFile: found === undefined ? undefined : file };
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
