import { comparePositions, type Position, type RecordedEvent } from '@waybill/kernel';

/** Most text the recent events may stand for. Characters. */
const MOST_TEXT = 4_000_000;
const MOST_EVENTS = 1000;

/** The newest events of the log, without a gap: every live subscription of this process reads them here. */
export interface RecentEvents {
  /** From here on they are complete. Forgets what it had. */
  startBehind(position: Position): void;
  push(events: readonly RecordedEvent[]): void;
  /** Events behind a position, maybe none; undefined when not all of them are here. */
  after(position: Position | undefined, limit: number): readonly RecordedEvent[] | undefined;
  forget(): void;
}

export function createRecentEvents(): RecentEvents {
  let start: Position | undefined;
  let events: RecordedEvent[] = [];
  let sizes: number[] = [];
  let text = 0;

  const shrink = (): void => {
    // Half at a time, so that the moves cost nothing per event.
    const drop = Math.ceil(events.length / 2);
    start = events[drop - 1]!.position;
    for (const size of sizes.slice(0, drop)) text -= size;
    events = events.slice(drop);
    sizes = sizes.slice(drop);
  };

  const clear = (): void => {
    events = [];
    sizes = [];
    text = 0;
  };

  return {
    startBehind(position) {
      clear();
      start = position;
    },
    push(more) {
      for (const event of more) {
        const size = JSON.stringify(event.data).length;
        events.push(event);
        sizes.push(size);
        text += size;
      }
      while (events.length > 1 && (text > MOST_TEXT || events.length > MOST_EVENTS)) shrink();
    },
    after(position, limit) {
      if (start === undefined || position === undefined || comparePositions(position, start) < 0) return undefined;
      let low = 0;
      let high = events.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (comparePositions(events[middle]!.position, position) <= 0) low = middle + 1;
        else high = middle;
      }
      return events.slice(low, low + limit);
    },
    forget() {
      clear();
      start = undefined;
    },
  };
}
