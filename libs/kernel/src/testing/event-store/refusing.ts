import { describe, expect, it } from '@jest/globals';
import type { EventToAppend, JsonObject } from '../../event.js';
import { MAX_EVENT_BYTES, type EventStore } from '../../event-store.js';
import { verifyChain } from '../../hashing.js';
import { refusal, sampleEvent, sampleEvents, wholeLog } from './sample-events.js';

export function refusing(use: () => { store: EventStore }): void {
  const refuses = async (code: 'INVALID_EVENT' | 'EVENT_TOO_LARGE', stream: string, events: EventToAppend[]) => {
    const { store } = use();
    const error = await refusal(code, store.append(stream, events, 'no-stream'));
    expect(await wholeLog(store)).toEqual([]);
    return error;
  };

  describe('what it refuses', () => {
    it.each([
      ['empty', ''],
      ['with a line break', 'thing-1\n'],
      ['with a zero', 'thing\u0000-1'],
      ['with a C1 control character', 'thing\u0085-1'],
      ['with a space', 'thing 1'],
      ['with a lone surrogate', 'thing-\ud800'],
      ['of a system stream', '$all'],
      ['of 501 characters', 'x'.repeat(501)],
    ])('a stream name %s', async (_what, stream) => {
      await refuses('INVALID_EVENT', stream, sampleEvents(1));
    });

    it('an append without events', async () => {
      await refuses('INVALID_EVENT', 'thing-1', []);
    });

    it.each<[string, unknown, string]>([
      ['NaN', NaN, 'NaN'],
      ['an infinity', [1, -Infinity], '-Infinity'],
      ['an integer beyond 2^53 - 1', 2 ** 53, '9007199254740992'],
      ['a lone surrogate', 'a\udc00', 'surrogate'],
      ['a big integer', 1n, 'bigint'],
      ['a date', new Date(0), 'plain'],
      ['a map', new Map(), 'plain'],
      ['a function', () => 1, 'function'],
      ['undefined in a list', [undefined], 'undefined'],
    ])('data that holds %s, naming the place', async (_what, value, word) => {
      const data = { outer: { inner: value } } as JsonObject;
      const { message } = await refuses('INVALID_EVENT', 'thing-1', [sampleEvent(), sampleEvent({ data })]);
      expect(message).toContain('outer.inner');
      expect(message).toContain(word);
    });

    it.each<[string, Partial<EventToAppend>]>([
      ['id', { id: 'not-a-uuid' }],
      ['type', { type: '' }],
      ['version', { version: 0 }],
      ['version', { version: 1.5 }],
      ['occurredAt', { occurredAt: '2026-11-23 12:00' }],
      ['commandId', { commandId: '' }],
      ['data', { data: [] as unknown as JsonObject }],
    ])('a bad %s, naming the field', async (field, change) => {
      const { message } = await refuses('INVALID_EVENT', 'thing-1', [sampleEvent(change)]);
      expect(message).toContain(field);
    });

    it('an event over the limit, counted in bytes of UTF-8', async () => {
      await refuses('EVENT_TOO_LARGE', 'thing-1', [sampleEvent({ data: { text: 'x'.repeat(MAX_EVENT_BYTES) } })]);
      await refuses('EVENT_TOO_LARGE', 'thing-1', [sampleEvent({ data: { text: '€'.repeat(MAX_EVENT_BYTES / 3) } })]);
    });

    it('a position that this ledger never gave', async () => {
      const { store } = use();
      await refusal('INVALID_INPUT', store.readAll('-1', 10));
      await refusal('INVALID_INPUT', store.readAll('x', 10));
    });

    it('a position beyond the end of the log, to read or to subscribe from', async () => {
      const { store } = use();
      await refusal('INVALID_INPUT', store.readAll('1', 10));
      const { position } = await store.append('thing-1', sampleEvents(1), 'no-stream');
      // Beyond what any server has that keeps other things in the same log.
      const beyond = String(Number(position) + 1e15);
      const subscribed = async () => {
        for await (const page of store.subscribe({ after: beyond })) return page;
        return [];
      };
      await refusal('INVALID_INPUT', store.readAll(beyond, 10));
      await refusal('INVALID_INPUT', subscribed());
      expect(await store.readAll(position, 10)).toEqual([]);
    });
  });

  describe('what it takes', () => {
    it.each([
      ['just below the limit', 'x'.repeat(MAX_EVENT_BYTES - 1500)],
      ['just below the limit in three-byte characters', '€'.repeat(Math.floor((MAX_EVENT_BYTES - 1500) / 3))],
    ])('an event %s', async (_what, text) => {
      const { store } = use();
      await store.append('thing-1', [sampleEvent({ data: { text } })], 'no-stream');
      const events = await store.readStream('thing-1');
      expect(events[0]!.data).toStrictEqual({ text });
      expect(verifyChain(store.ledgerId, events)).toBeUndefined();
    });

    it('unicode everywhere, unchanged and not normalised', async () => {
      const { store } = use();
      const stream = 'thing-Ωé\u0301中𝄞🚀';
      const data = {
        'schlüssel\u2028': 'e\u0301 ≠ é',
        emoji: '👩‍🚀',
        escape: '\u0000\u001f"\\/\b',
        rtl: 'שלום',
        __proto: 1,
      };
      const sent = sampleEvent({ type: 'DingGeschähe', data, causationId: 'Ursache-✓' });
      await store.append(stream, [sent], 'no-stream');
      const events = await store.readStream(stream);
      expect(events[0]).toMatchObject({ stream, type: 'DingGeschähe', causationId: 'Ursache-✓' });
      expect(events[0]!.data).toStrictEqual(data);
      expect(verifyChain(store.ledgerId, events)).toBeUndefined();
      expect(await wholeLog(store)).toStrictEqual(events);
    });

    it('keys that mean something to JavaScript', async () => {
      const { store } = use();
      const data = JSON.parse(
        '{"__proto__":{"x":1},"constructor":"c","toString":"t","hasOwnProperty":null}',
      ) as JsonObject;
      await store.append('thing-1', [sampleEvent({ data })], 'no-stream');
      const [event] = await store.readStream('thing-1');
      expect(JSON.stringify(event!.data)).toContain('"__proto__":{"x":1}');
      expect(verifyChain(store.ledgerId, [event!])).toBeUndefined();
    });
  });
}
