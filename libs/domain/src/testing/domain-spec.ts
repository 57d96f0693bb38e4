import { expect } from '@jest/globals';
import type { Command, Decider, ErrorCode, Event } from '@waybill/kernel';
import { deciderSpec } from '@waybill/kernel/testing';
import { catalogue } from '../catalogue.js';

interface Then<E extends Event> {
  then(...expected: readonly E[]): void;
  thenNothing(): void;
  /** Code of the error, and what its message and its hint must say. */
  thenThrows(code: ErrorCode, message?: RegExp, hint?: RegExp): void;
}

/** The kernel's `deciderSpec` for events of the catalogue: what is given and what is expected must be well-formed. */
export function domainSpec<State, C extends Command, E extends Event>(
  decider: Decider<State, C, E>,
): (...history: readonly E[]) => { when(command: C): Then<E> } {
  const spec = deciderSpec(decider);
  return (...history) => {
    history.forEach((event) => catalogue.check(event));
    return {
      when(command) {
        const outcome = spec.given(history).when(command);
        return {
          then(...expected) {
            expected.forEach((event) => catalogue.check(event));
            outcome.then(expected);
          },
          thenNothing: () => outcome.thenNothing(),
          thenThrows(code, message = /./, hint = /|/) {
            const error = outcome.thenThrows(code);
            expect(error.message).toMatch(message);
            expect(error.hint ?? '').toMatch(hint);
          },
        };
      },
    };
  };
}
