import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectCluster } from './connect.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-kubeconfig-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function kubeconfig(text: string): string {
  const file = join(folder, 'config');
  writeFileSync(file, text);
  return file;
}

const withServer = (server: string): string =>
  JSON.stringify({
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'hidden' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  });

describe('connectCluster', () => {
  it.each([['is missing', '/nowhere/config', 'The kubeconfig /nowhere/config cannot be read: ENOENT']])(
    'refuses a kubeconfig that %s',
    async (_, file, message) => {
      await expect(connectCluster({ kubeconfig: file })).rejects.toMatchObject({
        code: 'CONFIGURATION',
        message: expect.stringContaining(message),
      });
    },
  );

  it.each([
    ['is no YAML', '{', 'cannot be read'],
    ['is empty', '', 'cannot be read'],
    ['has no context', '{}', 'no context (none is current)'],
    ['has no address', withServer('nowhere'), 'names no address of an API server: nowhere'],
    ['would send a token in the clear', withServer('http://127.0.0.1:8080'), 'http://127.0.0.1:8080 is plain HTTP'],
  ])('refuses a kubeconfig that %s, without its secrets', async (_, text, message) => {
    const refused = await connectCluster({ kubeconfig: kubeconfig(text) }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining(message) });
    expect(String(refused)).not.toContain('hidden');
  });

  it('takes one that names a server, which is asked nothing yet', async () => {
    const cluster = await connectCluster({
      kubeconfig: kubeconfig(withServer('https://user:secret@127.0.0.1:1/path/')),
      identity: 'operator-1',
    });
    expect([cluster.server, cluster.identity]).toEqual(['https://127.0.0.1:1', 'operator-1']);
    cluster.close();
  });
});
