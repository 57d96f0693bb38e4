import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Agent, RequestOptions } from 'node:https';
import { delimiter, dirname, resolve } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { WaybillError } from '@waybill/kernel';
import { parse } from 'yaml';

export interface KubeconfigOptions {
  /** Path of a kubeconfig. Without it: `KUBECONFIG`, `~/.kube/config`, the service account of the pod. */
  readonly kubeconfig?: string;
  /** Otherwise the current one of the kubeconfig. */
  readonly context?: string;
}

/** How a request shows who sends it, and whom it trusts. */
export interface Credentials {
  /** The same as long as nothing of them changed. */
  readonly fingerprint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: string | undefined;
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** The kubeconfig's proxy; undefined where there is none. */
  readonly proxy: Agent | undefined;
}

export interface Access {
  readonly server: URL;
  /** Looked up again every 30 seconds: token files and certificates are rotated in place. */
  current(): Promise<Credentials>;
  /** After the server refused `used`: everything is read anew, exec plugins are run again. */
  renew(used: Credentials): Promise<Credentials>;
}

const FRESH_MS = 30_000;
/** Whoever is refused does not run the exec plugin more often than this. */
const RENEW_PAUSE_MS = 2_000;

/** Rejects with `CONFIGURATION` when no cluster can be made out; nothing is asked of the cluster yet. */
export async function loadAccess(options: KubeconfigOptions): Promise<Access> {
  let config = await loadConfig(options);
  const server = serverOf(config);
  let credentials: Promise<Credentials> | undefined;
  let readAt = -Infinity;
  let renewedAt = -Infinity;

  function read(): Promise<Credentials> {
    readAt = performance.now();
    const reading = credentialsOf(config);
    credentials = reading;
    reading.catch(() => {
      if (credentials === reading) credentials = undefined;
    });
    return reading;
  }

  return {
    server,
    current: () => (credentials && performance.now() - readAt < FRESH_MS ? credentials : read()),
    async renew(used) {
      const latest = await (credentials ?? read());
      if (latest.fingerprint !== used.fingerprint || performance.now() - renewedAt < RENEW_PAUSE_MS) return latest;
      renewedAt = performance.now();
      // A kubeconfig that is being written this moment is no reason to lose the one we have.
      config = await loadConfig(options).catch(() => config);
      return read();
    },
  };
}

async function loadConfig({ kubeconfig, context }: KubeconfigOptions): Promise<KubeConfig> {
  // Loaded when it is needed: the ledger delivers to Git without ever paying the half second that it takes.
  const client = await import('@kubernetes/client-node');
  const config = new client.KubeConfig();
  const place = kubeconfig ?? process.env['KUBECONFIG'];
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
    addTokenFiles(config, place?.split(delimiter).filter(Boolean) ?? []);
  } catch (error) {
    throw new WaybillError('CONFIGURATION', `The kubeconfig ${place ?? ''} cannot be read: ${messageOf(error)}`, {
      hint: 'Name a readable kubeconfig, or run in a pod that has a service account.',
      cause: error,
    });
  }
  if (context !== undefined) config.setCurrentContext(context);
  // What the library makes up when it finds nothing at all.
  if (place === undefined && config.getCurrentCluster()?.server === 'http://localhost:8080') {
    throw new WaybillError('CONFIGURATION', 'There is no kubeconfig, and no service account of a pod', {
      hint: 'Set KUBECONFIG, or run in a pod that has a service account.',
    });
  }
  if (!config.getCurrentCluster()) {
    const there = config.getContexts().map(({ name }) => name);
    throw new WaybillError(
      'CONFIGURATION',
      `The kubeconfig has no context ${config.getCurrentContext() || '(none is current)'} with a cluster`,
      { hint: there.length > 0 ? `There are: ${there.join(', ')}.` : 'It has none at all.' },
    );
  }
  return config;
}

/** The library reads `token-file` once; what kubectl writes is `tokenFile`, and the file is rotated. */
function addTokenFiles(config: KubeConfig, files: readonly string[]): void {
  for (const file of files) {
    const raw = parse(readFileSync(file, 'utf8')) as {
      users?: readonly { name?: string; user?: { tokenFile?: string } }[];
    } | null;
    for (const { name, user } of raw?.users ?? []) {
      const known = config.users.find((other) => other.name === name);
      if (!known || typeof user?.tokenFile !== 'string') continue;
      const tokenFile = resolve(dirname(file), user.tokenFile);
      config.users = config.users.map((other) =>
        other === known ? { ...known, authProvider: { name: 'tokenFile', config: { tokenFile } } } : other,
      );
    }
  }
}

function serverOf(config: KubeConfig): URL {
  const { server: address = '', skipTLSVerify } = config.getCurrentCluster() ?? {};
  if (!URL.canParse(address)) {
    throw new WaybillError('CONFIGURATION', `The kubeconfig names no address of an API server: ${address}`);
  }
  const server = new URL(address);
  if (server.protocol === 'http:' && skipTLSVerify !== true) {
    throw new WaybillError('CONFIGURATION', `${address} is plain HTTP: credentials would travel unprotected`, {
      hint: 'Use HTTPS, or set `insecure-skip-tls-verify: true` if that is what you want.',
    });
  }
  return server;
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw Object.assign(new Error(messageOf(error), { cause: error }), { code: 'CREDENTIALS' });
  }
  const { ca, cert, key, rejectUnauthorized, servername, auth } = options;
  const headers = Object.fromEntries(
    // A token file that ends with a line feed, as most editors leave it, makes no header.
    Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value).trim()]),
  );
  const tls = { ca, cert, key, rejectUnauthorized, servername };
  const proxied = config.getCurrentCluster()?.proxyUrl !== undefined;
  return {
    fingerprint: fingerprintOf([headers, auth, tls]),
    headers,
    auth: auth ?? undefined,
    tls: Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined)),
    proxy: proxied ? (options.agent as Agent) : undefined,
  };
}

function fingerprintOf(parts: unknown): string {
  const text = JSON.stringify(parts, (_, value: unknown) =>
    Buffer.isBuffer(value) ? value.toString('base64') : value,
  );
  return createHash('sha256').update(text).digest('base64');
}

function messageOf(error: unknown): string {
  return error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)
    ? String((error as Error).message).trim()
    : String(error);
}
