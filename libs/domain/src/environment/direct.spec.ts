import { describe, expect, it } from '@jest/globals';
import { isWaybillError } from '@waybill/kernel';
import { deciderSpec } from '@waybill/kernel/testing';
import fc from 'fast-check';
import { POLICY, commit, image, metadataOf, sha } from '../testing/releases.js';
import type { EnvironmentCommand, RolloutContext } from './commands.js';
import { environmentDecider } from './decide.js';
import type { Directive, EnvironmentEvent } from './events.js';

const { given } = deciderSpec(environmentDecider);
const environment = { project: 'a', slot: 'prod', location: 'prod1' };
const ANNA = { kind: 'person', id: 'p-1a2b3c4d', roles: ['developer'] } as const;
const UNDER_WAY: RolloutContext = { strategy: 'canary', outcome: null, returned: false, step: 1, of: 3 };
const releaseId = (order: number): string => `0198b6a0-0000-7000-8000-${String(order).padStart(12, '0')}`;

const intent = (order: number) => ({
  environment,
  order,
  release: releaseId(order),
  ref: { kind: 'tag' as const, name: 'v1' },
  commit: commit(1),
  deliverable: image(1),
  tier: 'prod' as const,
  configDigest: commit(1),
  desired: sha(1),
});
const requested = (generation: number): EnvironmentEvent => ({
  type: 'DeploymentRequested',
  data: { ...intent(generation), generation, replaces: generation > 1 ? generation - 1 : null },
});
const direct = (
  directive: Directive['kind'],
  {
    generation = 1,
    full = false,
    step = undefined as number | undefined,
    context = UNDER_WAY as RolloutContext | null,
    actor = ANNA as typeof ANNA | typeof POLICY,
  } = {},
): EnvironmentCommand => ({
  type: 'DirectRollout',
  data: { environment, generation, directive, full, ...(step !== undefined && { step }) },
  context,
  metadata: metadataOf(actor),
});
/** A promote that is not all the way is for the pause at step 1, unless said otherwise. */
function directed(
  seq: number,
  directive: Directive['kind'],
  more: { readonly full?: boolean; readonly generation?: number; readonly step?: number } = {},
): Extract<EnvironmentEvent, { type: 'RolloutDirected' }> {
  const { full = false, generation = 1, step = directive === 'promote' && !full ? 1 : undefined } = more;
  const data = { environment, generation, seq, directive, full, ...(step !== undefined && { step }), by: ANNA.id };
  return { type: 'RolloutDirected', data };
}

describe('a directive for a rollout', () => {
  it.each(['promote', 'pause', 'abort'] as const)('%s is recorded with who gave it', (directive) => {
    given([requested(1)])
      .when(direct(directive))
      .then([directed(1, directive)]);
  });

  it('is counted within its generation', () => {
    given([requested(1), directed(1, 'promote'), directed(2, 'pause')])
      .when(direct('resume'))
      .then([directed(3, 'resume')]);
    given([requested(1), directed(1, 'promote'), requested(2)])
      .when(direct('pause', { generation: 2 }))
      .then([directed(1, 'pause', { generation: 2 })]);
  });

  it('may promote one pause after the other, and all the rest at once', () => {
    given([requested(1), directed(1, 'promote')])
      .when(direct('promote', { context: { ...UNDER_WAY, step: 2 } }))
      .then([directed(2, 'promote', { step: 2 })]);
    given([requested(1), directed(1, 'promote')])
      .when(direct('promote', { full: true }))
      .then([directed(2, 'promote', { full: true })]);
  });

  it('promotes a pause once, whoever else promotes it', () => {
    for (const last of [directed(1, 'promote'), directed(1, 'promote', { full: true })]) {
      given([requested(1), last])
        .when(direct('promote', { step: 1 }))
        .thenNothing();
      given([requested(1), last])
        .when(direct('promote'))
        .thenNothing();
    }
    given([requested(1), directed(1, 'promote'), directed(2, 'pause')])
      .when(direct('promote'))
      .then([directed(3, 'promote')]);
  });

  it.each<[RolloutContext, number]>([
    [{ ...UNDER_WAY, step: 0 }, 1],
    [{ ...UNDER_WAY, step: 2 }, 2],
    [{ ...UNDER_WAY, strategy: 'blue-green', step: 0, of: 1 }, 0],
  ])('promotes where the rollout stands: %j is at step %i', (context, step) => {
    given([requested(1)])
      .when(direct('promote', { context }))
      .then([directed(1, 'promote', { step })]);
  });

  it('promotes a step that is to come, and refuses one that is over or that there is not', () => {
    const context = { ...UNDER_WAY, step: 2 };
    given([requested(1)])
      .when(direct('promote', { context, step: 3 }))
      .then([directed(1, 'promote', { step: 3 })]);
    for (const full of [false, true]) {
      const over = given([requested(1)])
        .when(direct('promote', { context, step: 1, full }))
        .thenThrows('INVALID_STATE');
      expect(over.message).toBe('step 1 is not waited at: the rollout of a.prod@prod1 is at step 2 of 3');
    }
    given([requested(1)])
      .when(direct('promote', { context, step: 4 }))
      .thenThrows('INVALID_INPUT');
    given([requested(1)])
      .when(direct('promote', { context: { ...UNDER_WAY, step: 0 }, step: 0 }))
      .thenThrows('INVALID_STATE');
  });

  it.each([
    ['pause', directed(1, 'pause'), false],
    ['resume', directed(1, 'resume'), false],
    ['abort', directed(1, 'abort'), false],
    ['promote', directed(1, 'promote', { full: true }), true],
  ] as const)('%s is no news when it was the last one', (directive, last, full) => {
    given([requested(1), last])
      .when(direct(directive, { full }))
      .thenNothing();
  });

  it('names nobody when a policy gave it', () => {
    given([requested(1)])
      .when(direct('abort', { actor: POLICY }))
      .then([{ ...directed(1, 'abort'), data: { ...directed(1, 'abort').data, by: null } }]);
  });

  it.each(['promote', 'pause', 'resume'] as const)('%s is refused after an abort, which is final', (directive) => {
    const { message } = given([requested(1), directed(1, 'abort')])
      .when(direct(directive))
      .thenThrows('INVALID_STATE');
    expect(message).toMatch(/was aborted/);
  });

  it('resume is refused when nobody paused', () => {
    const { message } = given([requested(1), directed(1, 'promote')])
      .when(direct('resume'))
      .thenThrows('INVALID_STATE');
    expect(message).toMatch(/nothing to resume/);
  });

  it('is refused for a generation that is not the newest', () => {
    const { message } = given([requested(1), requested(2)])
      .when(direct('promote', { generation: 1 }))
      .thenThrows('INVALID_STATE');
    expect(message).toBe('generation 1 of a.prod@prod1 is not the newest: 2 is');
  });

  it('is refused where nothing is to run', () => {
    const removal = { environment, order: 9, generation: 2, cause: 'requested' } as const;
    for (const events of [[], [requested(1), { type: 'EnvironmentRemovalRequested', data: removal } as const]]) {
      given(events)
        .when(direct('promote', { generation: events.length, context: null }))
        .thenThrows('INVALID_STATE');
    }
  });

  it.each<[RolloutContext, RegExp]>([
    [{ ...UNDER_WAY, strategy: 'rolling' }, /in one go: its strategy is rolling/],
    [{ ...UNDER_WAY, outcome: 'healthy' }, /has ended: it is healthy/],
    [{ ...UNDER_WAY, outcome: 'delivered' }, /has ended: it is delivered/],
    [{ ...UNDER_WAY, outcome: 'failed' }, /has ended: it failed/],
    [{ ...UNDER_WAY, outcome: 'rejected' }, /has ended: it was rejected/],
    [{ ...UNDER_WAY, returned: true }, /has ended: it went back to what ran before/],
  ])('is refused when %j', (context, words) => {
    const { message } = given([requested(1)])
      .when(direct('promote', { context }))
      .thenThrows('INVALID_STATE');
    expect(message).toMatch(words);
  });
});

describe('directives and generations that race', () => {
  type Racing =
    | { readonly ask: 'release' }
    | { readonly ask: Directive['kind']; readonly full: boolean; readonly generation: number };
  const racing: fc.Arbitrary<Racing> = fc.oneof(
    { weight: 1, arbitrary: fc.constant({ ask: 'release' } as const) },
    {
      weight: 5,
      arbitrary: fc.record({
        ask: fc.constantFrom('promote' as const, 'pause' as const, 'resume' as const, 'abort' as const),
        full: fc.boolean(),
        generation: fc.integer({ min: 1, max: 4 }),
      }),
    },
  );

  const commandOf = (it: Racing, order: number): EnvironmentCommand =>
    it.ask === 'release'
      ? { type: 'RequestDeployment', data: intent(order), context: undefined, metadata: metadataOf(POLICY) }
      : direct(it.ask, { generation: it.generation, full: it.full && it.ask === 'promote' });

  it('end in one declared state, whatever comes in which sequence', () => {
    fc.assert(
      fc.property(fc.array(racing, { maxLength: 40 }), (sequence) => {
        const events: EnvironmentEvent[] = [];
        let state = environmentDecider.initialState;
        sequence.forEach((it, index) => {
          const before = state;
          let decided: readonly EnvironmentEvent[] = [];
          try {
            decided = environmentDecider.decide(commandOf(it, index), state);
          } catch (error) {
            if (!isWaybillError(error, 'INVALID_STATE')) throw error;
          }
          for (const event of decided) {
            events.push(event);
            state = environmentDecider.evolve(state, event);
            if (event.type !== 'RolloutDirected') continue;
            // Only the newest generation is directed, each directive is the next one, and none follows an abort.
            expect(event.data.generation).toBe(before.generation);
            expect(event.data.seq).toBe((before.directive?.seq ?? 0) + 1);
            expect(before.directive?.kind).not.toBe('abort');
          }
        });
        const newest = events.filter(
          (event) => event.type === 'RolloutDirected' && event.data.generation === state.generation,
        );
        const last = newest.at(-1);
        // What an operator is told is what the stream says last of the newest generation, and nothing else.
        expect(state.directive).toEqual(
          last?.type === 'RolloutDirected'
            ? {
                seq: newest.length,
                kind: last.data.directive,
                full: last.data.full,
                ...(last.data.step !== undefined && { step: last.data.step }),
              }
            : null,
        );
      }),
      { numRuns: 500 },
    );
  });
});
