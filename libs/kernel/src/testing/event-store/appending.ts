import { describe, expect, it } from '@jest/globals';
import { comparePositions } from '../../event.js';
import { genesisHash, verifyChain } from '../../hashing.js';
import { NOON, expectStored, refusal, sampleEvent, sampleEvents, wholeLog, type ManualClock } from './sample-events.js';
import type { EventStore } from '../../event-store.js';

export function appending(use: () => { store: EventStore; clock: ManualClock }): void {
  describe('appending', () => {
    it('stores the first event of a stream, every field of it', async () => {
      const { store } = use();
      const sent = sampleEvent();
      const result = await store.append('thing-1', [sent], 'no-stream');
      expectStored(result.events[0], sent, {
        stream: 'thing-1',
        revision: 0,
        recordedAt: NOON,
        previousHash: genesisHash(store.ledgerId),
      });
      expect(result).toStrictEqual({
        events: [expect.anything()],
        position: result.events[0]!.position,
        repeated: false,
      });
      expect(await store.readStream('thing-1')).toStrictEqual(result.events);
      expect(await store.lastPosition()).toBe(result.position);
    });

    it('chains several events of one append and of later ones', async () => {
      const { store, clock } = use();
      const sent = sampleEvents(3);
      const first = await store.append('thing-1', sent, 'no-stream');
      clock.advance(1500);
      const later = sampleEvent({ version: 7, type: 'ThingChanged' });
      const second = await store.append('thing-1', [later], 2);
      let previousHash = genesisHash(store.ledgerId);
      for (const [revision, event] of first.events.entries()) {
        expectStored(event, sent[revision]!, { stream: 'thing-1', revision, recordedAt: NOON, previousHash });
        previousHash = event.hash;
      }
      expectStored(second.events[0], later, {
        stream: 'thing-1',
        revision: 3,
        recordedAt: '2026-11-23T12:00:01.500Z',
        previousHash,
      });
      expect(first).toMatchObject({ position: first.events[2]!.position, repeated: false });
      expect(second).toMatchObject({ position: second.events[0]!.position, repeated: false });
      expect(verifyChain(store.ledgerId, await store.readStream('thing-1'))).toBeUndefined();
    });

    it('returns what will be read, key for key, whatever becomes of what was given', async () => {
      const { store } = use();
      const data = {
        zone: 'b',
        area: { y: -0, x: undefined, list: [{ b: 1, a: null }] },
        '10': 1,
        '9': 2,
        escape: '\\ud800 \u0007',
      };
      const plain = { z: [1], a: { c: 1, b: 2 } };
      const roles = ['developer'];
      const sent = [data, plain].map((one) =>
        sampleEvent({ data: one, actor: { roles, kind: 'person', id: 'p-0123456789abcdef0123' } }),
      );
      const sending = store.append('thing-1', sent, 'no-stream');
      plain.z.push(2);
      roles.push('business');
      const { events } = await sending;
      plain.a.c = 3;
      const read = await store.readStream('thing-1');
      for (const [index, event] of events.entries()) {
        expect(event).toStrictEqual(read[index]);
        expect(JSON.stringify(event.data)).toBe(JSON.stringify(read[index]!.data));
        expect(JSON.stringify(event.actor)).toBe(JSON.stringify(read[index]!.actor));
      }
      expect(JSON.stringify(read[0]!.data)).toContain('"zone":"b"');
      expect(read[0]!.actor).toStrictEqual({ id: 'p-0123456789abcdef0123', kind: 'person', roles: ['developer'] });
      expect(read[1]!.data).toStrictEqual({ a: { b: 2, c: 1 }, z: [1] });
      expect(verifyChain(store.ledgerId, read)).toBeUndefined();
    });

    it('gives positions that grow in the order of the log, across streams', async () => {
      const { store } = use();
      const results = [
        await store.append('thing-1', sampleEvents(2), 'no-stream'),
        await store.append('thing-2', sampleEvents(2), 'no-stream'),
        await store.append('thing-1', sampleEvents(1), 1),
      ];
      const appended = results.flatMap((result) => result.events);
      const positions = appended.map((event) => event.position);
      expect(positions.toSorted(comparePositions)).toEqual(positions);
      expect(new Set(positions).size).toBe(5);
      expect(await wholeLog(store)).toStrictEqual(appended);
    });

    it('leaves out undefined properties and keeps its own copy', async () => {
      const { store } = use();
      const data = { kept: 1, list: ['a'], gone: undefined, zero: -0 };
      const { events } = await store.append('thing-1', [sampleEvent({ data })], 'no-stream');
      data.list.push('later');
      expect(events[0]!.data).toStrictEqual({ kept: 1, list: ['a'], zero: 0 });
      expect((await store.readStream('thing-1'))[0]!.data).toStrictEqual({ kept: 1, list: ['a'], zero: 0 });
    });

    it.each([
      ['no-stream on a stream that exists', 2, 'no-stream' as const],
      ['a revision on a stream that does not exist', 0, 0],
      ['a revision that is too low', 3, 1],
      ['a revision that is too high', 3, 3],
      ['a revision below zero', 1, -1],
    ])('refuses %s, and writes nothing', async (_what, length, expected) => {
      const { store } = use();
      if (length > 0) await store.append('thing-1', sampleEvents(length), 'no-stream');
      const before = await wholeLog(store);
      const error = await refusal('REVISION_CONFLICT', store.append('thing-1', sampleEvents(2), expected));
      expect(error.message).toContain('thing-1');
      expect(await wholeLog(store)).toStrictEqual(before);
    });

    it('lets exactly one of many racers on one stream win, with no-stream and with a revision', async () => {
      const { store } = use();
      for (const expected of ['no-stream', 1, 3] as const) {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 16 }, () => store.append('thing-1', sampleEvents(2), expected)),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'REVISION_CONFLICT' });
        }
      }
      const events = await store.readStream('thing-1');
      expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(verifyChain(store.ledgerId, events)).toBeUndefined();
    });

    it('takes 256 concurrent appends to streams of their own, and no conflict fails a neighbour', async () => {
      const { store } = use();
      await store.append('taken', sampleEvents(1), 'no-stream');
      const outcomes = await Promise.allSettled(
        Array.from({ length: 256 }, (_, index) =>
          index % 8 === 3
            ? store.append('taken', sampleEvents(1), 'no-stream')
            : store.append(`thing-${index}`, sampleEvents(3), 'no-stream'),
        ),
      );
      for (const [index, outcome] of outcomes.entries()) {
        expect(outcome.status).toBe(index % 8 === 3 ? 'rejected' : 'fulfilled');
      }
      expect(await wholeLog(store)).toHaveLength(1 + 224 * 3);
      expect(await store.readStream('taken')).toHaveLength(1);
    });

    it('lets appends to one stream that follow each other in one turn build on each other', async () => {
      const { store } = use();
      const results = await Promise.all(
        (['no-stream', 0, 1, 2] as const).map((expected) => store.append('thing-1', [sampleEvent()], expected)),
      );
      expect(results.map(({ events }) => events[0]!.revision)).toEqual([0, 1, 2, 3]);
      expect(verifyChain(store.ledgerId, await store.readStream('thing-1'))).toBeUndefined();
    });
  });

  describe('the clock', () => {
    it('never writes an earlier recordedAt than the stream’s last, when the clock goes back a little', async () => {
      const { store, clock } = use();
      await store.append('thing-1', sampleEvents(1), 'no-stream');
      clock.advance(-5 * 60_000);
      const { events } = await store.append('thing-1', sampleEvents(1), 0);
      expect(events[0]!.recordedAt).toBe(NOON);
      const other = await store.append('thing-2', sampleEvents(1), 'no-stream');
      expect(other.events[0]!.recordedAt).toBe('2026-11-23T11:55:00.000Z');
    });

    it('refuses to write when the clock went back by more than five minutes', async () => {
      const { store, clock } = use();
      await store.append('thing-1', sampleEvents(1), 'no-stream');
      clock.advance(-5 * 60_000 - 1);
      await refusal('CLOCK_WENT_BACKWARDS', store.append('thing-1', sampleEvents(1), 0));
      expect(await store.readStream('thing-1')).toHaveLength(1);
      clock.set(NOON);
      expect(await store.append('thing-1', sampleEvents(1), 0)).toMatchObject({ repeated: false });
    });
  });
}
