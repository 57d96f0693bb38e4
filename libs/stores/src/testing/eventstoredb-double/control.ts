import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EventStoreDbDouble } from './double.js';
import type { Fault } from './faults.js';

export interface Control {
  /** `http://127.0.0.1:<port>`: POST a fault as JSON; GET says how often each method was called. */
  readonly url: string;
  stop(): void;
}

/** Lets another process inject faults. */
export async function startControl(double: EventStoreDbDouble, port = 0): Promise<Control> {
  const server = createServer((request, response) => {
    const answer = (code: number, body: object): void => {
      response.writeHead(code, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    };
    if (request.method === 'GET') {
      answer(200, { calls: double.calls, events: double.log.all().length });
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      try {
        double.inject(JSON.parse(body) as Fault);
        answer(200, {});
      } catch (error) {
        answer(400, { error: String(error) });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
