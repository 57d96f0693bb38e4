import { setTimeout as sleep } from 'node:timers/promises';

/** What a connection has to put up with; for logs and metrics. */
export interface StoreTrouble {
  readonly what: 'subscription-lost' | 'subscription-stalled' | 'read-failed';
  /** Without credentials. */
  readonly reason: string;
  /** How often in a row, from 1. */
  readonly attempt: number;
  /** Milliseconds until it is tried again. */
  readonly delay: number;
}

const FIRST_DELAY = 100;
const LONGEST_DELAY = 10_000;

/** Doubles up to ten seconds; spread, so that many clients of one server do not come back at one moment. */
export function delayOf(attempt: number): number {
  const longest = Math.min(FIRST_DELAY * 2 ** (attempt - 1), LONGEST_DELAY);
  return Math.round(longest * (0.5 + Math.random() / 2));
}

/** Ends early when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
