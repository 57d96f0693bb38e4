import { WaybillError } from '../errors.js';
import type { EventToAppend, Position, RecordedEvent } from '../event.js';
import type { AppendResult, EventStore, ExpectedRevision, ReadStreamOptions } from '../event-store.js';
import {
  isExpected,
  numberOfPosition,
  prepareEvents,
  recordedEvent,
  sealEvents,
  settleRepeat,
  systemClock,
  type Clock,
  type StreamHead,
} from '../recording.js';
import { createBell, follow } from '../subscription.js';

/** An EventStore that forgets: for specs. Passes `eventStoreContract`. */
export function createMemoryEventStore({
  ledgerId = '00000000-0000-4000-8000-000000000000',
  clock = systemClock,
}: { ledgerId?: string; clock?: Clock } = {}): EventStore {
  const log: RecordedEvent[] = [];
  const streams = new Map<string, { events: RecordedEvent[]; head: StreamHead }>();
  const byId = new Map<string, RecordedEvent>();
  const bell = createBell();
  let closed = false;

  const open = (): void => {
    if (closed) throw new WaybillError('STORE_UNAVAILABLE', 'the event store is closed');
  };

  const append = (stream: string, events: readonly EventToAppend[], expected: ExpectedRevision): AppendResult => {
    const prepared = prepareEvents(stream, events);
    const head = streams.get(stream)?.head;
    const found = prepared.map((event) => byId.get(event.id));
    if (!isExpected(expected, head) || found.some((event) => event !== undefined)) {
      const stored = settleRepeat(expected, head, prepared, found);
      return { events: stored, position: stored.at(-1)!.position, repeated: true };
    }
    const sealed = sealEvents(ledgerId, head, prepared, clock());
    const written = sealed.map((one, index) => {
      const event = recordedEvent(prepared[index]!, one, String(log.length + 1));
      log.push(event);
      byId.set(event.id, event);
      return event;
    });
    const earlier = streams.get(stream)?.events ?? [];
    earlier.push(...written);
    streams.set(stream, { events: earlier, head: sealed.at(-1)!.head });
    bell.ring();
    return { events: written, position: written.at(-1)!.position, repeated: false };
  };

  const readAll = async (after: Position | undefined, limit: number): Promise<readonly RecordedEvent[]> => {
    open();
    const start = numberOfPosition(after);
    if (start > log.length) {
      throw new WaybillError('INVALID_INPUT', `position ${start} lies beyond the end of this ledger`);
    }
    return log.slice(start, start + limit);
  };

  return {
    ledgerId,
    async append(stream, events, expected) {
      open();
      return append(stream, events, expected);
    },
    async readStream(stream, { direction = 'forwards', from, limit = Infinity }: ReadStreamOptions = {}) {
      open();
      const events = streams.get(stream)?.events ?? [];
      const slice =
        direction === 'forwards'
          ? events.slice(Math.max(0, from ?? 0))
          : events.slice(0, (from ?? events.length) + 1).reverse();
      return slice.slice(0, limit);
    },
    readAll,
    async lastPosition() {
      open();
      return log.at(-1)?.position;
    },
    subscribe: (options) => follow({ readAll, listen: bell.listen, closed: () => closed }, options),
    async close() {
      closed = true;
      bell.ring();
    },
  };
}
