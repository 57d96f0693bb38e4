import { setTimeout as sleep } from 'node:timers/promises';
import type { AllStreamSubscription, JSONEventData, Position, StreamingRead } from '@eventstore/db-client';
import { RetryableError, type ExpectedRevision } from '@waybill/kernel';
import type { Client } from './client.js';
import { corrupt, storeError, typeOf, unavailable } from './errors.js';
import type { ServerEvent } from './stored-event.js';

export interface StreamRead {
  readonly direction?: 'forwards' | 'backwards';
  readonly from?: number;
  readonly limit?: number;
  /** The leader's view, which no acknowledged write is missing from. Default: any node the connection prefers. */
  readonly fromLeader?: boolean;
}

/** The calls we make, each one ending: with an answer, an error, or when the store closes. Names are the server's. */
export interface RemoteLog {
  readonly where: string;
  /** Position of the last event written, or that the stream is not at this revision. */
  append(
    stream: string,
    events: readonly JSONEventData[],
    expected: ExpectedRevision,
  ): Promise<Position | 'wrong-revision'>;
  /** Empty when the stream does not exist. */
  readStream(stream: string, options?: StreamRead): Promise<readonly ServerEvent[]>;
  /** Forwards the event at `from` is included, backwards it is not. */
  readAll(options: {
    from: Position | 'start' | 'end';
    limit: number;
    direction: 'forwards' | 'backwards';
    /** As in {@link StreamRead}. */
    fromLeader?: boolean;
  }): Promise<readonly ServerEvent[]>;
  subscribe(from: Position | 'start', filter: Parameters<Client['subscribeToAll']>[0]): AllStreamSubscription;
  isClosed(): boolean;
  close(): Promise<void>;
}

/** A read that gets nothing for so long is given up: the client itself would wait for ever. Milliseconds. */
const READ_PATIENCE = 10_000;

/** Waits before an append is sent again because the node that got it does not lead. Milliseconds. */
const LEADER_WAITS = [20, 100, 300, 1000];

export function createRemoteLog(client: Client, where: string, readPatience = READ_PATIENCE): RemoteLog {
  /** Ends the reads under way: on a cancelled call the client says nothing at all. */
  const endings = new Set<() => void>();
  let closed = false;

  const open = (): void => {
    if (closed) throw new RetryableError('STORE_UNAVAILABLE', `the connection to ${where} is closed`);
  };

  const collect = <Read extends { event?: unknown }>(read: StreamingRead<Read>): Promise<ServerEvent[]> =>
    new Promise((resolve, reject) => {
      const events: ServerEvent[] = [];
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        endings.delete(onClose);
        done();
      };
      const giveUp = (error: unknown): void => {
        settle(() => reject(error));
        read.cancel().catch(() => undefined);
      };
      const onClose = (): void => giveUp(unavailable(where, 'the connection is being closed'));
      const timer = setTimeout(() => giveUp(unavailable(where, `nothing came for ${readPatience} ms`)), readPatience);
      endings.add(onClose);
      read.on('data', ({ event }: Read) => {
        timer.refresh();
        if (event) events.push(event as ServerEvent);
      });
      read.on('end', () => settle(() => resolve(events)));
      read.on('error', (error) => settle(() => reject(error)));
    });

  const ask = async <Answer>(question: () => Promise<Answer>): Promise<Answer> => {
    open();
    for (const wait of [...LEADER_WAITS, undefined]) {
      try {
        return await question();
      } catch (error) {
        // Nothing was done there, and the client connects to the leader it was told of for the next call.
        if (typeOf(error) !== 'not-leader') throw storeError(error, where);
        if (wait === undefined) throw unavailable(where, 'no leader was found', error);
        await sleep(wait);
      }
    }
    throw unavailable(where, 'no leader was found');
  };

  return {
    where,
    append: (stream, events, expected) =>
      ask(async () => {
        try {
          const { position, nextExpectedRevision } = await client.appendToStream(stream, [...events], {
            expectedRevision: expected === 'no-stream' ? 'no_stream' : BigInt(expected),
            requiresLeader: true,
          });
          // After a soft delete "no stream" holds, and the revisions go on from where they were: nothing fits any more.
          const last = (expected === 'no-stream' ? -1 : expected) + events.length;
          if (nextExpectedRevision !== BigInt(last)) {
            throw corrupt(where, `event ${nextExpectedRevision} of ${stream}, which should be event ${last}`);
          }
          if (!position) throw new Error('an append was acknowledged without a position');
          return position;
        } catch (error) {
          if (typeOf(error) === 'wrong-expected-version') return 'wrong-revision' as const;
          throw error;
        }
      }),
    readStream: (stream, { direction = 'forwards', from, limit, fromLeader = false } = {}) =>
      ask(async () => {
        try {
          const fromRevision = from === undefined ? (direction === 'forwards' ? 'start' : 'end') : BigInt(from);
          const maxCount = limit === undefined || !Number.isFinite(limit) ? Number.MAX_SAFE_INTEGER : limit;
          return await collect(
            client.readStream(stream, { direction, fromRevision, maxCount, requiresLeader: fromLeader }),
          );
        } catch (error) {
          if (typeOf(error) === 'stream-not-found') return [];
          throw error;
        }
      }),
    readAll: ({ from, limit, direction, fromLeader = false }) =>
      ask(() =>
        collect(client.readAll({ fromPosition: from, maxCount: limit, direction, requiresLeader: fromLeader })),
      ),
    subscribe(from, options) {
      open();
      return client.subscribeToAll({ ...options, fromPosition: from });
    },
    isClosed: () => closed,
    async close() {
      closed = true;
      for (const end of endings) end();
      await client.close();
    },
  };
}
