import { type EventStore, type RecordedEvent, type WaybillError, isWaybillError } from '@waybill/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import type { Checkpoints, Policy } from './policy.js';

export interface RunOptions {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly signal: AbortSignal;
  /** Called after each batch and each failed attempt: for metrics and logs. */
  readonly onProgress?: (progress: PolicyProgress) => void;
}

export interface PolicyProgress {
  readonly policy: string;
  readonly position: string;
  /** How often the event at hand has failed in a row; 0 when all is well. */
  readonly failures: number;
  readonly error?: unknown;
}

/** First pause after a failure and the longest one, milliseconds. */
const BACKOFF = { first: 100, longest: 30_000 };

/** A damaged file and an event of a newer version do not pass by themselves: the process must end and say so. */
const BEYOND_HELP = new Set(['STORE_CORRUPT', 'UNKNOWN_EVENT']);

/** Events that concern nobody are read again after a restart, this many at most, instead of being remembered each. */
const PASSED_AT_MOST = 1000;

/** Misuse that only says that somebody else was faster: the release is over, the environment moved on. */
const OVERTAKEN = new Set(['INVALID_STATE', 'NOT_FOUND', 'ALREADY_EXISTS', 'COMMAND_ID_CONFLICT']);

/**
 * Feeds a policy from its checkpoint until `signal` aborts. An event that fails is tried again with backoff, visibly;
 * it is never skipped, and later events wait for it.
 */
export async function runPolicy(policy: Policy, { store, checkpoints, signal, onProgress }: RunOptions): Promise<void> {
  const after = await checkpoints.load(policy.name);
  let passed = 0;
  for await (const batch of store.subscribe({ after, signal })) {
    const handled = batch.filter((event) => policy.handles.has(event.type));
    for (const event of handled) {
      await reactUntilDone(policy, event, signal, onProgress);
      if (signal.aborted) return;
    }
    const { position } = batch.at(-1)!;
    passed += batch.length;
    if (handled.length > 0 || passed >= PASSED_AT_MOST) {
      await checkpoints.save(policy.name, position);
      passed = 0;
    }
    onProgress?.({ policy: policy.name, position, failures: 0 });
  }
}

async function reactUntilDone(
  policy: Policy,
  event: RecordedEvent,
  signal: AbortSignal,
  onProgress: RunOptions['onProgress'],
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await policy.react(event);
      return;
    } catch (error) {
      if (isOvertaken(error)) return;
      if (isWaybillError(error) && BEYOND_HELP.has(error.code)) throw error;
      onProgress?.({ policy: policy.name, position: event.position, failures, error });
      await pause(Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest), signal);
    }
  }
}

function isOvertaken(error: unknown): error is WaybillError {
  return isWaybillError(error) && OVERTAKEN.has(error.code);
}

/** Waits, or returns early when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
