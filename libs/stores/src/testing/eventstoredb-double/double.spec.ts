import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, type AppendExpectedRevision } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startControl } from './control.js';
import { startEventStoreDbDouble, type EventStoreDbDouble } from './double.js';

/** What KurrentDB's own suite says of it (`appending_to_implicitly_created_stream`), here over the client as it is. */
describe('the double behaves as the server does', () => {
  let double: EventStoreDbDouble;
  let client: EventStoreDBClient;
  const events = Array.from({ length: 6 }, (_, number) =>
    jsonEvent({ id: randomUUID(), type: 'Thing', data: { number } }),
  );

  beforeEach(async () => {
    double = await startEventStoreDbDouble();
    client = EventStoreDBClient.connectionString(double.url);
  });
  afterEach(async () => {
    await client.dispose();
    double.stop();
  });

  const append = async (numbers: readonly number[], expectedRevision: AppendExpectedRevision, stream = 'thing-1') => {
    const sent = numbers.map((number) => events[number]!);
    return client.appendToStream(stream, sent, { expectedRevision }).then(
      ({ nextExpectedRevision, position }) => ({ revision: Number(nextExpectedRevision), position: position!.commit }),
      (error: { type: string }) => error.type,
    );
  };
  const numbers = (): readonly unknown[] =>
    (double.log.stream('thing-1') ?? []).map(({ data }) => JSON.parse(Buffer.from(data).toString('utf8')).number);
  const oneByOne = async (): Promise<void> => {
    for (let number = 0; number < 6; number++) {
      await append([number], number === 0 ? 'no_stream' : BigInt(number - 1));
    }
  };

  it('repeats at the original revision without writing, and gives the original position', async () => {
    const first = await append([0], 'no_stream');
    for (let number = 1; number < 6; number++) await append([number], BigInt(number - 1));
    expect(await append([0], 'no_stream')).toEqual(first);
    expect(numbers()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('writes an id again at the right revision (0e5), and in another stream', async () => {
    await oneByOne();
    expect(await append([0], 5n)).toMatchObject({ revision: 6 });
    expect(numbers()).toEqual([0, 1, 2, 3, 4, 5, 0]);
    expect(await append([0], 'no_stream', 'thing-2')).toMatchObject({ revision: 0 });
  });

  it.each([6n, 4n])('refuses a wrong revision (0e%d)', async (revision) => {
    await oneByOne();
    expect(await append([0], revision)).toBe('wrong-expected-version');
    expect(numbers()).toHaveLength(6);
  });

  it('repeats a part of an append, and refuses more than was written', async () => {
    await append([0, 1], 'no_stream');
    expect(await append([0], 'no_stream')).toMatchObject({ revision: 0 });
    expect(await append([1], 0n)).toMatchObject({ revision: 1 });
    expect(await append([0, 1, 2], 'no_stream')).toBe('wrong-expected-version');
    expect(numbers()).toEqual([0, 1]);
  });

  it('looks at ids only, not at what they stand for', async () => {
    await append([0], 'no_stream');
    const other = { ...events[0]!, data: { number: 'other' } };
    const { success } = await client.appendToStream('thing-1', other, { expectedRevision: 'no_stream' });
    expect(success).toBe(true);
    expect(numbers()).toEqual([0]);
  });

  it('waits when it is told to be slow, and takes faults over HTTP', async () => {
    const control = await startControl(double);
    const post = (fault: unknown): Promise<number> =>
      fetch(control.url, { method: 'POST', body: JSON.stringify(fault) }).then(({ status }) => status);
    expect(await post({ fault: 'delay', milliseconds: 120 })).toBe(200);
    const before = performance.now();
    await append([0], 'no_stream');
    expect(performance.now() - before).toBeGreaterThan(110);
    expect(await post({ fault: 'unavailable', on: true })).toBe(200);
    expect(await append([1], 0n)).toBe('unavailable');
    expect(await post({ fault: 'earthquake' })).toBe(400);
    const answer = (await (await fetch(control.url)).json()) as { calls: { append: number } };
    expect(answer.calls.append).toBe(double.calls.append);
    control.stop();
  });
});
