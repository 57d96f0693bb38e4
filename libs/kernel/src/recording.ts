import { canonicalForm, canonicalText } from './canonical.js';
import { WaybillError } from './errors.js';
import type { Actor, EventToAppend, Position, RecordedEvent } from './event.js';
import { MAX_EVENT_BYTES, type ExpectedRevision } from './event-store.js';
import { genesisHash, sha256 } from './hashing.js';

/** The present as an ISO 8601 instant in UTC with milliseconds. */
export type Clock = () => string;

export const systemClock: Clock = () => new Date().toISOString();

/** The end of a stream: what the next event chains to. */
export interface StreamHead {
  readonly revision: number;
  readonly hash: string;
  readonly recordedAt: string;
}

/** An event checked and written out, but for what only its place in the stream decides. */
export interface PreparedEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  /** What was given, as it will be read again: keys in order, nothing shared with the caller. */
  readonly given: EventToAppend;
  /** The hashed text up to `previousHash`, and from `stream` on: RFC 8785 sorts keys, so both are fixed. */
  readonly before: string;
  readonly after: string;
}

/** An event as it goes to disk: its hashed text, and the hash. */
export interface SealedEvent {
  readonly id: string;
  readonly type: string;
  readonly text: string;
  readonly hash: string;
  readonly previousHash: string;
  /** The end of the stream once this event is written. */
  readonly head: StreamHead;
}

/** A clock further back than this behind a stream's last event is refused. Milliseconds. */
const MAX_BACKWARDS = 5 * 60_000;

/** Longest text that `previousHash`, `recordedAt` and `revision` can add. Bytes. */
const PLACE_BYTES = 180;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const STREAM_NAME = /^[^\x00-\x20\x7f-\x9f$][^\x00-\x20\x7f-\x9f]{0,499}$/;

/**
 * Checks what a caller wants to append. Throws `INVALID_EVENT` (no events, bad stream name, a bad field, data outside
 * I-JSON), `EVENT_TOO_LARGE`, or `EVENT_ID_CONFLICT` when one id stands in the list twice.
 */
export function prepareEvents(stream: string, events: readonly EventToAppend[]): readonly PreparedEvent[] {
  if (!STREAM_NAME.test(stream) || !stream.isWellFormed()) {
    throw new WaybillError(
      'INVALID_EVENT',
      `${JSON.stringify(stream)} is not a stream name: 1 to 500 characters, no spaces or control characters`,
    );
  }
  if (events.length === 0) throw new WaybillError('INVALID_EVENT', `no events to append to ${stream}`);
  const streamText = canonicalText(stream);
  let cause: Cause | undefined;
  const prepared = events.map((event) => {
    checkFields(stream, event);
    // The events of one command share who and why: written out once.
    if (!cause || !isCausedBy(cause.event, event)) cause = causeOf(event);
    return prepare(stream, streamText, event, cause);
  });
  if (events.length > 1 && new Set(events.map((event) => event.id)).size < events.length) {
    throw new WaybillError('EVENT_ID_CONFLICT', `two events for ${stream} have one id`);
  }
  return prepared;
}

/** The first keys of the text, up to `correlationId`. */
interface Cause {
  readonly event: EventToAppend;
  readonly actor: Actor;
  readonly text: string;
}

const isCausedBy = (a: EventToAppend, b: EventToAppend): boolean =>
  a.actor === b.actor &&
  a.causationId === b.causationId &&
  a.commandDigest === b.commandDigest &&
  a.commandId === b.commandId &&
  a.correlationId === b.correlationId;

function causeOf(event: EventToAppend): Cause {
  const { causationId, commandDigest, commandId, correlationId } = event;
  const { id, kind, roles } = event.actor;
  const { text, value } = canonicalForm({
    actor: { id, kind, roles },
    causationId,
    commandDigest,
    commandId,
    correlationId,
  });
  return { event, actor: value.actor, text: text.slice(0, -1) };
}

function prepare(stream: string, streamText: string, event: EventToAppend, cause: Cause): PreparedEvent {
  const { id, type, version, occurredAt, commandId, commandDigest, correlationId, causationId } = event;
  const data = canonicalForm(event.data);
  const before = `${cause.text},"data":${data.text},"id":"${id}","occurredAt":"${occurredAt}"`;
  const after = `"stream":${streamText},"type":${canonicalText(type)},"version":${version}}`;
  const size = byteLength(before, after);
  if (size > MAX_EVENT_BYTES) {
    throw new WaybillError(
      'EVENT_TOO_LARGE',
      `${type} for ${stream} has ${size} bytes; an event has ${MAX_EVENT_BYTES} at most`,
      { hint: 'Put contents into the blob store and their digest into the event.' },
    );
  }
  const given: EventToAppend = {
    id,
    type,
    version,
    occurredAt,
    actor: cause.actor,
    commandId,
    commandDigest,
    correlationId,
    causationId,
    data: data.value,
  };
  return { id, type, stream, given, before, after };
}

function checkFields(stream: string, event: EventToAppend): void {
  const bad = (field: string, what: string): WaybillError =>
    new WaybillError('INVALID_EVENT', `${event.type || 'an event'} for ${stream}: ${field} ${what}`, {
      fields: [{ field, message: what }],
    });
  if (!UUID.test(event.id)) throw bad('id', 'is not a UUID in lower case');
  if (typeof event.type !== 'string' || event.type === '') throw bad('type', 'is empty');
  if (!Number.isSafeInteger(event.version) || event.version < 1) throw bad('version', 'is not a whole number from 1');
  if (!INSTANT.test(event.occurredAt)) throw bad('occurredAt', 'is not a UTC instant with milliseconds');
  for (const field of ['commandId', 'commandDigest', 'correlationId', 'causationId'] as const) {
    if (typeof event[field] !== 'string' || event[field] === '') throw bad(field, 'is empty');
  }
  if (event.data === null || typeof event.data !== 'object' || Array.isArray(event.data)) {
    throw bad('data', 'is not a JSON object');
  }
}

/** UTF-8 length of the whole text; an upper bound where that is small enough, for counting takes time. */
function byteLength(before: string, after: string): number {
  const most = (before.length + after.length) * 3 + PLACE_BYTES;
  return most <= MAX_EVENT_BYTES ? most : new TextEncoder().encode(before + after).length + PLACE_BYTES;
}

/**
 * Gives events their place behind `head` (undefined: the stream is empty). `recordedAt` is the clock's, but never
 * before the stream's last event; a clock more than five minutes behind that is a `CLOCK_WENT_BACKWARDS`.
 */
export function sealEvents(
  ledgerId: string,
  head: StreamHead | undefined,
  prepared: readonly PreparedEvent[],
  now: string,
): readonly SealedEvent[] {
  const recordedAt = recordingInstant(prepared[0]!.stream, head?.recordedAt, now);
  let end = head ?? { revision: -1, hash: genesisHash(ledgerId), recordedAt };
  return prepared.map((event) => {
    const previousHash = end.hash;
    const revision = end.revision + 1;
    const text = textAt(event, previousHash, recordedAt, revision);
    const hash = sha256(text);
    end = { revision, hash, recordedAt };
    return { id: event.id, type: event.type, text, hash, previousHash, head: end };
  });
}

/** A stored event from what was written of it: equal to {@link unsealEvent} of its text, key for key. */
export function recordedEvent(
  { given, stream }: PreparedEvent,
  { hash, previousHash, head }: SealedEvent,
  position: Position,
): RecordedEvent {
  return {
    actor: given.actor,
    causationId: given.causationId,
    commandDigest: given.commandDigest,
    commandId: given.commandId,
    correlationId: given.correlationId,
    data: given.data,
    id: given.id,
    occurredAt: given.occurredAt,
    previousHash,
    recordedAt: head.recordedAt,
    revision: head.revision,
    stream,
    type: given.type,
    version: given.version,
    position,
    hash,
  };
}

/** A stored event from its text. `version` and `data` are as written. */
export function unsealEvent(text: string, position: Position, hash: string): RecordedEvent {
  const event = JSON.parse(text) as { -readonly [Field in keyof RecordedEvent]: RecordedEvent[Field] };
  event.position = position;
  event.hash = hash;
  return event;
}

/**
 * What becomes of an append whose revision does not match or whose ids exist: the stored events when all of them were
 * written at exactly this place with exactly this content; else throws `EVENT_ID_CONFLICT` or `REVISION_CONFLICT`.
 * @param found by id, the stored event for each of `prepared`, where there is one
 */
export function settleRepeat(
  expected: ExpectedRevision,
  head: StreamHead | undefined,
  prepared: readonly PreparedEvent[],
  found: readonly (RecordedEvent | undefined)[],
): readonly RecordedEvent[] {
  const stream = prepared[0]!.stream;
  const first = expected === 'no-stream' ? 0 : expected + 1;
  const same: RecordedEvent[] = [];
  for (const [index, stored] of found.entries()) {
    if (!stored) continue;
    if (stored.stream !== stream) throw idConflict(stored, `exists in ${stored.stream}, and was sent to ${stream}`);
    if (sha256(textAt(prepared[index]!, stored.previousHash, stored.recordedAt, stored.revision)) !== stored.hash) {
      throw idConflict(stored, `exists in ${stream} with other content`);
    }
    if (stored.revision === first + index) same.push(stored);
  }
  if (same.length === prepared.length) return same;
  const is = head === undefined ? 'does not exist' : `is at revision ${head.revision}`;
  throw new WaybillError(
    'REVISION_CONFLICT',
    `${stream} ${is}; ${expected === 'no-stream' ? 'it was expected not to exist' : `revision ${expected} was expected`}`,
    { hint: 'Load the stream and decide again.' },
  );
}

/** Whether the stream ends where the writer thinks it does. */
export function isExpected(expected: ExpectedRevision, head: StreamHead | undefined): boolean {
  return expected === 'no-stream' ? head === undefined : head !== undefined && head.revision === expected;
}

/**
 * A position of a store that counts its events, as a number; 0 for undefined, which is before the first.
 * Throws `INVALID_INPUT`.
 */
export function numberOfPosition(position: Position | undefined): number {
  if (position === undefined) return 0;
  const number = Number(position);
  if (!/^\d{1,16}$/.test(position) || !Number.isSafeInteger(number)) {
    throw new WaybillError('INVALID_INPUT', `${JSON.stringify(position)} is not a position of this ledger`, {
      hint: 'Use a position as this ledger gave it.',
      fields: [{ field: 'after', message: 'is not a position' }],
    });
  }
  return number;
}

function textAt(event: PreparedEvent, previousHash: string, recordedAt: string, revision: number): string {
  return `${event.before},"previousHash":"${previousHash}","recordedAt":"${recordedAt}","revision":${revision},${event.after}`;
}

// Instants of one length compare as text.
function recordingInstant(stream: string, last: string | undefined, now: string): string {
  if (last === undefined || now >= last) return now;
  const behind = Date.parse(last) - Date.parse(now);
  if (behind <= MAX_BACKWARDS) return last;
  throw new WaybillError(
    'CLOCK_WENT_BACKWARDS',
    `the clock shows ${now}, but ${stream} was written at ${last}: ${Math.round(behind / 1000)} seconds later`,
    { hint: 'Set the clock of this machine right, then try again.' },
  );
}

function idConflict(stored: RecordedEvent, how: string): WaybillError {
  return new WaybillError('EVENT_ID_CONFLICT', `event id ${stored.id} ${how}`, {
    hint: 'An event id belongs to one event for ever: derive ids from the command id.',
  });
}
