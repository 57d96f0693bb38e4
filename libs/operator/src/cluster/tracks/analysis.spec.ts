import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Analysis } from '@waybill/domain';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { measure } from './analysis.js';

/** What Prometheus answers to an instant query of one sample. */
const vector = (...samples: string[]) => ({
  status: 'success',
  data: { resultType: 'vector', result: samples.map((sample) => ({ metric: {}, value: [1, sample] })) },
});

describe('one measurement', () => {
  let server: Server;
  let address: string;
  let answer: { readonly status: number; readonly body: string };
  beforeAll(async () => {
    server = createServer((_, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((done) => server.close(done)));

  const often = { intervalSeconds: 1, count: 1, failureLimit: 0 };
  const never = new AbortController().signal;
  const prometheus = (bounds: { min?: number; max?: number }) =>
    Analysis.parse({ type: 'prometheus', address, query: 'error_rate', ...bounds, ...often });

  it.each([
    ['below the most', { max: 0.05 }, ['0.01'], { verdict: 'passed', value: 0.01, message: '0.01' }],
    ['above the most', { max: 0.05 }, ['0.2'], { verdict: 'failed', value: 0.2, message: '0.2 is above 0.05' }],
    ['below the least', { min: 10 }, ['3'], { verdict: 'failed', value: 3, message: '3 is below 10' }],
    [
      'larger than an event can hold',
      { max: 1 },
      ['1e300'],
      { verdict: 'failed', value: null, message: '1e+300 is above 1' },
    ],
    ['no number', { max: 1 }, ['NaN'], { verdict: 'inconclusive', value: null, message: 'the sample is NaN' }],
    ['not there', { max: 1 }, [], { verdict: 'inconclusive', value: null, message: 'the query gave no single sample' }],
    [
      'one of two',
      { max: 1 },
      ['0', '0'],
      { verdict: 'inconclusive', value: null, message: 'the query gave no single sample' },
    ],
  ])('of a sample that is %s', async (_, bounds, samples, told) => {
    answer = { status: 200, body: JSON.stringify(vector(...samples)) };
    expect(await measure(prometheus(bounds), never)).toEqual(told);
  });

  it('of a Prometheus that refuses the query tells its words', async () => {
    answer = { status: 400, body: '{"status":"error","error":"parse error"}' };
    expect(await measure(prometheus({ max: 1 }), never)).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining('parse error'),
    });
  });

  it('of a status compares it with the one that is wanted', async () => {
    const http = Analysis.parse({ type: 'http', url: address, ...often });
    answer = { status: 200, body: '' };
    expect(await measure(http, never)).toMatchObject({ verdict: 'passed', value: 200 });
    answer = { status: 503, body: '' };
    expect(await measure(http, never)).toMatchObject({ verdict: 'failed', value: 503 });
  });
});
