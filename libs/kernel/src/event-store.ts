import type { EventToAppend, Position, RecordedEvent } from './event.js';

/** The stream must be empty, or its last event must have exactly this revision. Nothing looser exists. */
export type ExpectedRevision = 'no-stream' | number;

export interface AppendResult {
  /** The events as stored, in order; on an idempotent hit the ones stored the first time. */
  readonly events: readonly RecordedEvent[];
  /** Position of the last of `events`. */
  readonly position: Position;
  /** True when the very same events were there already and nothing was written. */
  readonly repeated: boolean;
}

export interface ReadStreamOptions {
  readonly direction?: 'forwards' | 'backwards';
  /** First revision to return (inclusive). Default: the start, or the end when reading backwards. */
  readonly from?: number;
  /** Default: all. */
  readonly limit?: number;
}

export interface SubscribeOptions {
  /** Deliver events behind this position (exclusive). Default: from the start. */
  readonly after?: Position | undefined;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Most events in one batch. Default 500. */
  readonly batchSize?: number;
}

/**
 * The append-only log. Every implementation passes `eventStoreContract` (kernel/testing), which asserts every field.
 *
 * Errors, all {@link WaybillError}: `REVISION_CONFLICT` (another writer was faster; load again),
 * `EVENT_ID_CONFLICT` (an id exists with other content or in another stream), `EVENT_TOO_LARGE`, `INVALID_EVENT`
 * (not I-JSON, bad stream name), `CLOCK_WENT_BACKWARDS`, `STORE_UNAVAILABLE` (nothing is known about the append:
 * repeat it with the same expected revision), `DISK_FULL`.
 */
export interface EventStore {
  /** Identifies the log; the first event of each stream chains to its SHA-256. */
  readonly ledgerId: string;
  append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Empty when the stream does not exist. */
  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]>;
  /**
   * The next `limit` events of the whole log behind `after` (exclusive), in log order. `INVALID_INPUT` for what this
   * log never gave: no position at all, or one beyond its end.
   */
  readAll(after: Position | undefined, limit: number): Promise<readonly RecordedEvent[]>;
  /** Position of the newest event, undefined when the log is empty. */
  lastPosition(): Promise<Position | undefined>;
  /** Catch-up, then live: every event once, in order, in batches of at least one. Never skips. */
  subscribe(options?: SubscribeOptions): AsyncIterable<readonly RecordedEvent[]>;
  close(): Promise<void>;
}

/** An event with its data must fit into this many bytes of RFC 8785 text. Contents go to the blob store. */
export const MAX_EVENT_BYTES = 1_000_000;
