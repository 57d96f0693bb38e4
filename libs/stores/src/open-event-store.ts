import { join } from 'node:path';
import { WaybillError, type Clock, type EventStore } from '@waybill/kernel';
import type { StoreTrouble } from './eventstoredb/backoff.js';
import { openEventStoreDbStore } from './eventstoredb/event-store.js';
import { openSqliteEventStore } from './sqlite/event-store.js';

export interface OpenEventStoreOptions {
  /** Data folder: where `sqlite:` keeps its file. */
  readonly folder: string;
  readonly clock?: Clock;
  readonly ledgerId?: string;
  /** The ledger that this log must be of: another one is refused, and so is a log that would begin now. */
  readonly known?: string | undefined;
  /** Told of lost connections and retries of a server; the embedded store has none. */
  readonly onTrouble?: (trouble: StoreTrouble) => void;
}

/**
 * The event store that an address names: `sqlite:` (in the data folder), `sqlite:<file>`, or `esdb://…` (also
 * `esdb+discover://`, `kurrentdb://`). Throws `CONFIGURATION` for any other; the message holds no credentials.
 */
export async function openEventStore(
  url: string,
  { folder, onTrouble, ...options }: OpenEventStoreOptions,
): Promise<EventStore> {
  const scheme = /^([a-z+]+):/.exec(url)?.[1] ?? '';
  switch (scheme) {
    case 'sqlite':
      return openSqliteEventStore({ file: url.slice('sqlite:'.length) || join(folder, 'events.sqlite'), ...options });
    case 'esdb':
    case 'esdb+discover':
    case 'kurrentdb':
    case 'kurrentdb+discover':
    case 'kdb':
    case 'kdb+discover':
      return openEventStoreDbStore({ url, ...options, ...(onTrouble ? { onTrouble } : {}) });
    default:
      throw new WaybillError('CONFIGURATION', 'the address of the event store is neither sqlite: nor esdb://…', {
        hint: 'Set WAYBILL_EVENT_STORE to sqlite: or to an address such as esdb://host:2113?tls=true.',
      });
  }
}
