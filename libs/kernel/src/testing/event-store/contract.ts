import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyChain } from '../../hashing.js';
import { appending } from './appending.js';
import { reading } from './reading.js';
import { refusing } from './refusing.js';
import { repeating } from './repeating.js';
import {
  manualClock,
  refusal,
  sampleEvent,
  sampleEvents,
  wholeLog,
  type ManualClock,
  type StoreFactory,
  type StoreUnderTest,
} from './sample-events.js';
import { subscribing } from './subscribing.js';
import { upstreamCases } from './upstream-cases.js';

/** What every {@link EventStore} promises, asserted field by field. Each test gets a store over an empty log. */
export function eventStoreContract(name: string, factory: StoreFactory): void {
  describe(`event store contract: ${name}`, () => {
    let clock: ManualClock;
    let tested: StoreUnderTest;

    beforeEach(async () => {
      clock = manualClock();
      tested = await factory({ clock: clock.read });
    });
    afterEach(() => tested.dispose());

    const use = () => ({ store: tested.store, clock });
    appending(use);
    repeating(use);
    upstreamCases(use);
    refusing(use);
    reading(use);
    subscribing(use);

    it('refuses everything once closed', async () => {
      const { store } = tested;
      await store.append('thing-1', sampleEvents(1), 'no-stream');
      await store.close();
      await refusal('STORE_UNAVAILABLE', store.append('thing-1', sampleEvents(1), 0));
      await refusal('STORE_UNAVAILABLE', store.readStream('thing-1'));
      await refusal('STORE_UNAVAILABLE', store.readAll(undefined, 1));
      await store.close();
    });

    it('writes what was sent before it was closed', async () => {
      const { store } = tested;
      const appends = [
        store.append('thing-1', sampleEvents(1), 'no-stream'),
        store.append('thing-2', sampleEvents(1), 'no-stream'),
      ];
      await store.close();
      for (const { repeated } of await Promise.all(appends)) expect(repeated).toBe(false);
    });

    it('opens again with the same ledger id and everything in it, where a log outlives its process', async () => {
      if (!tested.reopen) return;
      const { store } = tested;
      const sent = sampleEvent();
      const first = await store.append('thing-1', [sent], 'no-stream');
      await store.append('thing-2', sampleEvents(2), 'no-stream');
      const before = await wholeLog(store);
      const again = await tested.reopen();
      expect(again.ledgerId).toBe(store.ledgerId);
      expect(await wholeLog(again)).toStrictEqual(before);
      expect(await again.append('thing-1', [sent], 'no-stream')).toStrictEqual({ ...first, repeated: true });
      const { events } = await again.append('thing-1', sampleEvents(1), 0);
      expect(events[0]).toMatchObject({ revision: 1, previousHash: first.events[0]!.hash });
      expect(verifyChain(again.ledgerId, await again.readStream('thing-1'))).toBeUndefined();
      clock.advance(-5 * 60_000 - 1);
      await refusal('CLOCK_WENT_BACKWARDS', again.append('thing-2', sampleEvents(1), 1));
    });
  });
}
