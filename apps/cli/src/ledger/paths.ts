import { LedgerError } from '../exit.js';
import type { World } from '../world.js';
import { answerOf } from './answer.js';
import { causeOf, unreachable } from './client.js';
import { type Connection, connectionOf } from './connection.js';

/** What the ledger serves beside GraphQL. Refusals have the shape of GraphQL's. */

/** The body of a path as it arrives. Throws what the ledger said when it refused. */
export async function openPath(world: World, path: string): Promise<AsyncIterable<Buffer>> {
  const { connection, response } = await request(world, path, {});
  if (!response.ok) return answerOf<never>(connection, response.status, await response.text());
  return chunksOf(response);
}

export async function readPath(world: World, path: string): Promise<string> {
  const { connection, response } = await request(world, path, {});
  const text = await response.text();
  return response.ok ? text : answerOf<never>(connection, response.status, text);
}

/** Posts JSON and gives the JSON of the answer. */
export async function postPath(world: World, path: string, body: object): Promise<unknown> {
  const { connection, response } = await request(world, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return response.ok ? (JSON.parse(text) as unknown) : answerOf<never>(connection, response.status, text);
}

async function request(
  world: World,
  path: string,
  init: RequestInit & { readonly headers?: Record<string, string> },
): Promise<{ readonly connection: Connection; readonly response: Response }> {
  const connection = connectionOf(world);
  const authorization = connection.token === undefined ? {} : { authorization: `Bearer ${connection.token}` };
  try {
    const response = await fetch(`${connection.url}${path}`, {
      ...init,
      headers: { ...init.headers, ...authorization },
    });
    return { connection, response };
  } catch (error) {
    throw unreachable(connection, causeOf(error));
  }
}

async function* chunksOf(response: Response): AsyncGenerator<Buffer, void, void> {
  if (!response.body) throw new LedgerError('UNREACHABLE', 'the ledger answered without a body');
  for await (const chunk of response.body) yield Buffer.from(chunk as Uint8Array);
}
