import { environmentName } from '@waybill/domain';
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
    async publish(record, { again = false } = {}) {
      if (closed) throw closedError();
      if ((await retained.keep(record)) || again) inboxes.get(record.environment.location)?.add(record, again);
    },

    async retire(environment, generation) {
      if (closed) throw closedError();
      if (await retained.drop(environment, generation))
        inboxes.get(environment.location)?.retire(environment, generation);
    },

    async lacking(location, generations) {
      if (closed) throw closedError();
      const records = await retained.load(location);
      const there = new Map(records.map((record) => [environmentName(record.environment), record.generation]));
      return generations.filter((one) => (there.get(environmentName(one.environment)) ?? 0) < one.generation);
    },

    async consumeDesired(location, { handle, onCaughtUp, retired }, signal) {
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
          const gone = inbox.takeRetired();
          const record = inbox.take();
          if (gone !== undefined) await retired?.(gone);
          if (record) await handle(record);
          if (gone === undefined && !record) await inbox.ready();
        }
      } finally {
        signal.removeEventListener('abort', inbox.close);
        inboxes.delete(location);
      }
    },

    report: (report) => reports.add(report),
    consumeReports: (handle, signal) => reports.consume(handle, signal),

    // Both sides are of the same process and version: there is nothing that one of them could not read.
    deadLetters: () => Promise.resolve([]),
    retryDeadLetter: (id) =>
      Promise.reject(
        new WaybillError('NOT_FOUND', `There is no dead letter ${id}`, {
          hint: 'The channel inside one process puts nothing aside; only that over Kafka does.',
        }),
      ),

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
