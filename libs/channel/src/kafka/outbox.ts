import { BATCH } from './client.js';

/**
 * Hands items over in the order in which they came in, one batch after the other. Never two at once: kafkajs gives the
 * sequence number of a send that failed to the next one, so that a second send under way could be taken by the broker
 * for a repetition of the first, and be lost.
 */
export interface Outbox<T, R> {
  /** Resolves when the item was sent, with what `send` says of it; rejects with what `send` rejected with. */
  add(item: T): Promise<R>;
  /** What waits is rejected with the fault; resolves when what is under way has ended. */
  close(fault: Error): Promise<void>;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly sent: (result: R) => void;
  readonly lost: (error: unknown) => void;
}

export function createOutbox<T, R>(options: {
  /** One result for each item. */
  readonly send: (items: readonly T[]) => Promise<readonly R[]>;
  readonly bytes: (item: T) => number;
  /** Most that is handed over at once; one item may be larger. */
  readonly most?: { readonly records: number; readonly bytes: number };
}): Outbox<T, R> {
  const { most = BATCH } = options;
  let waiting: Waiting<T, R>[] = [];
  let running: Promise<void> | undefined;
  let closed: Error | undefined;

  async function drain(): Promise<void> {
    // What is added in one turn of the event loop goes together.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = take();
      try {
        const results = await options.send(batch.map(({ item }) => item));
        batch.forEach(({ sent }, index) => sent(results[index]!));
      } catch (error) {
        for (const { lost } of batch) lost(error);
      }
    }
    running = undefined;
  }

  function take(): Waiting<T, R>[] {
    let count = 0;
    let bytes = 0;
    for (const { item } of waiting) {
      bytes += options.bytes(item);
      if (count > 0 && (bytes > most.bytes || count === most.records)) break;
      count++;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  return {
    add(item) {
      if (closed) return Promise.reject(closed);
      return new Promise<R>((sent, lost) => {
        waiting.push({ item, sent, lost });
        running ??= drain();
      });
    },
    async close(fault) {
      closed = fault;
      for (const { lost } of waiting.splice(0)) lost(fault);
      await running;
    },
  };
}
