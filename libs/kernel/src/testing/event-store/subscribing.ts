import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '../../event.js';
import type { EventStore, SubscribeOptions } from '../../event-store.js';
import { sampleEvents, wholeLog } from './sample-events.js';

export function subscribing(use: () => { store: EventStore }): void {
  /** Reads until `count` events came; then stops by leaving the loop. */
  const take = async (count: number, options: SubscribeOptions = {}): Promise<RecordedEvent[]> => {
    const seen: RecordedEvent[] = [];
    for await (const batch of use().store.subscribe(options)) {
      expect(batch.length).toBeGreaterThan(0);
      expect(batch.length).toBeLessThanOrEqual(options.batchSize ?? 500);
      seen.push(...batch);
      if (seen.length >= count) break;
    }
    return seen;
  };

  describe('subscribing', () => {
    it('delivers what is there, then what comes', async () => {
      const { store } = use();
      await store.append('thing-1', sampleEvents(3), 'no-stream');
      const subscription = store.subscribe()[Symbol.asyncIterator]();
      const first = await subscription.next();
      expect(first.value).toStrictEqual(await wholeLog(store));
      const waiting = subscription.next();
      const { events } = await store.append('thing-2', sampleEvents(2), 'no-stream');
      expect(await waiting).toStrictEqual({ done: false, value: events });
      await subscription.return?.();
    });

    it('waits on an empty log', async () => {
      const { store } = use();
      const seen = take(1);
      const { events } = await store.append('thing-1', sampleEvents(1), 'no-stream');
      expect(await seen).toStrictEqual(events);
    });

    it('starts behind a position, exclusively', async () => {
      const { store } = use();
      const { events } = await store.append('thing-1', sampleEvents(5), 'no-stream');
      expect(await take(3, { after: events[1]!.position, batchSize: 2 })).toStrictEqual(events.slice(2));
      const live = take(1, { after: events[4]!.position });
      const later = await store.append('thing-1', sampleEvents(1), 4);
      expect(await live).toStrictEqual(later.events);
    });

    it.each([1, 3, 500])('has no gap and no repeat while appends race, in batches of %d', async (batchSize) => {
      const { store } = use();
      const streams = 12;
      const rounds = 10;
      await store.append('early', sampleEvents(20), 'no-stream');
      const total = 20 + streams * rounds * 2;
      const subscribers = [take(total, { batchSize }), take(total, { batchSize }), take(total)];
      const write = async (stream: string): Promise<void> => {
        for (let round = 0; round < rounds; round++) {
          await store.append(stream, sampleEvents(2), round === 0 ? 'no-stream' : round * 2 - 1);
        }
      };
      await Promise.all(Array.from({ length: streams }, (_, index) => write(`thing-${index}`)));
      const log = (await wholeLog(store)).map(({ id }) => id);
      for (const seen of await Promise.all(subscribers)) expect(seen.map(({ id }) => id)).toEqual(log);
    });

    it('resumes where another one stopped in the middle of a batch', async () => {
      const { store } = use();
      const { events } = await store.append('thing-1', sampleEvents(10), 'no-stream');
      const first = await take(4, { batchSize: 4 });
      const processed = first.slice(0, 3);
      const rest = await take(7, { after: processed.at(-1)!.position });
      expect([...processed, ...rest]).toStrictEqual(events);
    });

    it('loses nothing that is written while its reader is busy', async () => {
      const { store } = use();
      await store.append('thing-1', sampleEvents(1), 'no-stream');
      const seen: RecordedEvent[] = [];
      for await (const batch of store.subscribe()) {
        seen.push(...batch);
        if (seen.length >= 12) break;
        await store.append('thing-1', sampleEvents(2), seen.at(-1)!.revision);
      }
      expect(seen.map(({ revision }) => revision)).toEqual(seen.map((_, index) => index));
    });

    it('ends without an error when the signal aborts: before, while waiting, and in the middle', async () => {
      const { store } = use();
      await store.append('thing-1', sampleEvents(4), 'no-stream');
      expect(await drain(store.subscribe({ signal: AbortSignal.abort() }))).toEqual([]);

      const waiting = new AbortController();
      const all = drain(store.subscribe({ signal: waiting.signal }));
      await take(4);
      waiting.abort();
      expect(await all).toHaveLength(4);

      const middle = new AbortController();
      const seen: RecordedEvent[] = [];
      for await (const batch of store.subscribe({ signal: middle.signal, batchSize: 1 })) {
        seen.push(...batch);
        if (seen.length === 2) middle.abort();
      }
      expect(seen.map(({ revision }) => revision)).toEqual([0, 1]);
    });

    it('ends without an error when the store closes', async () => {
      const { store } = use();
      await store.append('thing-1', sampleEvents(1), 'no-stream');
      const all = drain(store.subscribe());
      await take(1);
      await store.close();
      expect(await all).toHaveLength(1);
    });
  });
}

async function drain(subscription: AsyncIterable<readonly RecordedEvent[]>): Promise<RecordedEvent[]> {
  const seen: RecordedEvent[] = [];
  for await (const batch of subscription) seen.push(...batch);
  return seen;
}
