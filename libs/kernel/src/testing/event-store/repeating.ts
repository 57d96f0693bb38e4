import { describe, expect, it } from '@jest/globals';
import type { EventToAppend } from '../../event.js';
import type { EventStore } from '../../event-store.js';
import { refusal, sampleEvent, sampleEvents, wholeLog, type ManualClock } from './sample-events.js';

/**
 * After a lost acknowledgement the caller repeats the append with the same ids and the original expected revision.
 * The cases are those of EventStoreDB's idempotency suite (`sequence_0em1_1e0_2e1…`), but an id is never written twice.
 */
export function repeating(use: () => { store: EventStore; clock: ManualClock }): void {
  describe('repeating', () => {
    it('returns what was stored the first time, at once and after others wrote', async () => {
      const { store, clock } = use();
      const sent = sampleEvents(3);
      const first = await store.append('thing-1', sent, 'no-stream');
      clock.advance(60_000);
      expect(await store.append('thing-1', sent, 'no-stream')).toStrictEqual({ ...first, repeated: true });
      await store.append('thing-1', sampleEvents(2), 2);
      expect(await store.append('thing-1', sent, 'no-stream')).toStrictEqual({ ...first, repeated: true });
      expect(await store.readStream('thing-1')).toHaveLength(5);
    });

    it('does so for an append behind a revision, and for its beginning alone', async () => {
      const { store } = use();
      await store.append('thing-1', sampleEvents(2), 'no-stream');
      const sent = sampleEvents(2);
      const first = await store.append('thing-1', sent, 1);
      await store.append('thing-1', sampleEvents(1), 3);
      expect(await store.append('thing-1', sent, 1)).toStrictEqual({ ...first, repeated: true });
      expect(await store.append('thing-1', sent.slice(0, 1), 1)).toStrictEqual({
        events: [first.events[0]],
        position: first.events[0]!.position,
        repeated: true,
      });
      expect(await store.readStream('thing-1')).toHaveLength(5);
    });

    it('writes once when the same append is sent many times at the same moment', async () => {
      const { store } = use();
      const sent = sampleEvents(2);
      const results = await Promise.all(Array.from({ length: 8 }, () => store.append('thing-1', sent, 'no-stream')));
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      for (const result of results) expect(result.events).toStrictEqual(results[0]!.events);
      expect(await wholeLog(store)).toHaveLength(2);
    });

    it.each([
      ['the current revision', 2],
      ['a revision in between', 0],
      ['a revision that does not exist', 9],
    ])('never writes an id again, with %s either', async (_what, expected) => {
      const { store } = use();
      const sent = sampleEvents(3);
      await store.append('thing-1', sent, 'no-stream');
      await refusal('REVISION_CONFLICT', store.append('thing-1', sent, expected));
      expect(await store.readStream('thing-1')).toHaveLength(3);
    });

    it('refuses a longer append that begins with stored events', async () => {
      const { store } = use();
      const sent = sampleEvents(2);
      await store.append('thing-1', sent, 'no-stream');
      await refusal('REVISION_CONFLICT', store.append('thing-1', [...sent, sampleEvent()], 'no-stream'));
      await refusal('REVISION_CONFLICT', store.append('thing-1', [sampleEvent(), ...sent], 'no-stream'));
      await refusal('REVISION_CONFLICT', store.append('thing-1', sent.toReversed(), 'no-stream'));
      expect(await store.readStream('thing-1')).toHaveLength(2);
    });

    const changes: [string, Partial<EventToAppend>][] = [
      ['type', { type: 'ThingDiffered' }],
      ['version', { version: 2 }],
      ['occurredAt', { occurredAt: '2026-11-23T11:00:00.000Z' }],
      ['actor', { actor: { kind: 'system', id: 's-0123456789abcdef0123', roles: [] } }],
      ['commandId', { commandId: '01996f3e-0000-7000-8000-000000000000' }],
      ['commandDigest', { commandDigest: '0'.repeat(64) }],
      ['correlationId', { correlationId: '01996f3e-0000-7000-8000-000000000001' }],
      ['causationId', { causationId: '01996f3e-0000-7000-8000-000000000002' }],
      ['data', { data: { name: 'other' } }],
    ];
    it.each(changes)('refuses an id that exists with another %s', async (_field, change) => {
      const { store } = use();
      const sent = sampleEvent();
      await store.append('thing-1', [sent], 'no-stream');
      for (const expected of ['no-stream', 0] as const) {
        const error = await refusal('EVENT_ID_CONFLICT', store.append('thing-1', [{ ...sent, ...change }], expected));
        expect(error.message).toContain(sent.id);
      }
      expect(await wholeLog(store)).toHaveLength(1);
    });

    it('refuses one id in two streams, also when another event of the append is new', async () => {
      const { store } = use();
      const sent = sampleEvent();
      await store.append('thing-1', [sent], 'no-stream');
      const error = await refusal('EVENT_ID_CONFLICT', store.append('thing-2', [sampleEvent(), sent], 'no-stream'));
      expect(error.message).toContain('thing-1');
      expect(await store.readStream('thing-2')).toEqual([]);
    });

    it('refuses one id in two streams when both are sent at the same moment', async () => {
      const { store } = use();
      const sent = sampleEvent();
      const outcomes = await Promise.allSettled([
        store.append('thing-1', [sent], 'no-stream'),
        store.append('thing-2', [sent], 'no-stream'),
        store.append('thing-3', sampleEvents(1), 'no-stream'),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({ reason: { code: 'EVENT_ID_CONFLICT' } });
      expect(await wholeLog(store)).toHaveLength(2);
    });

    it('refuses one id twice in one append', async () => {
      const { store } = use();
      const sent = sampleEvent();
      await refusal('EVENT_ID_CONFLICT', store.append('thing-1', [sent, sent], 'no-stream'));
      expect(await store.readStream('thing-1')).toEqual([]);
    });
  });
}
