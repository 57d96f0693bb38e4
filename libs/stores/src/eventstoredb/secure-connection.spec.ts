import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RetryableError } from '@waybill/kernel';
import { sampleEvents } from '@waybill/kernel/testing';
import { selfSignedCertificate, startEventStoreDbDouble, type EventStoreDbDouble } from '../testing/index.js';
import { openEventStoreDbStore } from './event-store.js';

describe('a secure connection to EventStoreDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-tls-'));
  const authority = join(folder, 'ca.pem');
  let double: EventStoreDbDouble;

  beforeAll(async () => {
    const tls = selfSignedCertificate();
    writeFileSync(authority, tls.certificate);
    double = await startEventStoreDbDouble({ tls, credentials: { username: 'ops', password: 'p@ss/w:rd' } });
  });
  afterAll(() => {
    double.stop();
    rmSync(folder, { recursive: true });
  });

  const url = (user: string, more = `&tlsCAFile=${encodeURIComponent(authority)}`): string =>
    `esdb://${user}localhost:${double.port}?tls=true&defaultDeadline=3000${more}`;
  const refused = (address: string): Promise<unknown> =>
    openEventStoreDbStore({ url: address }).then(
      () => new Error('it was let in'),
      (error: unknown) => error,
    );

  it('takes the authority and the credentials from the address, and prints neither', async () => {
    const printed = (['stdout', 'stderr'] as const).map((stream) => jest.spyOn(process[stream], 'write'));
    const store = await openEventStoreDbStore({ url: url('ops:p%40ss%2Fw%3Ard@') });
    await store.append('thing-1', sampleEvents(2), 'no-stream');
    const batches = store.subscribe()[Symbol.asyncIterator]();
    expect((await batches.next()).value).toHaveLength(2);
    await store.close();
    for (const spy of printed) {
      expect(spy.mock.calls.join()).not.toContain('p@ss');
      spy.mockRestore();
    }
  });

  it.each([
    ['another password', 'ops:p%40ss-wrong@'],
    ['no credentials', ''],
  ])('is refused for good with %s', async (_what, user) => {
    const error = await refused(url(user));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', hint: expect.stringContaining('password') });
    expect(error).not.toBeInstanceOf(RetryableError);
    expect(String(error)).not.toContain('p@ss');
  });

  it('is refused when the server’s certificate is of an unknown authority', async () => {
    expect(await refused(url('ops:p%40ss%2Fw%3Ard@', ''))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('certificate'),
    });
  });

  it('is refused when the authority’s file is not there', async () => {
    expect(await refused(url('', `&tlsCAFile=${encodeURIComponent(join(folder, 'none.pem'))}`))).toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringContaining('none.pem'),
    });
  });
});
