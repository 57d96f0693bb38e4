import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '@waybill/kernel';
import { sampleEvents } from '@waybill/kernel/testing';
import { startEventStoreDbDouble, type EventStoreDbDouble } from '../testing/index.js';
import type { StoreTrouble } from './backoff.js';
import { openEventStoreDbStore } from './event-store.js';

describe('subscribing to EventStoreDB when the connection goes wrong', () => {
  let double: EventStoreDbDouble;
  let writer: EventStore;
  let reader: EventStore;
  let troubles: StoreTrouble[];
  let onTrouble: () => void;
  let onCall: () => void;
  const doubles: EventStoreDbDouble[] = [];

  beforeEach(async () => {
    onTrouble = onCall = () => undefined;
    double = await startEventStoreDbDouble({ onCall: () => onCall() });
    doubles.push(double);
    troubles = [];
    writer = await openEventStoreDbStore({ url: double.url });
    reader = await openEventStoreDbStore({
      url: double.url,
      stallAfter: 150,
      onTrouble(trouble) {
        troubles.push(trouble);
        onTrouble();
      },
    });
  });
  afterEach(async () => {
    await writer.close();
    await reader.close();
    for (const one of doubles.splice(0)) one.stop();
  });

  /** The batches up to `count` events; calls `after` each batch with how many events came. */
  const take = async (
    count: number,
    { batchSize = 500, after }: { batchSize?: number; after?: (seen: number) => unknown } = {},
  ): Promise<readonly RecordedEvent[][]> => {
    const batches: RecordedEvent[][] = [];
    let seen = 0;
    for await (const batch of reader.subscribe({ batchSize })) {
      batches.push([...batch]);
      seen += batch.length;
      if (seen >= count) break;
      await after?.(seen);
    }
    return batches;
  };

  /** Appends of three events each, to one stream. */
  const write = async (appends: number, from = 0): Promise<void> => {
    for (let index = from; index < from + appends; index++) {
      await writer.append('thing-1', sampleEvents(3), index === 0 ? 'no-stream' : index * 3 - 1);
    }
  };

  /** Does something and waits for the next trouble. */
  const trouble = async (cause: () => void): Promise<void> => {
    const next = new Promise<void>((resolve) => (onTrouble = resolve));
    cause();
    await next;
  };

  const callsReach = (method: 'read' | 'subscribe', count: number): Promise<void> =>
    new Promise((resolve) => {
      onCall = () => double.calls[method] >= count && resolve();
      onCall();
    });

  const ids = (events: readonly RecordedEvent[]): readonly string[] => events.map(({ id }) => id);

  it.each(['unavailable', 'ended'] as const)(
    'has no gap and no repeat when subscriptions break again and again in mid-batch (%s)',
    async (how) => {
      for (const afterEvents of [0, 1, 2, 4, 5, 7, 8, 3])
        double.inject({ fault: 'drop-subscription', afterEvents, how });
      await writer.append('thing-0', sampleEvents(3), 'no-stream');
      const taking = take(3 + 60);
      await write(20);
      const batches = await taking;
      expect(ids(batches.flat())).toEqual(ids(await writer.readAll(undefined, 100)));
      const [lost] = troubles;
      expect(lost).toMatchObject({ what: 'subscription-lost', attempt: 1, delay: 0, reason: expect.any(String) });
    },
  );

  it('never delivers a part of an append while it is live', async () => {
    await writer.append('thing-0', sampleEvents(1), 'no-stream');
    for (const afterEvents of [1, 2, 4]) double.inject({ fault: 'drop-subscription', afterEvents });
    const taking = take(1 + 30);
    await write(10);
    const [first, ...rest] = await taking;
    const together = rest.map((batch) => batch.length % 3);
    expect((first!.length - 1) % 3).toBe(0);
    expect(new Set(together)).toEqual(new Set([0]));
  });

  it('notices a subscription that stays open and says nothing, and goes on', async () => {
    await writer.append('thing-0', sampleEvents(1), 'no-stream');
    const batches = await take(1 + 6, {
      async after(seen) {
        if (seen === 1) {
          double.inject({ fault: 'stall-subscriptions', on: true });
          await write(1);
        } else if (seen === 4) {
          expect(troubles).toContainEqual(expect.objectContaining({ what: 'subscription-stalled', attempt: 1 }));
          double.inject({ fault: 'stall-subscriptions', on: false });
          await write(1, 1);
        }
      },
    });
    expect(ids(batches.flat())).toEqual(ids(await writer.readAll(undefined, 100)));
  });

  it('takes silence for what it is while nothing is written', async () => {
    await writer.append('thing-0', sampleEvents(1), 'no-stream');
    const before = double.calls.read;
    const taking = take(1 + 3);
    // Several looks at the log by the watchdog.
    await callsReach('read', before + 8);
    expect(troubles).toEqual([]);
    await write(1);
    expect((await taking).flat()).toHaveLength(4);
  });

  it('goes on with a server that was away for a while', async () => {
    await writer.append('thing-0', sampleEvents(1), 'no-stream');
    const taking = take(1 + 3);
    await callsReach('subscribe', 1);
    await trouble(() => double.stop());
    doubles.push(await startEventStoreDbDouble({ port: double.port, log: double.log }));
    const restarted = await openEventStoreDbStore({ url: double.url });
    await restarted.append('thing-1', sampleEvents(3), 'no-stream');
    expect((await taking).flat()).toStrictEqual(await restarted.readAll(undefined, 10));
    await restarted.close();
  });

  it('ends when it is told to while the server is away', async () => {
    const stop = new AbortController();
    const taking = (async () => {
      for await (const batch of reader.subscribe({ signal: stop.signal })) expect(batch).toEqual([]);
    })();
    await callsReach('subscribe', 1);
    await trouble(() => double.stop());
    stop.abort();
    await taking;
  });

  it('serves many subscribers with one subscription, quick and slow ones alike', async () => {
    await write(2);
    const fast = [take(60), take(60), take(60)];
    const slow = take(60, { batchSize: 1, after: () => new Promise((resolve) => setImmediate(resolve)) });
    await write(18, 2);
    const log = ids(await writer.readAll(undefined, 100));
    for (const batches of await Promise.all([...fast, slow])) expect(ids(batches.flat())).toEqual(log);
    expect(double.calls.subscribe).toBe(1);
  });

  it('does not tell a subscriber what others write to the same server', async () => {
    const other = await openEventStoreDbStore({ url: `${double.url}&prefix=other-` });
    const taking = take(6);
    await other.append('thing-1', sampleEvents(3), 'no-stream');
    await write(1);
    await other.append('thing-1', sampleEvents(3), 2);
    await write(1, 1);
    const seen = (await taking).flat();
    expect(seen).toStrictEqual(await writer.readStream('thing-1'));
    expect(await other.readAll(undefined, 100)).toStrictEqual(await other.readStream('thing-1'));
    expect(other.ledgerId).not.toBe(writer.ledgerId);
    await other.close();
  });
});
