import { WaybillError } from '@waybill/kernel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Served {
  /** Where it is reached. */
  readonly url: string;
  close(): Promise<void>;
}

export interface Pages {
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** What the process waits for; empty when it does its work. */
  waitingFor(): readonly string[];
}

/** `/metrics`, `/healthz` and `/readyz`: nothing else, and nothing that tells a secret. */
export async function serve({ host, port }: { host: string; port: number }, pages: Pages): Promise<Served> {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string, contentType = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': contentType }).end(text);
    };
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'only GET\n');
    if (path === '/healthz') return answer(200, 'ok\n');
    if (path === '/readyz') {
      const waiting = pages.waitingFor();
      return waiting.length === 0 ? answer(200, 'ready\n') : answer(503, `waiting for ${waiting.join(', ')}\n`);
    }
    if (path !== '/metrics') return answer(404, 'there are /metrics, /healthz and /readyz\n');
    pages.metrics().then(
      ({ contentType, text }) => answer(200, text, contentType),
      (error: unknown) => answer(500, `${String(error)}\n`),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new WaybillError('CONFIGURATION', `Cannot listen on ${host}:${port} (${code ?? String(error)})`, {
      hint: 'Choose another address with --listen.',
    });
  }
  const { address, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${taken}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
