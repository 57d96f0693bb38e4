import { describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../event-store.js';
import { sampleEvents, wholeLog } from './sample-events.js';

export function reading(use: () => { store: EventStore }): void {
  const revisions = async (...args: Parameters<EventStore['readStream']>) =>
    (await use().store.readStream(...args)).map(({ revision }) => revision);

  describe('reading', () => {
    it('finds nothing where nothing was written', async () => {
      const { store } = use();
      expect(await store.readStream('thing-1')).toEqual([]);
      expect(await store.readStream('thing-1', { direction: 'backwards', limit: 1 })).toEqual([]);
      expect(await store.readAll(undefined, 10)).toEqual([]);
      expect(await store.lastPosition()).toBeUndefined();
    });

    it('reads a stream forwards and backwards, from a revision, up to a limit', async () => {
      const { store } = use();
      await store.append('thing-10', sampleEvents(1), 'no-stream');
      await store.append('thing-1', sampleEvents(5), 'no-stream');
      await store.append('thing-10', sampleEvents(1), 0);
      expect(await revisions('thing-1')).toEqual([0, 1, 2, 3, 4]);
      expect(await revisions('thing-1', { from: 2 })).toEqual([2, 3, 4]);
      expect(await revisions('thing-1', { from: 1, limit: 2 })).toEqual([1, 2]);
      expect(await revisions('thing-1', { limit: 1 })).toEqual([0]);
      expect(await revisions('thing-1', { limit: 0 })).toEqual([]);
      expect(await revisions('thing-1', { from: 5 })).toEqual([]);
      expect(await revisions('thing-1', { direction: 'backwards' })).toEqual([4, 3, 2, 1, 0]);
      expect(await revisions('thing-1', { direction: 'backwards', limit: 1 })).toEqual([4]);
      expect(await revisions('thing-1', { direction: 'backwards', from: 2 })).toEqual([2, 1, 0]);
      expect(await revisions('thing-1', { direction: 'backwards', from: 3, limit: 2 })).toEqual([3, 2]);
      expect(await revisions('thing-1', { direction: 'backwards', from: 99, limit: 2 })).toEqual([4, 3]);
    });

    it('tells streams apart that differ in case or in a trailing part only', async () => {
      const { store } = use();
      for (const stream of ['thing-a', 'thing-A', 'thing-a.1', 'thing']) {
        await store.append(stream, sampleEvents(1), 'no-stream');
      }
      expect(await revisions('thing-a')).toEqual([0]);
      expect((await store.readStream('thing-A'))[0]!.stream).toBe('thing-A');
    });

    it('reads the log in pages of any size, each behind the last', async () => {
      const { store } = use();
      const appended = [];
      for (let i = 0; i < 7; i++) {
        appended.push(...(await store.append(`thing-${i % 3}-${i}`, sampleEvents(3), 'no-stream')).events);
      }
      for (const page of [1, 2, 5, 21, 100]) expect(await wholeLog(store, page)).toStrictEqual(appended);
      const behind = await store.readAll(appended[9]!.position, 4);
      expect(behind).toStrictEqual(appended.slice(10, 14));
      expect(await store.readAll(appended.at(-1)!.position, 4)).toEqual([]);
      expect(await store.lastPosition()).toBe(appended.at(-1)!.position);
    });
  });
}
