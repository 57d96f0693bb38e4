import { v7 } from 'uuid';
import { LedgerError } from '../exit.js';
import type { World } from '../world.js';
import { type Connection, connectionOf } from './connection.js';
import { answerOf } from './answer.js';

/** Tries after the first one when the connection is lost, and the pause before each, in milliseconds. */
const PAUSES = [200, 600, 1500, 3000];
const REQUEST_TIMEOUT_MS = 30_000;

export interface Ledger {
  readonly url: string;
  /** Runs a query. */
  ask<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
  /**
   * Runs a mutation. Its `input` gets one command id for all tries, so that a repeat after a lost answer is answered
   * with the first result instead of being done twice. Later questions of this process see what it wrote.
   */
  command<T>(document: string, input: Record<string, unknown>): Promise<T>;
}

export function ledgerOf(world: World): Ledger {
  const connection = connectionOf(world);
  let readAfter: string | undefined;

  const send = async <T>(document: string, variables: Record<string, unknown>): Promise<T> => {
    const body = JSON.stringify({ query: document, variables });
    for (let attempt = 0; ; attempt++) {
      const outcome = await once(connection, body, readAfter);
      if ('answer' in outcome) return answerOf<T>(connection, outcome.status, outcome.answer);
      const refusedAtOnce = outcome.refused && attempt === 0;
      const pause = PAUSES[attempt];
      if (refusedAtOnce || pause === undefined) throw unreachable(connection, outcome.cause);
      await world.wait(pause);
    }
  };

  return {
    url: connection.url,
    ask: (document, variables = {}) => send(document, variables),
    async command<T>(document: string, input: Record<string, unknown>): Promise<T> {
      const data = await send<T>(document, { input: { commandId: v7(), ...input } });
      const position = Object.values(data as Record<string, { position?: string | null }>)[0]?.position;
      if (position) readAfter = position;
      return data;
    },
  };
}

type Outcome = { status: number; answer: string } | { refused: boolean; cause: string };

/** One try. 502 to 504 come from a proxy in front of a ledger that is starting: the same as a lost connection. */
async function once(connection: Connection, body: string, readAfter: string | undefined): Promise<Outcome> {
  try {
    const response = await fetch(`${connection.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` }),
        ...(readAfter === undefined ? {} : { 'waybill-read-after': readAfter }),
      },
      body,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = await response.text();
    if (response.status >= 502 && response.status <= 504 && !answer.startsWith('{')) {
      return { refused: false, cause: `HTTP ${response.status}` };
    }
    return { status: response.status, answer };
  } catch (error) {
    const cause = causeOf(error);
    return { refused: cause === 'ECONNREFUSED' || cause === 'ENOTFOUND', cause };
  }
}

interface FetchFault {
  readonly name?: string;
  readonly message?: string;
  readonly cause?: {
    readonly code?: string;
    readonly message?: string;
    readonly errors?: readonly { code?: string }[];
  };
}

/** Node wraps the socket's error in a TypeError "fetch failed"; several addresses make it an AggregateError. */
export function causeOf(error: unknown): string {
  const { name, message, cause } = error as FetchFault;
  if (name === 'TimeoutError') return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  return cause?.code ?? cause?.errors?.[0]?.code ?? cause?.message ?? message ?? String(error);
}

/** What getaddrinfo says of a name: it does not exist, or no name server answered. */
const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN'];

export function unreachable(connection: Connection, cause: string): LedgerError {
  if (cause === 'ECONNREFUSED') {
    return new LedgerError(
      'UNREACHABLE',
      `nothing answers at ${connection.url}: start the ledger with \`npm start\`, or set WAYBILL_URL`,
    );
  }
  if (UNKNOWN_HOST.includes(cause)) {
    return new LedgerError('UNREACHABLE', `the host of WAYBILL_URL is not found: ${new URL(connection.url).hostname}`);
  }
  return new LedgerError('UNREACHABLE', `lost the connection to ${connection.url} (${cause})`, {
    hint: 'the command is safe to repeat: check that the ledger runs, then try again',
  });
}
