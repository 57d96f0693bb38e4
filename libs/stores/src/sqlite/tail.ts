import type { RecordedEvent } from '@waybill/kernel';

/** Most text the tail may stand for. Characters. */
const MOST_TEXT = 4_000_000;
const MOST_EVENTS = 1000;

/** The newest events in memory: live subscriptions read them here, each event parsed once for all of them. */
export interface Tail {
  push(event: RecordedEvent, position: number, size: number): void;
  /** Events behind a position; undefined when they are not all here, or none is: ask the database. */
  after(position: number, limit: number): readonly RecordedEvent[] | undefined;
  /** Whether this is the position of the event that this process wrote last. */
  endsAt(position: number): boolean;
}

export function createTail(): Tail {
  let events: RecordedEvent[] = [];
  let sizes: number[] = [];
  let first = 0;
  let text = 0;

  const shrink = (): void => {
    // Half at a time, so that the moves cost nothing per event.
    const drop = Math.ceil(events.length / 2);
    for (const size of sizes.slice(0, drop)) text -= size;
    events = events.slice(drop);
    sizes = sizes.slice(drop);
    first += drop;
  };

  return {
    push(event, position, size) {
      // A hole means that another process wrote in between: what came before is no longer the end of the log.
      if (position !== first + events.length) {
        events = [];
        sizes = [];
        text = 0;
        first = position;
      }
      events.push(event);
      sizes.push(size);
      text += size;
      if (text > MOST_TEXT || events.length > MOST_EVENTS) shrink();
    },
    after(position, limit) {
      const start = position + 1 - first;
      return start < 0 || start >= events.length ? undefined : events.slice(start, start + limit);
    },
    endsAt: (position) => events.length > 0 && position === first + events.length - 1,
  };
}
