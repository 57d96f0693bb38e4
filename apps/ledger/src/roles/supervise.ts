import { isWaybillError } from '@waybill/kernel';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.js';
import { createFaultLog } from './fault-log.js';

/** First pause after a failure and the longest one. Milliseconds. */
const BACKOFF = { first: 200, longest: 30_000 };

/** A run that lasted this long has recovered: the next pause is short again. Milliseconds. */
const RECOVERED = 60_000;

/**
 * Runs `work` until the signal aborts, again with backoff whenever it fails. A log that is damaged is no fault that
 * passes: then the promise rejects and the process must end.
 */
export async function keepRunning(
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  const tell = createFaultLog(log);
  for (let failures = 0; !signal.aborted;) {
    const started = performance.now();
    try {
      await work(signal);
      if (signal.aborted) return;
      throw new Error('it ended by itself');
    } catch (error) {
      if (signal.aborted) return;
      if (isWaybillError(error, 'STORE_CORRUPT') || isWaybillError(error, 'UNKNOWN_EVENT')) throw error;
      failures = performance.now() - started > RECOVERED ? 1 : failures + 1;
      tell(`${name} failed (${failures} in a row) and is started again`, error);
      await pause(Math.min(BACKOFF.first * 2 ** (failures - 1), BACKOFF.longest), signal);
    }
  }
}

/** Waits, or returns early when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
