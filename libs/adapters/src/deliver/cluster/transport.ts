import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { Access, Credentials } from './credentials.js';
import { TimeoutError, answeredError, networkError } from './api-error.js';

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query, below the server's address. */
  readonly path: string;
  /** For people: what an error says was asked. */
  readonly what: string;
  readonly accept?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly type: string; readonly text: string };
  /** From the moment it is sent to the end of the answer; of a stream to its beginning. 30 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** HTTP/1.1 with connections that are kept. Everything it rejects with is an ApiError, or the reason of the abort. */
export interface Transport {
  /** For people: no credentials, no path. */
  readonly server: string;
  /** Answers of 400 and more reject; those in `accepted` do not. */
  send(exchange: Exchange, accepted?: readonly number[]): Promise<Answer>;
  /** The beginning of an answer that goes on for long. Over connections of its own: it takes none of the others'. */
  stream(exchange: Exchange): Promise<IncomingMessage>;
  close(): void;
}

const TIMEOUT_MS = 30_000;
/** A request that waits for one of the connections for longer than this is told rather than kept for ever. */
const QUEUE_MS = 120_000;
/** What 100 writes need to be as fast as the server can (servers.md); more only takes from others. */
const IN_FLIGHT = 16;
/** The API server closes idle connections later (its idle time-out is 90 s and more), so we are first. */
const IDLE_MS = 60_000;
/** Far above a page of 500 objects of usual size; a list that is larger must not take the process down. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

interface Agents {
  readonly fingerprint: string;
  readonly short: http.Agent;
  readonly long: http.Agent;
}

export function createTransport(access: Access): Transport {
  const { protocol, host, pathname } = access.server;
  const server = `${protocol}//${host}`;
  const base = urlToHttpOptions(access.server);
  const prefix = pathname.replace(/\/$/, '');
  let agents: Agents | undefined;
  /** Of earlier credentials, while a request of theirs is under way. */
  const leaving = new Set<http.Agent>();

  function agentsFor({ fingerprint, tls, proxy }: Credentials): Agents {
    if (agents?.fingerprint === fingerprint) return agents;
    const options = { keepAlive: true, ...tls };
    const create = (maxSockets: number, timeout?: number): http.Agent => {
      const limits = { maxSockets, ...(timeout === undefined ? {} : { timeout }) };
      return protocol === 'http:'
        ? new http.Agent({ ...options, ...limits })
        : new https.Agent({ ...options, ...limits });
    };
    if (agents) leave(agents);
    agents = proxy
      ? { fingerprint, short: proxy, long: proxy }
      : { fingerprint, short: create(IN_FLIGHT, IDLE_MS), long: create(Infinity) };
    return agents;
  }

  /** What is under way with earlier credentials ends by itself, and its connection with it; idle ones go now. */
  function leave({ short, long }: Agents): void {
    for (const agent of [short, long]) {
      agent.maxFreeSockets = 0;
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      leaving.add(agent);
    }
    for (const agent of leaving) if (Object.keys(agent.sockets).length === 0) leaving.delete(agent);
  }

  function begin(
    exchange: Exchange,
    credentials: Credentials,
    agent: http.Agent,
    long: boolean,
  ): Promise<IncomingMessage> {
    const { method, path, accept = 'application/json', headers, body, signal, timeoutMs = TIMEOUT_MS } = exchange;
    return new Promise((resolve, reject) => {
      const request = (protocol === 'http:' ? http : https).request({
        ...base,
        ...credentials.tls,
        method,
        path: prefix + path,
        agent,
        ...(credentials.auth === undefined ? {} : { auth: credentials.auth }),
        headers: {
          accept,
          'user-agent': 'waybill-operator',
          ...headers,
          ...credentials.headers,
          ...(body && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) }),
        },
      });
      let timer = setTimeout(expire, QUEUE_MS);
      function expire(): void {
        request.destroy(new TimeoutError(`no answer within ${timeoutMs} ms`));
      }
      function abort(): void {
        request.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
      }
      request.once('socket', (socket) => {
        socket.setKeepAlive(true, 30_000);
        clearTimeout(timer);
        timer = setTimeout(expire, timeoutMs);
      });
      request.once('response', (response) => {
        if (long) clearTimeout(timer);
        // Whoever reads it is told; one that nobody reads any more must not bring the process down.
        response.on('error', () => undefined);
        resolve(response);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed an idle connection in the moment of its reuse, most likely without looking at the request.
        reject(request.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection(error) : error);
      });
      request.once('close', () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
      request.end(body?.text);
    });
  }

  async function beginFresh(exchange: Exchange, long: boolean): Promise<IncomingMessage> {
    const credentials = await access.current();
    const response = await beginWith(credentials);
    if (response.statusCode !== 401) return response;
    const renewed = await access.renew(credentials);
    if (renewed.fingerprint === credentials.fingerprint) return response;
    response.resume();
    return beginWith(renewed);

    async function beginWith(used: Credentials): Promise<IncomingMessage> {
      const { short, long: forStreams } = agentsFor(used);
      const agent = long ? forStreams : short;
      try {
        return await begin(exchange, used, agent, long);
      } catch (error) {
        // Everything but a create may be done twice: a second PUT or DELETE finds a newer version or nothing.
        if (!(error instanceof StaleConnection)) throw error;
        if (exchange.method === 'POST') throw error.cause;
        return begin(exchange, used, agent, long);
      }
    }
  }

  async function told<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (exchange.signal?.aborted) throw exchange.signal.reason;
      const cause = error instanceof StaleConnection ? error.cause : error;
      throw networkError(exchange.what, server, cause);
    }
  }

  return {
    server,
    async send(exchange, accepted = []) {
      const answer = await told(exchange, async () => {
        const response = await beginFresh(exchange, false);
        return { status: response.statusCode ?? 0, headers: response.headers, body: await textOf(response) };
      });
      if (answer.status >= 400 && !accepted.includes(answer.status)) throw refused(exchange, answer);
      return answer;
    },

    async stream(exchange) {
      const response = await told(exchange, () => beginFresh(exchange, true));
      const { statusCode: status = 0, headers } = response;
      if (status < 400) return response;
      const body = await told(exchange, () => textOf(response));
      throw refused(exchange, { status, headers, body });
    },

    close() {
      for (const agent of leaving) agent.destroy();
      agents?.short.destroy();
      agents?.long.destroy();
    },
  };
}

class StaleConnection extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

function refused({ what }: Exchange, { status, headers, body }: Answer): Error {
  return answeredError(what, status, headers['retry-after'], body);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) {
      response.destroy();
      throw new Error(`an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString('utf8');
}
