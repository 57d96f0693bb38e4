import { expect } from '@jest/globals';
import type { ErrorCode } from '../../errors.js';
import { isWaybillError } from '../../errors.js';
import type { EventToAppend, RecordedEvent } from '../../event.js';
import type { AppendResult, EventStore } from '../../event-store.js';
import { envelopeText, sha256 } from '../../hashing.js';
import { newId } from '../../ids.js';
import type { Clock } from '../../recording.js';

export interface StoreUnderTest {
  readonly store: EventStore;
  /** Closes the store and opens the same log again; left out when the log does not outlive the process. */
  readonly reopen?: () => Promise<EventStore>;
  dispose(): Promise<void>;
}

/** Makes a store over an empty log that takes its time from `clock`. */
export type StoreFactory = (options: { clock: Clock }) => Promise<StoreUnderTest>;

/** A clock that stands still until it is set. */
export interface ManualClock {
  readonly read: Clock;
  set(instant: string): void;
  advance(milliseconds: number): void;
}

export const NOON = '2026-11-23T12:00:00.000Z';

export function manualClock(): ManualClock {
  let now = Date.parse(NOON);
  return {
    read: () => new Date(now).toISOString(),
    set: (instant) => void (now = Date.parse(instant)),
    advance: (milliseconds) => void (now += milliseconds),
  };
}

/** A well-formed event with ids of its own. */
export function sampleEvent(changes: Partial<EventToAppend> = {}): EventToAppend {
  const commandId = newId();
  return {
    id: newId(),
    type: 'ThingHappened',
    version: 1,
    occurredAt: '2026-11-23T11:59:58.500Z',
    actor: { kind: 'person', id: 'p-0123456789abcdef0123', roles: ['developer', 'business'] },
    commandId,
    commandDigest: sha256(commandId),
    correlationId: newId(),
    causationId: commandId,
    data: { name: 'Ünïcode ✓ 𝄞', count: 3, nested: { list: [1, 'two', null, true, { deep: -0.5 }] } },
    ...changes,
  };
}

export const sampleEvents = (count: number): EventToAppend[] => Array.from({ length: count }, () => sampleEvent());

/** Every field of a stored event: the caller's as sent, the store's as the contract says. */
export function expectStored(
  stored: RecordedEvent | undefined,
  sent: EventToAppend,
  place: { stream: string; revision: number; recordedAt: string; previousHash: string },
): void {
  expect(stored).toStrictEqual({
    id: sent.id,
    type: sent.type,
    version: sent.version,
    occurredAt: sent.occurredAt,
    actor: sent.actor,
    commandId: sent.commandId,
    commandDigest: sent.commandDigest,
    correlationId: sent.correlationId,
    causationId: sent.causationId,
    data: sent.data,
    ...place,
    position: expect.stringMatching(/^[1-9]\d*$|^0$/),
    hash: sha256(envelopeText({ ...sent, ...place })),
  });
}

/** The error of a promise that must be rejected with this code, with words for a person. */
export async function refusal(
  code: ErrorCode,
  promise: Promise<AppendResult | readonly RecordedEvent[]>,
): Promise<Error> {
  const error: unknown = await promise.then(
    (value) => new Error(`expected ${code}, got ${JSON.stringify(value).slice(0, 200)}`),
    (reason: unknown) => reason,
  );
  if (!isWaybillError(error)) throw error;
  expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(/\S/) });
  return error;
}

/** Reads the whole log page by page. */
export async function wholeLog(store: EventStore, page = 100): Promise<RecordedEvent[]> {
  const log: RecordedEvent[] = [];
  for (;;) {
    const events = await store.readAll(log.at(-1)?.position, page);
    if (events.length === 0) return log;
    log.push(...events);
  }
}
