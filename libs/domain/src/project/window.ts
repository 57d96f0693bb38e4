import type { ReleaseWindow } from './metadata.js';

const DAY = 24 * 60 * 60_000;
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * Far enough to find the next opening of any window: every week has one, but a window that falls into the hour that
 * summer time skips is empty that day, and a zone may skip a whole day when it moves across the date line.
 */
const DAYS_AHEAD = 21;

/**
 * The instant (ISO 8601, UTC) at which the window opens next; null when it is open at `nowIso`. Open from `from`
 * inclusive to `to` exclusive, by the clocks of the zone; `to` at or before `from` is on the following day, and the day
 * that counts is that of `from`. Which tiers the window is for is the caller's to look at.
 */
export function windowOpensAt(window: ReleaseWindow, nowIso: string): string | null {
  const now = Date.parse(nowIso);
  const clock = wallClock(window.timeZone);
  const today = Math.floor(clock(now) / DAY) * DAY;
  const spansMidnight = window.to <= window.from;
  for (let ahead = -1; ahead <= DAYS_AHEAD; ahead++) {
    const day = today + ahead * DAY;
    if (!window.days.includes(WEEKDAYS[new Date(day).getUTCDay()]!)) continue;
    const opens = instantOf(day + millis(window.from), clock);
    const closes = instantOf(day + millis(window.to) + (spansMidnight ? DAY : 0), clock);
    if (closes <= opens || closes <= now) continue;
    return opens <= now ? null : new Date(opens).toISOString();
  }
  throw new Error(`the release window ${JSON.stringify(window)} never opens`);
}

/** Minutes and hours of `09:30` in milliseconds. */
function millis(time: string): number {
  return (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * 60_000;
}

/** What the clocks of the zone show at an instant, both in milliseconds; the wall time as if it were UTC. */
function wallClock(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 0, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
}

/**
 * The instant at which the clocks show `wall`. Twice shown: the first; skipped: as long after midnight as it would have
 * been (RFC 5545 §3.3.5, `compatible` in Temporal).
 */
function instantOf(wall: number, clock: (instant: number) => number): number {
  const before = wall - (clock(wall - DAY) - (wall - DAY));
  const after = wall - (clock(wall + DAY) - (wall + DAY));
  const shown = [before, after].filter((instant) => clock(instant) === wall);
  return shown.length > 0 ? Math.min(...shown) : before;
}
