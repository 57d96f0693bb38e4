import { type RecordedEvent, type WaybillError, isWaybillError } from '@waybill/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import type { Policy } from './policy.js';

/** First pause after a failure and the longest one, milliseconds. */
const BACKOFF = { first: 100, longest: 30_000 };

/** A damaged file and an event of a newer version do not pass by themselves: the process must end and say so. */
const BEYOND_HELP = new Set(['STORE_CORRUPT', 'UNKNOWN_EVENT']);

/** Misuse that only says that somebody else was faster: the release is over, the environment moved on. */
const OVERTAKEN = new Set(['INVALID_STATE', 'NOT_FOUND', 'ALREADY_EXISTS', 'COMMAND_ID_CONFLICT']);

/**
 * Has the policy react to one event until it succeeds or the signal aborts. `onFailed` is awaited before the pause;
 * `failures` counts from 1. Rejects with what trying again does not help.
 */
export async function reactUntilDone(
  policy: Policy,
  event: RecordedEvent,
  signal: AbortSignal,
  onFailed: (failures: number, error: unknown) => void | Promise<void>,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await policy.react(event);
      return;
    } catch (error) {
      if (isOvertaken(error)) return;
      if (isWaybillError(error) && BEYOND_HELP.has(error.code)) throw error;
      await onFailed(failures, error);
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
