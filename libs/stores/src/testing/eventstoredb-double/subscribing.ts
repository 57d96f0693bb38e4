import { status } from '@grpc/grpc-js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import type { Faults } from './faults.js';
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  failure,
  unavailable,
} from './messages.js';
import { send, type ReadCall } from './reading.js';
import type { ServerLog, Stored } from './server-log.js';

/** Events looked at between two checkpoints, when the client does not say: the server's page. */
const PAGE = 32;

/** Answers a subscription to `$all`: everything behind a position that the filter lets through, then what comes. */
export async function answerSubscription(call: ReadCall, log: ServerLog, faults: Faults): Promise<void> {
  const options = call.request.getOptions()!;
  const all = options.getAll();
  if (!all) throw failure(status.UNIMPLEMENTED, 'the double knows subscriptions to $all only');
  const passes = filterOf(options);
  const filter = options.getFilter();
  const every = (filter?.hasMax() === true ? filter.getMax() : PAGE) * (filter?.getCheckpointintervalmultiplier() ?? 1);
  const drop = faults.dropsSubscription();

  let left = drop?.afterEvents ?? Infinity;
  let next = firstBehind(log.all(), all);
  let looked = 0;
  let live = false;
  await send(call, confirmationMessage(crypto.randomUUID()));

  for (;;) {
    const events = log.all();
    while (next < events.length && !call.cancelled && !faults.stalled) {
      const event = events[next++]!;
      looked += 1;
      if (passes(event)) {
        if (left-- <= 0) {
          if (drop?.how === 'ended') call.end();
          else throw unavailable('the connection broke');
          return;
        }
        await send(call, eventMessage(event));
      }
      if (looked % every === 0) await send(call, checkpointMessage(event.position));
    }
    if (call.cancelled) return;
    if (!live && !faults.stalled) {
      live = true;
      if (next > 0) await send(call, checkpointMessage(events[next - 1]!.position));
      await send(call, caughtUpMessage());
    }
    if (next >= log.all().length || faults.stalled) await somethingNew(call, log);
    // A stalled subscription never wakes again: only a new one does.
    if (faults.stalled) await new Promise<void>((resolve) => call.on('cancelled', resolve));
  }
}

function firstBehind(events: readonly Stored[], all: ReadReq.Options.AllOptions): number {
  if (all.hasStart()) return 0;
  if (all.hasEnd()) return events.length;
  const position = BigInt(all.getPosition()!.getCommitPosition());
  const at = events.findIndex((event) => event.position > position);
  return at === -1 ? events.length : at;
}

function filterOf(options: ReadReq.Options): (event: Stored) => boolean {
  const filter = options.getFilter();
  if (!filter) return () => true;
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  const subject = filter.hasStreamIdentifier() ? (event: Stored) => event.stream : (event: Stored) => event.type;
  const regex = expression?.getRegex() ?? '';
  if (regex !== '') {
    const pattern = new RegExp(regex, 'u');
    return (event) => pattern.test(subject(event));
  }
  const prefixes = expression?.getPrefixList() ?? [];
  return (event) => prefixes.some((prefix) => subject(event).startsWith(prefix));
}

function somethingNew(call: ReadCall, log: ServerLog): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      call.off('cancelled', done).off('close', done);
      resolve();
    };
    const stop = log.listen(done);
    call.on('cancelled', done).on('close', done);
  });
}
