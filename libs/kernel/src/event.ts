/** A value that RFC 7493 (I-JSON) can carry: what event data is made of. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/** What `decide` returns and `evolve` takes: a fact in the past tense, a plain JSON object. */
export interface Event<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * Who caused an event. `id` is opaque: a person id of the erasable people table, a policy's name, an operator's
 * location. Names, logins and addresses never stand here.
 */
export interface Actor {
  readonly kind: 'person' | 'service' | 'policy' | 'operator' | 'system';
  readonly id: string;
  readonly roles: readonly string[];
}

/**
 * A place in the global order of one ledger: decimal digits without leading zeros. Opaque to callers except for
 * {@link comparePositions}; positions grow but need not be contiguous.
 */
export type Position = string;

/** An event on its way into a stream. The store adds revision, position, recordedAt and the hashes. */
export interface EventToAppend {
  /** UUID, v5(commandId, index): the same command always yields the same ids. */
  readonly id: string;
  readonly type: string;
  /** Version of the shape of `data`, from 1. */
  readonly version: number;
  /** ISO 8601 instant with milliseconds, UTC: when it happened, as reported. */
  readonly occurredAt: string;
  readonly actor: Actor;
  readonly commandId: string;
  /** SHA-256 (hex) of what the caller asked for; finds a commandId used twice for different things. */
  readonly commandDigest: string;
  readonly correlationId: string;
  /** Id of the event that led to this one, or the commandId when a person or a pipeline asked. */
  readonly causationId: string;
  readonly data: JsonObject;
}

/** An event as the store wrote it. `version` and `data` are as written: upcasting happens above the store. */
export interface RecordedEvent extends EventToAppend {
  readonly stream: string;
  /** 0-based, without holes. */
  readonly revision: number;
  readonly position: Position;
  /** ISO 8601 instant with milliseconds, UTC: when it was written; never decreases within a stream. */
  readonly recordedAt: string;
  /** SHA-256 (hex) of the stream's previous event; of the ledger id for the first one. */
  readonly previousHash: string;
  /** SHA-256 (hex) over the RFC 8785 text of all fields above but `position`. */
  readonly hash: string;
}

/** Orders two positions of the same ledger: negative, zero or positive. */
export function comparePositions(a: Position, b: Position): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
