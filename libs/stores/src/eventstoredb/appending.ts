import {
  WaybillError,
  derivedId,
  isExpected,
  sealEvents,
  settleRepeat,
  unsealEvent,
  type AppendResult,
  type Clock,
  type ExpectedRevision,
  type PreparedEvent,
  type RecordedEvent,
  type SealedEvent,
  type StreamHead,
} from '@waybill/kernel';
import type { IdOwners } from './id-owners.js';
import { headBehind, type StreamReader } from './reading.js';
import type { RemoteLog } from './remote-log.js';
import { toServer } from './stored-event.js';
import type { StreamNames } from './stream-names.js';

/** Streams whose end is kept in memory. */
const MOST_HEADS = 10_000;

export interface Appending {
  append(stream: string, prepared: readonly PreparedEvent[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
}

/**
 * Appends as the port promises them. `recordedAt` and `previousHash` need the end of the stream: it is remembered, and
 * the server's check of the revision tells when it is not the end any more. Appends of this process to one stream go one
 * after the other, so that each finds the end the one before it left.
 *
 * The server's own idempotency must not answer in our place: it looks at ids alone, so it would call a success what
 * another process wrote with other content a moment ago. It never gets the chance. The server sees an event's own id
 * only from the one attempt that claimed it (see id-owners.ts), as long as that attempt was not left in doubt; every
 * other attempt goes under an id made of the event's hash, which is of that very place and content.
 */
export function createAppending(
  {
    log,
    names,
    ledgerId,
    reader,
    owners,
  }: {
    log: RemoteLog;
    names: StreamNames;
    ledgerId: string;
    reader: StreamReader;
    owners: IdOwners;
  },
  clock: Clock,
): Appending {
  const heads = new Map<string, StreamHead>();
  const lanes = new Map<string, Promise<unknown>>();
  /** Ids claimed by this process whose attempt the server refused: their own id is still unused. */
  const unused = new Set<string>();

  const attempt = async (
    stream: string,
    prepared: readonly PreparedEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> => {
    let head = heads.get(stream);
    // What is remembered may be older than the stream; only the server can refuse. A stream that is expected not to
    // exist needs no reading: the append finds out.
    if (!isExpected(expected, head)) {
      head = await reader.headOf(stream);
      if (!isExpected(expected, head)) return settle(stream, prepared, expected);
    }
    const sealed = sealEvents(ledgerId, head, prepared, clock());
    const claims = await Promise.all(prepared.map(({ id }) => owners.claim(id, stream)));
    const taken = claims.some(({ owner }) => owner !== stream);
    if (taken || !(claims.every(({ fresh }) => fresh) || (await isAbsent(stream, prepared, head)))) {
      return settle(stream, prepared, expected);
    }
    const serverIds = sealed.map(({ id, hash }, index) =>
      claims[index]!.fresh || unused.delete(id) ? id : derivedId('attempt', hash),
    );
    return write(stream, prepared, expected, sealed, serverIds);
  };

  /** Whether a stream still ends at `head` and has none of these ids: then they may be written there. */
  const isAbsent = async (
    stream: string,
    prepared: readonly PreparedEvent[],
    head: StreamHead | undefined,
  ): Promise<boolean> => {
    const events = await reader.readStream(stream, { fromLeader: true });
    const ids = new Set(prepared.map(({ id }) => id));
    return events.at(-1)?.hash === head?.hash && !events.some(({ id }) => ids.has(id));
  };

  const write = async (
    stream: string,
    prepared: readonly PreparedEvent[],
    expected: ExpectedRevision,
    sealed: readonly SealedEvent[],
    serverIds: readonly string[],
  ): Promise<AppendResult> => {
    const proposed = sealed.map((event, index) =>
      toServer(ledgerId, serverIds[index]!, event, [index + 1, sealed.length]),
    );
    heads.delete(stream);
    const written = await log.append(names.inServer(stream), proposed, expected);
    if (written === 'wrong-revision') {
      for (const [index, { id }] of sealed.entries()) if (serverIds[index] === id) remember(unused, id);
      return settle(stream, prepared, expected);
    }
    // The answer has the position of the last event only.
    const events =
      sealed.length === 1
        ? [unsealEvent(sealed[0]!.text, written.commit.toString(), sealed[0]!.hash)]
        : await reader.readStream(stream, {
            from: sealed[0]!.head.revision,
            limit: sealed.length,
            fromLeader: true,
          });
    remember(heads, stream, sealed.at(-1)!.head);
    return { events, position: events.at(-1)!.position, repeated: false };
  };

  /** The revision does not match or ids are taken: looks for the events and says what that makes of the append. */
  const settle = async (
    stream: string,
    prepared: readonly PreparedEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> => {
    const streams = await Promise.all(prepared.map(({ id }) => owners.ownerOf(id)));
    const read = new Map<string, readonly RecordedEvent[]>();
    for (const owner of new Set(streams)) {
      if (owner !== undefined) read.set(owner, await reader.readStream(owner, { fromLeader: true }));
    }
    const found = prepared.map(({ id }, index) => {
      const owner = streams[index];
      if (owner === undefined) return undefined;
      const event = read.get(owner)!.find((stored) => stored.id === id);
      if (!event && owner !== stream) throw promised(id, owner, stream);
      return event;
    });
    const head = read.has(stream) ? headBehind(read.get(stream)!) : await reader.headOf(stream);
    if (head) remember(heads, stream, head);
    const events = settleRepeat(expected, head, prepared, found);
    return { events, position: events.at(-1)!.position, repeated: true };
  };

  return {
    append(stream, prepared, expected) {
      const before = lanes.get(stream);
      const run = (): Promise<AppendResult> => attempt(stream, prepared, expected);
      const result = before ? before.then(run) : run();
      const done = result
        .catch(() => undefined)
        .then(() => {
          if (lanes.get(stream) === done) lanes.delete(stream);
        });
      lanes.set(stream, done);
      return result;
    },
    async settled() {
      await Promise.all(lanes.values());
    },
  };
}

/** Keeps the newest; the oldest goes. */
function remember<Key>(set: Set<Key>, key: Key): void;
function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void;
function remember<Key, Value>(kept: Set<Key> | Map<Key, Value>, key: Key, value?: Value): void {
  kept.delete(key);
  if (kept instanceof Set) kept.add(key);
  else kept.set(key, value!);
  if (kept.size > MOST_HEADS) kept.delete(kept.keys().next().value!);
}

function promised(id: string, owner: string, stream: string): WaybillError {
  return new WaybillError('EVENT_ID_CONFLICT', `event id ${id} was sent to ${owner} first, and now to ${stream}`, {
    hint: 'An event id belongs to one event for ever: derive ids from the command id.',
  });
}
