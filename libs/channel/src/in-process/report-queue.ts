import { RetryableError, WaybillError } from '@waybill/kernel';
import type { ReportsHandler } from '../channel.js';
import { type Report, locationOf } from '../report.js';

interface Waiting {
  readonly report: Report;
  readonly recorded: () => void;
  readonly lost: (error: Error) => void;
}

/**
 * Reports on their way to the ledger. A report stays first in its location's queue until the consumer has recorded it,
 * so a consumer that fails or goes away loses nothing: the next one is given it again.
 */
export interface ReportQueue {
  /** Resolves when a consumer has recorded the report. */
  add(report: Report): Promise<void>;
  /**
   * All that waits of a location at a time, locations beside each other. What `handle` refuses is dropped. Rejects with
   * its first error.
   */
  consume(handle: ReportsHandler, signal: AbortSignal): Promise<void>;
  close(): void;
}

const MOST_AT_ONCE = 100;

export function createReportQueue(): ReportQueue {
  const queues = new Map<string, Waiting[]>();
  let consumer: { take(location: string): void; end(): void } | undefined;
  let closed = false;

  return {
    add(report) {
      if (closed) return Promise.reject(closedError());
      return new Promise((recorded, lost) => {
        const location = locationOf(report);
        const queue = queues.get(location) ?? [];
        queues.set(location, queue);
        queue.push({ report, recorded, lost });
        consumer?.take(location);
      });
    },

    async consume(handle, signal) {
      if (closed || signal.aborted) return;
      if (consumer) {
        throw new WaybillError('INVALID_STATE', 'The reports of this channel already have a consumer', {
          hint: 'Start one consumer of reports per channel.',
        });
      }
      const busy = new Map<string, Promise<void>>();
      let failure: { error: unknown } | undefined;
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });

      const drain = async (location: string): Promise<void> => {
        const queue = queues.get(location) ?? [];
        for (;;) {
          // What is reported in one turn of the event loop is handed over together.
          await new Promise((resolve) => setImmediate(resolve));
          const batch = queue.slice(0, MOST_AT_ONCE);
          if (batch.length === 0 || signal.aborted || failure || closed) return;
          try {
            await handle(batch.map(({ report }) => report));
          } catch (error) {
            failure ??= { error };
            end();
            return;
          }
          queue.splice(0, batch.length);
          for (const { recorded } of batch) recorded();
        }
      };

      consumer = {
        take(location) {
          if (busy.has(location)) return;
          const running = drain(location).finally(() => {
            busy.delete(location);
            // A report that came in between the last look at the queue and this line has nobody else to start it.
            if (queues.get(location)?.length && !signal.aborted && !failure && !closed) consumer?.take(location);
          });
          busy.set(location, running);
        },
        end,
      };
      signal.addEventListener('abort', end, { once: true });
      for (const location of queues.keys()) consumer.take(location);
      await ended;
      await Promise.all(busy.values());
      consumer = undefined;
      signal.removeEventListener('abort', end);
      if (failure) throw failure.error;
    },

    close() {
      closed = true;
      for (const queue of queues.values()) for (const waiting of queue.splice(0)) waiting.lost(closedError());
      consumer?.end();
    },
  };
}

function closedError(): RetryableError {
  return new RetryableError('STORE_UNAVAILABLE', 'The channel was closed before the report was recorded', {
    hint: 'Report again when the channel is open: reports may be repeated.',
  });
}
