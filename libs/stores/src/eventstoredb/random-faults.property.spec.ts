import { expect, it, jest } from '@jest/globals';
import { isWaybillError, verifyChain, type EventStore, type EventToAppend, type RecordedEvent } from '@waybill/kernel';
import { sampleEvents } from '@waybill/kernel/testing';
import fc from 'fast-check';
import { startEventStoreDbDouble, type Fault } from '../testing/index.js';
import { openEventStoreDbStore } from './event-store.js';

jest.setTimeout(60_000);

interface Wish {
  readonly stream: string;
  readonly size: number;
  readonly fault: Fault | undefined;
}

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ fault: fc.constant('lose-acknowledgement' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ fault: fc.constant('refuse-append' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    fault: fc.constant('drop-subscription' as const),
    afterEvents: fc.nat(5),
    how: fc.constantFrom('unavailable' as const, 'ended' as const),
  }),
);
const wish: fc.Arbitrary<Wish> = fc.record({
  stream: fc.constantFrom('thing-1', 'thing-2', 'thing-3'),
  size: fc.integer({ min: 1, max: 3 }),
  fault: fc.option(fault, { nil: undefined }),
});
const wishes = fc.array(wish, { minLength: 4, maxLength: 12 });

/** As a command handler does: repeats what is in doubt as it was, and loads again when it lost a race. */
async function grant(store: EventStore, stream: string, events: readonly EventToAppend[]): Promise<void> {
  for (;;) {
    const there = await store.readStream(stream);
    if (there.some(({ id }) => id === events[0]!.id)) return;
    const expected = there.length === 0 ? 'no-stream' : there.length - 1;
    for (;;) {
      try {
        await store.append(stream, events, expected);
        return;
      } catch (error) {
        if (isWaybillError(error, 'REVISION_CONFLICT')) break;
        if (!isWaybillError(error, 'STORE_UNAVAILABLE')) throw error;
      }
    }
  }
}

it('keeps every event once and in order, and tells of each once, whatever gets lost on the way', async () => {
  await fc.assert(
    fc.asyncProperty(wishes, wishes, async (ones, others) => {
      const double = await startEventStoreDbDouble();
      const stores = await Promise.all([1, 2, 3].map(() => openEventStoreDbStore({ url: double.url })));
      const sent: EventToAppend[] = [];
      const total = [...ones, ...others].reduce((sum, { size }) => sum + size, 0);
      const told: RecordedEvent[] = [];
      const listening = (async () => {
        for await (const batch of stores[2]!.subscribe({ batchSize: 4 })) {
          told.push(...batch);
          if (told.length >= total) break;
        }
      })();
      const write = async (store: EventStore, all: readonly Wish[]): Promise<void> => {
        for (const { stream, size, fault } of all) {
          const events = sampleEvents(size);
          sent.push(...events);
          if (fault) double.inject(fault);
          await grant(store, stream, events);
        }
      };
      await Promise.all([write(stores[0]!, ones), write(stores[1]!, others)]);
      await listening;
      const log = await stores[0]!.readAll(undefined, 10_000);
      expect(log.map(({ id }) => id).toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
      expect(told).toStrictEqual(log);
      for (const stream of ['thing-1', 'thing-2', 'thing-3']) {
        expect(verifyChain(stores[0]!.ledgerId, await stores[0]!.readStream(stream))).toBeUndefined();
      }
      await Promise.all(stores.map((store) => store.close()));
      double.stop();
    }),
    { numRuns: 12 },
  );
});
