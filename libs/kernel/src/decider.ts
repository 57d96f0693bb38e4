import type { Actor, Event } from './event.js';

/** Who asks, when and why: what every command carries beside its own content. */
export interface CommandMetadata {
  /** UUID. The caller's (v7), or v5 of what caused it: repeating it repeats nothing. */
  readonly commandId: string;
  readonly actor: Actor;
  /** ISO 8601 instant with milliseconds, UTC. The only clock a decider sees. */
  readonly now: string;
  readonly correlationId: string;
  /** Id of the causing event; the commandId itself when a person or a pipeline asked. */
  readonly causationId: string;
}

/**
 * An intent, in the imperative. `data` is what the caller asks for (its digest finds a commandId used twice);
 * `context` is what the handler looked up for the decision and may differ on a retry.
 */
export interface Command<Type extends string = string, Data = unknown, Context = unknown> {
  readonly type: Type;
  readonly data: Data;
  readonly context: Context;
  readonly metadata: CommandMetadata;
}

/** The functional core of one kind of stream. All three are pure and never read a clock. */
export interface Decider<State, C extends Command, E extends Event> {
  readonly initialState: State;
  /** Throws {@link WaybillError} on misuse; a refusal the business cares about is an event. No events: nothing to do. */
  decide(command: C, state: State): readonly E[];
  evolve(state: State, event: E): State;
}

/** For the `default` of a switch over a union: fails to compile when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
