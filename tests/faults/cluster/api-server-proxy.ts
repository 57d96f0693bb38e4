import { testKubernetes } from '@waybill/adapters/testing';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { parse, stringify } from 'yaml';
import type { Gate, Step } from './passage.js';

interface Kubeconfig {
  readonly clusters: { cluster: { server: string; 'certificate-authority': string } }[];
}

export interface ApiServerProxy {
  /** The same kubeconfig, with the proxy as its server. */
  through(kubeconfig: string): string;
  close(): void;
}

/** Stands before the test cluster's API server, with the certificate of that one. */
export async function startApiServerProxy(gate: Gate): Promise<ApiServerProxy> {
  const { cluster } = (parse(readFileSync(testKubernetes().kubeconfig, 'utf8')) as Kubeconfig).clusters[0]!;
  const target = new URL(cluster.server);
  const cert = readFileSync(cluster['certificate-authority']);
  const key = readFileSync(cluster['certificate-authority'].replace(/crt$/, 'key'));
  const agent = new https.Agent({ keepAlive: true, ca: cert });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await whole(request);
    const { method = 'GET', url = '/', headers } = request;
    const step = stepOf(method, url);
    const cut = (): void => void request.socket.destroy();
    if (step && (await gate(step, 'before')) === 'cut') return cut();
    const onward = https.request({ host: target.hostname, port: target.port, path: url, method, headers, agent });
    onward.on('error', cut);
    response.on('close', () => onward.destroy());
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    answer.on('error', cut);
    if (!step) {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      return;
    }
    const text = await whole(answer);
    if ((await gate(step, 'after')) === 'cut') return cut();
    response.writeHead(answer.statusCode!, answer.headers).end(text);
  }

  const server = https.createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    through(kubeconfig) {
      const known = parse(kubeconfig) as Kubeconfig;
      const clusters = known.clusters.map((one) => ({
        ...one,
        cluster: { ...one.cluster, server: `https://127.0.0.1:${port}` },
      }));
      return stringify({ ...known, clusters });
    },
    close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const PATH = /^\/apis?\/(?:[^/]+\/)?v[^/]+\/namespaces\/([^/]+)\/([^/]+)(?:\/[^/]+)?(\/status)?$/;

/** Undefined for what only reads, and for what goes on at any time: leases and events for people. */
function stepOf(method: string, url: string): Step | undefined {
  const { pathname, searchParams } = new URL(url, 'https://server');
  const [, namespace = '', plural = '', status] = PATH.exec(pathname) ?? [];
  if (method === 'GET' || searchParams.has('dryRun') || ['', 'leases', 'events'].includes(plural)) return undefined;
  const location = namespace.replace(/^waybill-/, '');
  if (plural !== 'releases') {
    return { location, name: `${method === 'DELETE' ? 'remove' : 'apply'} ${plural}` };
  }
  if (status) return { location, name: 'status write' };
  return { location, name: `release ${{ POST: 'create', DELETE: 'delete' }[method] ?? 'write'}` };
}
