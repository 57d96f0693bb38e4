import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Access, Credentials } from './credentials.js';
import { type Transport, createTransport } from './transport.js';

let server: Server;
let transport: Transport;
let token: string;
const sockets: Socket[] = [];

const credentials = (): Promise<Credentials> =>
  Promise.resolve({
    fingerprint: token,
    headers: { authorization: `Bearer ${token}` },
    auth: undefined,
    tls: {},
    proxy: undefined,
  });

beforeEach(async () => {
  token = 'first';
  sockets.length = 0;
  server = createServer((_, response) => response.end('{}'));
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const access: Access = {
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    current: credentials,
    renew: credentials,
  };
  transport = createTransport(access);
});
afterEach(async () => {
  transport.close();
  await new Promise((resolve) => server.close(resolve));
});

const ask = () => transport.send({ method: 'GET', path: '/', what: 'nothing' });

it('keeps no connection of a token that was replaced', async () => {
  await ask();
  await ask();
  expect(sockets).toHaveLength(1);
  token = 'second';
  const closed = once(sockets[0]!, 'close');
  await ask();
  await closed;
  expect(sockets).toHaveLength(2);
  expect(sockets[1]!.destroyed).toBe(false);
});

it('lets what is under way with an earlier token end by itself', async () => {
  let answer: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    server.removeAllListeners('request');
    server.once('request', (_, response) => {
      server.on('request', (_again, fresh) => fresh.end('{}'));
      answer = () => response.end('{"slow":true}');
      resolve();
    });
  });
  const slow = ask();
  await asked;
  token = 'second';
  await ask();
  const closed = once(sockets[0]!, 'close');
  answer();
  expect((await slow).body).toBe('{"slow":true}');
  await closed;
});
