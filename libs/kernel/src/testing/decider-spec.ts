import { expect } from '@jest/globals';
import type { Command, Decider } from '../decider.js';
import type { ErrorCode } from '../errors.js';
import { isWaybillError } from '../errors.js';
import type { Event } from '../event.js';

export interface Then<E> {
  /** Exactly these events, in this order. */
  then(expected: readonly E[]): void;
  /** There was nothing to do. */
  thenNothing(): void;
  /** Misuse: a WaybillError with this code; returns it, for its message and fields. */
  thenThrows(code: ErrorCode): { message: string; hint: string | undefined; fields: readonly { field: string }[] };
}

export interface DeciderSpec<C, E> {
  given(events?: readonly E[]): { when(command: C): Then<E> };
}

/**
 * `deciderSpec(decider).given(events).when(command).then(events)`. Events and state are frozen on the way, and every
 * decision is made twice: a decider that writes into its state or reads a clock fails here.
 */
export function deciderSpec<State, C extends Command, E extends Event>(
  decider: Decider<State, C, E>,
): DeciderSpec<C, E> {
  const stateAfter = (events: readonly E[]): State => {
    let state = freeze(decider.initialState);
    for (const event of events) state = freeze(decider.evolve(state, freeze(event)));
    return state;
  };
  return {
    given: (events = []) => ({
      when: (command) => {
        const decide = (): readonly E[] => {
          const decided = decider.decide(freeze(command), stateAfter(events));
          // What was decided must be applicable, too.
          stateAfter([...events, ...decided]);
          return decided;
        };
        return {
          then(expected) {
            expect(decide()).toEqual(expected);
            expect(decide()).toEqual(expected);
          },
          thenNothing() {
            expect(decide()).toEqual([]);
          },
          thenThrows(code) {
            const error = thrownBy(decide);
            if (!isWaybillError(error)) throw error;
            expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.any(String) });
            return error;
          },
        };
      },
    }),
  };
}

function thrownBy(work: () => unknown): unknown {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    return error;
  }
  return new Error(`expected an error, got ${JSON.stringify(result)}`);
}

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
