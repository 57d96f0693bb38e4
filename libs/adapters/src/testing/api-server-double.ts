import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@waybill/kernel';

export type Handler = (request: { readonly method: string; readonly url: URL }, response: ServerResponse) => void;

/** Answers as an API server would in faults that a real one cannot be brought to. */
export interface ApiServerDouble {
  readonly kubeconfig: string;
  /** What was asked, in order: `GET /api/v1/configmaps?limit=500`. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function apiServerDouble(handle: Handler): Promise<ApiServerDouble> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '/', 'http://double');
    asked.push(`${request.method} ${request.url}`);
    handle({ method: request.method ?? 'GET', url }, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'waybill-double-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'double',
    // The library takes plain HTTP only from whoever says that certificates do not matter.
    clusters: [{ name: 'double', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'double', context: { cluster: 'double', user: 'nobody' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  return {
    kubeconfig,
    asked,
    async close() {
      rmSync(folder, { recursive: true });
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

export function answer(
  response: ServerResponse,
  body: JsonValue,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** `metav1.Status` of a refusal. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string, headers = {}): void {
  answer(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code }, code, headers);
}
