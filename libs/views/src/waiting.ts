import { WaybillError, comparePositions, type Position } from '@waybill/kernel';

/** Callers that wait until the views have read up to a position. */
export interface Waiters {
  wait(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Lets go whoever waits for this position or an earlier one. */
  reached(position: Position | undefined): void;
  /** Lets everybody go with this error. */
  fail(error: unknown): void;
  /** Resolves when so many milliseconds are over, when the signal aborts, or at once while somebody waits. */
  lull(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWaiters(current: () => Position | undefined): Waiters {
  const waiting = new Set<{ position: Position; resolve(): void; reject(error: unknown): void }>();
  let hurry: (() => void) | undefined;
  const isReached = (position: Position, at: Position | undefined): boolean =>
    at !== undefined && comparePositions(at, position) >= 0;
  return {
    wait(position, timeoutMs, signal) {
      if (isReached(position, current())) return Promise.resolve();
      if (signal?.aborted) return Promise.reject(signal.reason as Error);
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          waiting.delete(waiter);
          clearTimeout(timer);
          signal?.removeEventListener('abort', aborted);
        };
        const waiter = {
          position,
          resolve: () => (settle(), resolve()),
          reject: (error: unknown) => (settle(), reject(error as Error)),
        };
        const aborted = (): void => waiter.reject(signal?.reason);
        const timer = setTimeout(() => waiter.reject(timedOut(position, timeoutMs, current())), timeoutMs);
        signal?.addEventListener('abort', aborted);
        waiting.add(waiter);
        hurry?.();
      });
    },
    reached(position) {
      for (const waiter of [...waiting]) if (isReached(waiter.position, position)) waiter.resolve();
    },
    fail(error) {
      for (const waiter of [...waiting]) waiter.reject(error);
    },
    lull(ms, signal) {
      if (waiting.size > 0 || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const end = (): void => {
          hurry = undefined;
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener('abort', end);
        hurry = end;
      });
    },
  };
}

function timedOut(position: Position, timeoutMs: number, at: Position | undefined): WaybillError {
  return new WaybillError(
    'TIMEOUT',
    `the views have not read up to position ${position} within ${timeoutMs} ms; they are at ${at ?? 'the start'}`,
    { hint: 'What was written is safe. Read again in a moment; look at /readyz when it lasts.' },
  );
}
