import type { ServerWritableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { eventMessage, failure, nameOf, notFoundMessage } from './messages.js';
import type { ServerLog, Stored } from './server-log.js';

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;

/** Answers a read that ends: of a stream or of `$all`, in either direction. */
export async function answerRead(call: ReadCall, log: ServerLog): Promise<void> {
  const options = call.request.getOptions()!;
  if (options.hasFilter()) throw failure(status.UNIMPLEMENTED, 'the double filters subscriptions only');
  const count = Number(options.getCount());
  const backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const stream = options.getStream();
  if (stream) {
    const name = nameOf(stream.getStreamIdentifier());
    const events = log.stream(name);
    if (!events) {
      await send(call, notFoundMessage(name));
    } else {
      const last = events.length - 1;
      const asked = stream.hasEnd() ? last : stream.hasStart() ? 0 : Number(stream.getRevision());
      await sendEvents(call, slice(events, backwards ? Math.min(asked, last) : asked, count, backwards));
    }
  } else {
    const events = log.all();
    await sendEvents(call, slice(events, placeIn(events, options.getAll()!, backwards), count, backwards));
  }
  call.end();
}

/**
 * Index of the first event to send. Forwards a position includes the event that begins there; backwards it does not:
 * positions are then taken for the end of a record.
 */
function placeIn(events: readonly Stored[], all: ReadReq.Options.AllOptions, backwards: boolean): number {
  if (all.hasStart()) return backwards ? -1 : 0;
  if (all.hasEnd()) return backwards ? events.length - 1 : events.length;
  const position = BigInt(all.getPosition()!.getCommitPosition());
  if (backwards) return events.findLastIndex((event) => event.position < position);
  const at = events.findIndex((event) => event.position >= position);
  if (at === -1) return events.length;
  // Reading from the middle of a record is what a real server stumbles over.
  if (events[at]!.position !== position && position !== 0n) {
    throw failure(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
  }
  return at;
}

function slice(events: readonly Stored[], from: number, count: number, backwards: boolean): readonly Stored[] {
  if (!backwards) return events.slice(from, from + count);
  return events.slice(Math.max(0, from + 1 - count), from + 1).reverse();
}

async function sendEvents(call: ReadCall, events: readonly Stored[]): Promise<void> {
  for (const event of events) {
    if (call.cancelled) return;
    await send(call, eventMessage(event));
  }
}

/** Waits for a slow reader, and no longer than it is there. */
export async function send(call: ReadCall, message: ReadResp): Promise<void> {
  if (call.write(message)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      call.off('drain', done).off('cancelled', done).off('close', done);
      resolve();
    };
    call.on('drain', done).on('cancelled', done).on('close', done);
  });
}
