import { RetryableError, WaybillError } from '@waybill/kernel';
import type { Channel, RetainedRecords } from '../channel.js';
import { createDesiredInbox, type DesiredInbox } from './desired-inbox.js';
import { createReportQueue } from './report-queue.js';

/**
 * The channel of the embedded default: ledger and operators share one process. Desired records are as durable as
 * `retained`; reports wait in memory for the ledger, and `report` resolves only when the ledger has recorded them, so
 * an operator that restarts reports again what was not.
 */
export function createInProcessChannel({ retained }: { retained: RetainedRecords }): Channel {
  const inboxes = new Map<string, DesiredInbox>();
  const reports = createReportQueue();
  let closed = false;

  return {
    async publish(record) {
      if (closed) throw closedError();
      if (await retained.keep(record)) inboxes.get(record.environment.location)?.add(record);
    },

    async consumeDesired(location, { handle, onCaughtUp }, signal) {
      if (closed || signal.aborted) return;
      if (inboxes.has(location)) {
        throw new WaybillError('INVALID_STATE', `Location ${location} already has an operator on this channel`, {
          hint: 'Stop the other operator of this location first.',
        });
      }
      const inbox = createDesiredInbox();
      const stopped = (): boolean => closed || signal.aborted;
      // Opened before the snapshot is read: a record published while it is read would otherwise be in neither.
      inboxes.set(location, inbox);
      signal.addEventListener('abort', inbox.close, { once: true });
      try {
        for (const record of await retained.load(location)) inbox.add(record);
        for (let record = inbox.take(); record && !stopped(); record = inbox.take()) await handle(record);
        if (stopped()) return;
        onCaughtUp?.();
        while (!stopped()) {
          const record = inbox.take();
          if (record) await handle(record);
          else await inbox.ready();
        }
      } finally {
        signal.removeEventListener('abort', inbox.close);
        inboxes.delete(location);
      }
    },

    report: (report) => reports.add(report),
    consumeReports: (handle, signal) => reports.consume(handle, signal),

    close() {
      closed = true;
      for (const inbox of inboxes.values()) inbox.close();
      reports.close();
      return Promise.resolve();
    },
  };
}

function closedError(): RetryableError {
  return new RetryableError('STORE_UNAVAILABLE', 'The channel is closed', {
    hint: 'Publish again when the channel is open: records may be repeated.',
  });
}
