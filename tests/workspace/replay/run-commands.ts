import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { isWaybillError, type Command, type Decider, type Event } from '@waybill/kernel';
import { catalogue } from '@waybill/domain';

export interface Step<State, C extends Command, E extends Event> {
  readonly command: C;
  readonly before: State;
  readonly after: State;
  /** As they come back from a store: checked, through JSON, upcast. */
  readonly events: readonly E[];
}

/**
 * Sends the commands one after the other, as `handleCommand` does without a store, and asserts on the way that the
 * decider is pure and deterministic and that it refuses with a {@link WaybillError} only. Refused commands change nothing.
 */
export function runCommands<State, C extends Command, E extends Event>(
  decider: Decider<State, C, E>,
  commands: readonly C[],
): readonly Step<State, C, E>[] {
  const steps: Step<State, C, E>[] = [];
  let state = deepFreeze(decider.initialState);
  for (const command of commands) {
    const decided = decideTwice(decider, deepFreeze(command), state);
    if (!decided) continue;
    const events = decided.map((event) => deepFreeze(writtenAndRead(event)));
    const before = state;
    state = deepFreeze(events.reduce((reached, event) => decider.evolve(reached, event), before));
    steps.push({ command, before, after: state, events });
  }
  return steps;
}

/** Through the catalogue and JSON, as a store would keep it. */
export function writtenAndRead<E extends Event>(event: E): E {
  const { version, data } = catalogue.check(event);
  return catalogue.upcast<E>({ type: event.type, version, data: JSON.parse(JSON.stringify(data)) });
}

function decideTwice<State, C extends Command, E extends Event>(
  decider: Decider<State, C, E>,
  command: C,
  state: State,
): readonly E[] | null {
  const [first, second] = [attempt(), attempt()];
  if (!isDeepStrictEqual(first, second)) expect(second).toEqual(first);
  return first.events;

  function attempt(): { events: readonly E[] | null; refusal: string | null } {
    try {
      return { events: decider.decide(command, state), refusal: null };
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      return { events: null, refusal: `${error.code}: ${error.message}` };
    }
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
