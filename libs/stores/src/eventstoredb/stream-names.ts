import { streamNameFilter, type Filter, type Position } from '@eventstore/db-client';
import { INTERNAL } from './connection-string.js';

/** How the ledger's streams are called in the server. */
export interface StreamNames {
  inServer(stream: string): string;
  /** Undefined for a stream of the server's, of another prefix, or one of our own helpers. */
  inLedger(serverStream: string): string | undefined;
  /** Holds the ledger id; its first event is the beginning of the ledger. */
  readonly birth: string;
  /** Says to which stream an event id belongs. */
  ownerOf(ledgerId: string, eventId: string): string;
  /** For subscriptions to `$all`: the server sends the ledger's events only. */
  filter(checkpointReached: (position: Position) => void): Filter;
}

/**
 * Our helper streams start with `waybill_`, outside of every prefix; so `$by_category` and what else reads streams by
 * their beginning is not disturbed. Without a prefix the filter keeps out the server's own streams (`$…`: statistics,
 * metadata, projections) and ours.
 */
export function streamNames(prefix: string): StreamNames {
  return {
    inServer: (stream) => prefix + stream,
    inLedger: (serverStream) =>
      serverStream.startsWith(prefix) && !serverStream.startsWith('$') && !serverStream.startsWith(INTERNAL)
        ? serverStream.slice(prefix.length)
        : undefined,
    birth: prefix === '' ? `${INTERNAL}ledger` : `${INTERNAL}ledger-${prefix}`,
    ownerOf: (ledgerId, eventId) => `${INTERNAL}id-${ledgerId}-${eventId}`,
    filter(reached) {
      const checkpointReached = (_subscription: unknown, position: Position): void => reached(position);
      return prefix === ''
        ? streamNameFilter({ regex: `^(?!\\$|${INTERNAL})`, checkpointReached })
        : streamNameFilter({ prefixes: [prefix], checkpointReached });
    },
  };
}
