import type { Position as ServerPosition } from '@eventstore/db-client';
import { createBell, type Position, type RecordedEvent } from '@waybill/kernel';
import { delayOf, pause, type StoreTrouble } from './backoff.js';
import { messageOf, storeError } from './errors.js';
import type { LogReader } from './reading.js';
import { createRecentEvents } from './recent-events.js';
import type { RemoteLog } from './remote-log.js';
import { fromServer, partOf, type ServerEvent } from './stored-event.js';
import type { StreamNames } from './stream-names.js';

/**
 * One live subscription to `$all` for all subscribers of this process. It rings when there is something new, and has
 * the newest events at hand; whoever is further behind reads pages. So a slow subscriber costs no memory and never
 * holds up the connection, and a lost or silent connection can cost time but never an event: what comes next is found
 * by its position, not by having been told.
 */
export interface Feed {
  /** Runs while somebody listens. Rings after each append and each time the connection stands again. */
  listen(ring: () => void): () => void;
  /** Events behind a position, maybe none; undefined when a page must be read. */
  after(position: Position | undefined, limit: number): readonly RecordedEvent[] | undefined;
  stop(): void;
}

export interface FeedOptions {
  /** A subscription that says nothing for so long is checked against the log. Milliseconds. */
  readonly stallAfter: number;
  readonly onTrouble: (trouble: StoreTrouble) => void;
}

type Ending = { readonly what: 'subscription-lost' | 'subscription-stalled'; readonly reason: string };

export function createFeed(
  { log, names, ledgerId, reader }: { log: RemoteLog; names: StreamNames; ledgerId: string; reader: LogReader },
  { stallAfter, onTrouble }: FeedOptions,
): Feed {
  const bell = createBell();
  const recent = createRecentEvents();
  const ledger = { names, ledgerId, where: log.where };
  let listeners = 0;
  let running: AbortController | undefined;

  const run = async (signal: AbortSignal): Promise<void> => {
    /** Behind this nothing was delivered; undefined until the end of the log is known. */
    let cursor: ServerPosition | undefined;
    let attempt = 0;
    while (!signal.aborted) {
      let ending: Ending;
      try {
        cursor ??= await endOfLog();
        if (signal.aborted) return;
        recent.startBehind(cursor.commit.toString());
        ending = await follow(cursor, signal, {
          connected: () => void (attempt = 0),
          reached: (position) => void (cursor = position),
        });
      } catch (error) {
        ending = { what: 'subscription-lost', reason: storeError(error, log.where).message };
      }
      if (signal.aborted || log.isClosed()) return;
      // Until it stands again, pages show what is new.
      recent.forget();
      bell.ring();
      attempt += 1;
      // At once the first time: most connections are lost to a restart or a change of leader that is over by now.
      const delay = attempt === 1 ? 0 : delayOf(attempt - 1);
      onTrouble({ ...ending, attempt, delay });
      await pause(delay, signal);
    }
  };

  const endOfLog = async (): Promise<ServerPosition> => {
    const [last] = await log.readAll({ from: 'end', limit: 1, direction: 'backwards' });
    return last?.position ?? { commit: 0n, prepare: 0n };
  };

  /** One subscription, until it ends one way or another. */
  const follow = (
    from: ServerPosition,
    signal: AbortSignal,
    on: { connected(): void; reached(position: ServerPosition): void },
  ): Promise<Ending> =>
    new Promise((resolve) => {
      /** The events of one append go out together, as they were written. */
      let pending: RecordedEvent[] = [];
      let reached = from;
      let ended = false;
      const filter = names.filter((position) => {
        watchdog.refresh();
        if (pending.length === 0) advance(position);
      });
      const subscription = log.subscribe(from, { filter });

      const end = (ending: Ending): void => {
        if (ended) return;
        ended = true;
        clearTimeout(watchdog);
        signal.removeEventListener('abort', onAbort);
        subscription.off('data', onEvent);
        subscription.unsubscribe().catch(() => undefined);
        resolve(ending);
      };
      const advance = (position: ServerPosition): void => {
        reached = position;
        on.reached(position);
      };
      const lost = (reason: string): void => end({ what: 'subscription-lost', reason });
      const onAbort = (): void => lost('stopped');

      const onEvent = ({ event }: { event?: ServerEvent }): void => {
        watchdog.refresh();
        if (!event) return;
        try {
          const recorded = fromServer(ledger, event);
          if (recorded) pending.push(recorded);
          const [part, of] = recorded ? partOf(event) : [1, 1];
          if (part < of) return;
        } catch (error) {
          lost(messageOf(error));
          return;
        }
        advance(event.position);
        if (pending.length === 0) return;
        recent.push(pending);
        pending = [];
        bell.ring();
      };

      /** Silence is no fault while nothing is written. */
      const check = (): void => {
        hasEventsBehind(reached).then(
          (missed) => {
            if (missed) end({ what: 'subscription-stalled', reason: `nothing came for ${stallAfter} ms` });
            else watchdog.refresh();
          },
          (error: unknown) => lost(messageOf(error)),
        );
      };
      const watchdog = setTimeout(check, stallAfter);
      watchdog.unref();

      signal.addEventListener('abort', onAbort, { once: true });
      subscription.on('data', onEvent);
      subscription.on('confirmation', () => {
        watchdog.refresh();
        on.connected();
        // What was written while nobody listened must not go unheard.
        bell.ring();
      });
      subscription.on('error', (error) => lost(messageOf(error)));
      subscription.on('end', () => lost('the server ended it'));
      subscription.on('close', () => lost('it was closed'));
    });

  const hasEventsBehind = async ({ commit }: ServerPosition): Promise<boolean> =>
    (await reader.readAll(commit.toString(), 1)).length > 0;

  return {
    listen(ring) {
      const unlisten = bell.listen(ring);
      listeners += 1;
      if (!running) {
        running = new AbortController();
        void run(running.signal);
      }
      return () => {
        unlisten();
        listeners -= 1;
        if (listeners === 0) stop();
      };
    },
    after: (position, limit) => recent.after(position, limit),
    stop,
  };

  function stop(): void {
    running?.abort();
    running = undefined;
    recent.forget();
    bell.ring();
  }
}
