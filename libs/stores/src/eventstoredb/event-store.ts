import {
  RetryableError,
  WaybillError,
  follow,
  numberOfPosition,
  prepareEvents,
  systemClock,
  type Clock,
  type EventStore,
  type ReadStreamOptions,
  type SubscribeOptions,
} from '@waybill/kernel';
import { beyondTheEnd } from '../beyond-the-end.js';
import { createAppending } from './appending.js';
import { delayOf, pause, type StoreTrouble } from './backoff.js';
import { birthOf } from './birth.js';
import { createClient } from './client.js';
import { INTERNAL, parseConnectionString } from './connection-string.js';
import { createFeed } from './feed.js';
import { createIdOwners } from './id-owners.js';
import { createReader } from './reading.js';
import { createRemoteLog } from './remote-log.js';
import { streamNames } from './stream-names.js';

export interface EventStoreDbOptions {
  /** `esdb://[user:password@]host:port[,…][?tls=…&prefix=…]`. */
  readonly url: string;
  /** Default: this machine's clock. */
  readonly clock?: Clock;
  /** Of a ledger that begins now; an existing one keeps its own. Default: a fresh UUID. */
  readonly ledgerId?: string;
  /** The ledger that this log must be of: another one is refused, and so is one that would begin now. */
  readonly known?: string | undefined;
  /** A live subscription that is silent for so long is checked against the log. Milliseconds, default 30 000. */
  readonly stallAfter?: number;
  /** Told of each lost connection and each retry. */
  readonly onTrouble?: (trouble: StoreTrouble) => void;
}

const STALL_AFTER = 30_000;

/**
 * The event store over EventStoreDB or KurrentDB, 22.6 or newer. A position is the commit position in decimal.
 * Throws `CONFIGURATION` for an address or a certificate that cannot be used, `STORE_UNAVAILABLE` when the server does
 * not answer or does not let us in.
 */
export async function openEventStoreDbStore({
  url,
  clock = systemClock,
  ledgerId: wanted,
  known,
  stallAfter = STALL_AFTER,
  onTrouble = () => undefined,
}: EventStoreDbOptions): Promise<EventStore> {
  const settings = parseConnectionString(url);
  const where = `the event store at ${settings.hosts.map(({ address, port }) => `${address}:${port}`).join(', ')}`;
  const names = streamNames(settings.prefix);
  const log = createRemoteLog(createClient(settings), where, settings.numbers.defaultDeadline);
  const birth = await birthOf(log, names, { wanted, known }).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  const { ledgerId } = birth;
  const reader = createReader(log, names, birth);
  const owners = createIdOwners(log, names, ledgerId);
  const appending = createAppending({ log, names, ledgerId, reader, owners }, clock);
  const feed = createFeed({ log, names, ledgerId, reader }, { stallAfter, onTrouble });
  let closing: Promise<void> | undefined;

  const open = (): void => {
    if (closing) throw new RetryableError('STORE_UNAVAILABLE', `the connection to ${where} is closed`);
  };

  const readAll: EventStore['readAll'] = async (after, limit) => {
    const start = numberOfPosition(after);
    const events = await reader.readAll(after, limit);
    if (events.length === 0 && limit > 0 && start > numberOfPosition(await reader.lastPosition())) {
      throw beyondTheEnd(start);
    }
    return events;
  };

  /** A subscription outlives a server that is away: it waits and tries again, and says so. */
  const readPatiently = async (
    read: () => Promise<Awaited<ReturnType<EventStore['readAll']>>>,
    signal: AbortSignal,
  ): ReturnType<EventStore['readAll']> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read();
      } catch (error) {
        if (closing || signal.aborted) return [];
        if (!(error instanceof RetryableError)) throw error;
        const delay = delayOf(attempt);
        onTrouble({ what: 'read-failed', reason: error.message, attempt, delay });
        await pause(delay, signal);
      }
    }
  };

  const subscribe = (options: SubscribeOptions = {}): ReturnType<EventStore['subscribe']> => {
    const never = new AbortController();
    const signal = options.signal ?? never.signal;
    return follow(
      {
        readAll: async (after, limit) =>
          feed.after(after, limit) ?? (await readPatiently(() => readAll(after, limit), signal)),
        listen: feed.listen,
        closed: () => closing !== undefined,
      },
      options,
    );
  };

  return {
    ledgerId,
    async append(stream, events, expected) {
      open();
      const prepared = prepareEvents(stream, events);
      if (names.inLedger(names.inServer(stream)) !== stream) {
        throw new WaybillError(
          'INVALID_EVENT',
          `${stream} is not a stream name: ${INTERNAL}… is kept for Waybill itself`,
        );
      }
      return appending.append(stream, prepared, expected);
    },
    async readStream(stream, { direction = 'forwards', from, limit }: ReadStreamOptions = {}) {
      open();
      if (limit !== undefined && limit <= 0) return [];
      if (from !== undefined && from < 0) return direction === 'backwards' ? [] : reader.readStream(stream, bounded());
      return reader.readStream(stream, bounded(from));

      function bounded(start?: number) {
        return {
          direction,
          ...(start === undefined ? {} : { from: start }),
          ...(limit === undefined ? {} : { limit }),
        };
      }
    },
    async readAll(after, limit) {
      open();
      return readAll(after, limit);
    },
    async lastPosition() {
      open();
      return reader.lastPosition();
    },
    subscribe,
    close() {
      closing ??= (async () => {
        await appending.settled();
        feed.stop();
        await log.close();
      })();
      return closing;
    },
  };
}
