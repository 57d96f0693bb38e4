import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type ApiServerDouble, answer, apiServerDouble, refuse } from '../../testing/api-server-double.js';
import { loadAccess } from './credentials.js';
import { createDiscovery } from './discovery.js';
import { type Transport, createTransport } from './transport.js';
import { type WatchTimes, watchSelection } from './watch.js';

const QUICK: WatchTimes = { timeoutSeconds: 240, silenceMs: 60_000, firstPauseMs: 1, longestPauseMs: 5 };
const SELECTION = { apiVersion: 'v1', kind: 'ConfigMap' };

const object = (name: string, version: string, uid = `u-${name}`) => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace: 'shop', uid, resourceVersion: version },
});
const event = (type: string, what: object): string => `${JSON.stringify({ type, object: what })}\n`;
const bookmark = (version: string): string =>
  event('BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: version } });

/** Plays one scene a request, in order; the last one lasts. */
type Scene = (response: ServerResponse, url: URL) => void;
const list =
  (version: string, ...objects: object[]): Scene =>
  (response) =>
    answer(response, { kind: 'ConfigMapList', metadata: { resourceVersion: version }, items: objects } as never);
const watch =
  (...lines: string[]): Scene =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const line of lines) response.write(line);
  };
const thenEnd =
  (scene: Scene): Scene =>
  (response, url) => {
    scene(response, url);
    response.end();
  };

let double: ApiServerDouble;
let transport: Transport;
let stop: AbortController;
let ended: Promise<void>;

/** Resolves when the last scene has been played and told. */
async function play(scenes: Scene[], until: string, times: Partial<WatchTimes> = {}): Promise<string[]> {
  const told: string[] = [];
  const kinds = { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, verbs: ['watch'] }] };
  double = await apiServerDouble(({ url }, response) => {
    if (url.pathname.includes('nobody-serves-this')) return void response.writeHead(404).end();
    if (url.pathname === '/api') return answer(response, { kind: 'APIVersions', versions: ['v1'] });
    if (url.pathname === '/apis') return answer(response, { kind: 'APIGroupList', groups: [] });
    if (url.pathname === '/api/v1') return answer(response, kinds);
    const version = url.searchParams.get('resourceVersion');
    told.push(url.searchParams.has('watch') ? `watch from ${version}` : 'list');
    (scenes.shift() ?? watch())(response, url);
  });
  transport = createTransport(await loadAccess({ kubeconfig: double.kubeconfig }));
  stop = new AbortController();
  await new Promise<void>((done) => {
    const tell = (line: string): void => {
      told.push(line);
      if (line === until) done();
    };
    ended = watchSelection(
      { transport, discovery: createDiscovery(transport) },
      SELECTION,
      {
        upsert: ({ metadata }) => tell(`+${metadata.name}`),
        remove: ({ metadata }) => tell(`-${metadata.name} ${metadata.uid}`),
        synced: () => tell('synced'),
      },
      stop.signal,
      { ...QUICK, ...times },
    );
  });
  return told;
}

afterEach(async () => {
  stop.abort();
  await ended;
  transport.close();
  await double.close();
});

describe('watchSelection', () => {
  it('goes on from the last bookmark when the server ends the watch', async () => {
    const told = await play(
      [list('10', object('a', '5')), thenEnd(watch(bookmark('20'))), watch(event('ADDED', object('b', '21')))],
      '+b',
    );
    expect(told).toEqual(['list', '+a', 'synced', 'watch from 10', 'watch from 20', '+b']);
  });

  it.each([
    ['as an event', watch(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }))],
    ['as an answer', (response: ServerResponse) => refuse(response, 410, 'Expired', 'too old resource version')],
  ])('lists again when its version is forgotten, told %s, and tells what is gone', async (_, scene) => {
    const told = await play(
      [list('10', object('a', '5'), object('b', '6')), scene, list('30', object('b', '6')), watch()],
      '-a u-a',
    );
    expect(told.slice(0, 7)).toEqual(['list', '+a', '+b', 'synced', 'watch from 10', 'list', '+b']);
  });

  it('tells of an object that was replaced by another of its name while nobody watched', async () => {
    const told = await play(
      [
        list('10', object('a', '5', 'first')),
        watch(event('ERROR', { code: 410 })),
        list('30', object('a', '25', 'second')),
      ],
      '-a first',
    );
    expect(told).toContain('-a first');
  });

  it('finds out that a server hangs, and goes on where it was', async () => {
    const told = await play([list('10'), watch(bookmark('11')), watch(event('ADDED', object('a', '12')))], '+a', {
      silenceMs: 50,
    });
    expect(told).toEqual(['list', 'synced', 'watch from 10', 'watch from 11', '+a']);
  });

  it('goes on where it was when the connection is cut in the middle of a line', async () => {
    const cut: Scene = (response) => {
      response.writeHead(200);
      response.write(event('ADDED', object('a', '11')));
      response.write('{"type":"ADDED","object":{"kind":', () => response.destroy());
    };
    const told = await play([list('10'), cut, watch(event('ADDED', object('b', '12')))], '+b');
    expect(told).toEqual(['list', 'synced', 'watch from 10', '+a', 'watch from 11', '+b']);
  });

  it('outlives every refusal', async () => {
    const refusals: Scene[] = [500, 503, 429, 403, 401].map(
      (code) => (response) => refuse(response, code, 'Refused', 'no'),
    );
    const told = await play([...refusals, list('10', object('a', '5')), watch()], 'synced');
    expect(told).toEqual([...Array<string>(6).fill('list'), '+a', 'synced']);
  });

  it('reads an object that comes in many pieces, of letters of several bytes', async () => {
    const large = event('ADDED', { ...object('a', '11'), data: { text: 'grün '.repeat(50_000) } });
    const bytes = Buffer.from(large);
    const inPieces: Scene = (response) => {
      response.writeHead(200);
      for (let at = 0; at < bytes.length; at += 1021) response.write(bytes.subarray(at, at + 1021));
    };
    expect(await play([list('10'), inPieces], '+a')).toContain('+a');
  });

  it('ends while it waits', async () => {
    await play([list('10'), watch()], 'synced', { firstPauseMs: 60_000, longestPauseMs: 60_000 });
    stop.abort();
    await expect(ended).resolves.toBeUndefined();
  });
});
