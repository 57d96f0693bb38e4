import { RetryableError } from '@waybill/kernel';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a connection to the views has to put up with; for logs and metrics. */
export interface ViewsTrouble {
  readonly what: 'cannot-open' | 'cannot-read' | 'cannot-project' | 'cannot-listen';
  /** Without credentials. */
  readonly reason: string;
  /** How often in a row, from 1. */
  readonly attempt: number;
  /** Milliseconds until it is tried again. */
  readonly delay: number;
}

export type OnTrouble = (trouble: ViewsTrouble) => void;

const FIRST_DELAY = 50;
const LONGEST_DELAY = 5_000;

/** Work that went well for so long had recovered: the next delay is short again. Milliseconds. */
const RECOVERED = 10_000;

/** Doubles up to five seconds; spread, so that many clients of one server do not come back at one moment. */
function delayOf(attempt: number): number {
  const longest = Math.min(FIRST_DELAY * 2 ** (attempt - 1), LONGEST_DELAY);
  return Math.round(longest * (0.5 + Math.random() / 2));
}

/**
 * Does the work again while it rejects with `RetryableError`. Gives up with that error once the signal aborts, or
 * when `patienceMs` is over.
 */
export async function persistently<T>(
  what: ViewsTrouble['what'],
  work: () => Promise<T>,
  options: { readonly onTrouble: OnTrouble; readonly signal?: AbortSignal; readonly patienceMs?: number },
): Promise<T> {
  const { onTrouble, signal, patienceMs = Infinity } = options;
  const started = performance.now();
  for (let attempt = 1; ; attempt++) {
    const begun = performance.now();
    try {
      return await work();
    } catch (error) {
      if (performance.now() - begun > RECOVERED) attempt = 1;
      const delay = delayOf(attempt);
      const isOver = performance.now() - started + delay > patienceMs;
      if (!(error instanceof RetryableError) || signal?.aborted || isOver) throw error;
      onTrouble({ what, reason: error.message, attempt, delay });
      await sleep(delay, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }
}
