import { afterEach, describe, expect, it } from '@jest/globals';
import { type Served, serve } from './http.js';

describe('what an operator serves', () => {
  let served: Served;
  let waiting: string[] = [];
  afterEach(() => served.close());

  const start = async (): Promise<void> => {
    served = await serve(
      { host: '127.0.0.1', port: 0 },
      { metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' }), waitingFor: () => waiting },
    );
  };

  const ask = async (path: string, method = 'GET'): Promise<[number, string]> => {
    const response = await fetch(`${served.url}${path}`, { method });
    return [response.status, await response.text()];
  };

  it('is health, readiness, metrics and nothing else', async () => {
    await start();
    expect(await ask('/healthz')).toEqual([200, 'ok\n']);
    expect(await ask('/readyz')).toEqual([200, 'ready\n']);
    waiting = ['the records of the location'];
    expect(await ask('/readyz')).toEqual([503, 'waiting for the records of the location\n']);
    expect(await ask('/metrics?x=1')).toEqual([200, 'up 1\n']);
    expect((await ask('/'))[0]).toBe(404);
    expect((await ask('/metrics', 'POST'))[0]).toBe(405);
  });

  it('says where it cannot listen', async () => {
    await start();
    const port = Number(new URL(served.url).port);
    const pages = { metrics: () => Promise.reject(new Error('unused')), waitingFor: () => [] };
    await expect(serve({ host: '127.0.0.1', port }, pages)).rejects.toMatchObject({
      code: 'CONFIGURATION',
      message: `Cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
    });
  });
});
