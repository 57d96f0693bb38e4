import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Call {
  /** Name of the operation, such as `RequestRelease`. */
  readonly operation: string;
  readonly variables: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/** What the stub does with a call: answers JSON, or `hang-up` closes the connection without an answer. */
export type Reply = object | 'hang-up';

export interface StubLedger {
  readonly url: string;
  readonly calls: Call[];
  close(): Promise<void>;
}

/** A GraphQL endpoint over real HTTP that answers by the operation's name. */
export async function startStubLedger(reply: (call: Call, calls: readonly Call[]) => Reply): Promise<StubLedger> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { query, variables } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        query: string;
        variables: Record<string, unknown>;
      };
      const operation = /(?:query|mutation)\s+(\w+)/.exec(query)?.[1] ?? '';
      const call = { operation, variables, headers: request.headers };
      calls.push(call);
      const answer = reply(call, calls);
      if (answer === 'hang-up') request.socket.destroy();
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
