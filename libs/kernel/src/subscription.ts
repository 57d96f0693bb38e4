import type { Position, RecordedEvent } from './event.js';
import type { SubscribeOptions } from './event-store.js';

/** What {@link follow} needs of a store. */
export interface Followed {
  readAll(after: Position | undefined, limit: number): Promise<readonly RecordedEvent[]>;
  /** Calls `ring` after each commit, and once on close; returns how to stop. */
  listen(ring: () => void): () => void;
  closed(): boolean;
}

const DEFAULT_BATCH = 500;

/** A bell for the subscriptions of one process: no polling. */
export function createBell(): { ring(): void; listen(ring: () => void): () => void } {
  const listeners = new Set<() => void>();
  return {
    ring() {
      for (const listener of listeners) listener();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** `EventStore.subscribe` over pages and a bell. Ends when the signal aborts or the store closes. */
export async function* follow(
  store: Followed,
  { after, signal, batchSize = DEFAULT_BATCH }: SubscribeOptions = {},
): AsyncGenerator<readonly RecordedEvent[], void, void> {
  let rung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    rung = true;
    wake?.();
  };
  const ended = (): boolean => signal?.aborted === true || store.closed();
  const unlisten = store.listen(ring);
  signal?.addEventListener('abort', ring);
  try {
    while (!ended()) {
      // Before the read, not after: a commit between an empty page and the wait must not go unheard.
      rung = false;
      const page = await store.readAll(after, batchSize);
      if (ended()) return;
      if (page.length > 0) {
        after = page.at(-1)!.position;
        yield page;
        // A long catch-up of a quick reader would otherwise run in microtasks alone and starve timers and sockets.
        if (page.length === batchSize) await new Promise<void>((resolve) => setImmediate(resolve));
      } else if (!rung) {
        await new Promise<void>((resolve) => (wake = resolve));
        wake = undefined;
      }
    }
  } finally {
    unlisten();
    signal?.removeEventListener('abort', ring);
  }
}
