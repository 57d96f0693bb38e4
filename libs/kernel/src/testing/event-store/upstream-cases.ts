import { describe, expect, it } from '@jest/globals';
import type { EventStore, ExpectedRevision } from '../../event-store.js';
import { refusal, sampleEvents, wholeLog } from './sample-events.js';

/** Events by number, and the expected revision: `0em1` is event 0 with no stream expected, `1e0` event 1 behind 0. */
type Step = readonly [events: readonly number[], expected: ExpectedRevision];

const ONE_BY_ONE: readonly Step[] = [
  [[0], 'no-stream'],
  [[1], 0],
  [[2], 1],
  [[3], 2],
  [[4], 3],
  [[5], 4],
];
const BOTH: readonly Step[] = [[[0, 1], 'no-stream']];

/**
 * The idempotency suite of KurrentDB (`appending_to_implicitly_created_stream`), under its names, without the cases of
 * `any`. In two of them KurrentDB writes an event a second time; no store of ours does.
 */
const CASES: readonly [name: string, before: readonly Step[], repeated: Step, ends: 'repeated' | 'refused'][] = [
  ['sequence_0em1_1e0_2e1_3e2_4e3_5e4_0em1_idempotent', ONE_BY_ONE, [[0], 'no-stream'], 'repeated'],
  ['sequence_0em1_1e0_2e1_3e2_4e3_5e4_0e5, a duplicate there', ONE_BY_ONE, [[0], 5], 'refused'],
  ['sequence_0em1_1e0_2e1_3e2_4e3_5e4_0e6_wev', ONE_BY_ONE, [[0], 6], 'refused'],
  ['sequence_0em1_1e0_2e1_3e2_4e3_5e4_0e4_wev', ONE_BY_ONE, [[0], 4], 'refused'],
  ['sequence_0em1_0e0, a duplicate there', ONE_BY_ONE.slice(0, 1), [[0], 0], 'refused'],
  ['sequence_0em1_0em1_idempotent', ONE_BY_ONE.slice(0, 1), [[0], 'no-stream'], 'repeated'],
  ['sequence_S_0em1_1em1_E_S_0em1_E_idempotent', BOTH, [[0], 'no-stream'], 'repeated'],
  ['sequence_S_0em1_1em1_E_S_1e0_E_idempotent', BOTH, [[1], 0], 'repeated'],
  ['sequence_S_0em1_1em1_E_S_0em1_1em1_2em1_E_idempotancy_fail', BOTH, [[0, 1, 2], 'no-stream'], 'refused'],
];

export function upstreamCases(use: () => { store: EventStore }): void {
  describe('as in EventStoreDB', () => {
    it.each(CASES)('%s', async (_name, before, [again, expected], ends) => {
      const { store } = use();
      const sent = sampleEvents(6);
      const append = ([numbers, revision]: Step) =>
        store.append(
          'thing-1',
          numbers.map((number) => sent[number]!),
          revision,
        );
      for (const step of before) expect(await append(step)).toMatchObject({ repeated: false });
      const stored = await wholeLog(store);
      if (ends === 'repeated') {
        const events = again.map((number) => stored[number]!);
        expect(await append([again, expected])).toStrictEqual({
          events,
          position: events.at(-1)!.position,
          repeated: true,
        });
      } else {
        await refusal('REVISION_CONFLICT', append([again, expected]));
      }
      expect(await wholeLog(store)).toStrictEqual(stored);
      expect(await store.readStream('thing-1')).toStrictEqual(stored);
    });
  });
}
