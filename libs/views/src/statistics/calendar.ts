import { WaybillError } from '@waybill/kernel';

/** Facts are kept by the quarter of an hour: every offset in use since 1972 is a multiple of it. */
export const QUARTER_MS = 15 * 60_000;

const DAY_MS = 24 * 60 * 60_000;
const QUARTERS_A_DAY = 96;

export type TimeUnit = 'hour' | 'day' | 'week' | 'month';

export const quarterOf = (instant: string): number => Math.floor(Date.parse(instant) / QUARTER_MS);

/** Local time of an IANA zone. */
export interface Calendar {
  readonly timeZone: string;
  /** Milliseconds by which local clocks are ahead of UTC at an instant (epoch milliseconds). */
  offsetAt(instant: number): number;
  /** The first instant at which local clocks show this local time or a later one of the same moment's day. */
  instantOf(localMs: number): number;
}

const calendars = new Map<string, Calendar>();

/** Throws `INVALID_INPUT` for a zone that does not exist. */
export function calendarOf(timeZone: string): Calendar {
  const known = calendars.get(timeZone);
  if (known) return known;
  const offsetAt = offsetsOf(formatterOf(timeZone));
  const calendar: Calendar = {
    timeZone,
    offsetAt,
    instantOf(localMs) {
      // Either side of a change of the clock; where the local time is skipped, the instant of the change is the answer.
      const offsets = [offsetAt(localMs - DAY_MS), offsetAt(localMs + DAY_MS)];
      const candidates = offsets.map((offset) => localMs - offset).sort((a, b) => a - b);
      return candidates.find((instant) => instant + offsetAt(instant) >= localMs) ?? candidates[1]!;
    },
  };
  // Names come from outside: there are some 600 zones, in any spelling of upper and lower case.
  if (calendars.size > 1000) calendars.clear();
  calendars.set(timeZone, calendar);
  return calendar;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  try {
    // Offsets such as +02:00 are zones for Intl, but they know no summer.
    if (/^[A-Za-z]/.test(timeZone)) {
      return new Intl.DateTimeFormat('en-US', {
        timeZone,
        calendar: 'gregory',
        numberingSystem: 'latn',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const message = `there is no time zone ${JSON.stringify(timeZone.slice(0, 100))}`;
  throw new WaybillError('INVALID_INPUT', `timeZone: ${message}`, {
    hint: 'Give an IANA name such as Europe/Berlin, Asia/Kolkata or UTC.',
    fields: [{ field: 'timeZone', message }],
  });
}

function offsetsOf(formatter: Intl.DateTimeFormat): (instant: number) => number {
  const known = new Map<number, number>();
  return (instant) => {
    const seconds = Math.floor(instant / 1000) * 1000;
    let offset = known.get(seconds);
    if (offset === undefined) {
      const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
      for (const { type, value } of formatter.formatToParts(seconds)) part[type] = Number(value);
      const { year, month, day, hour, minute, second } = part;
      offset = Date.UTC(year!, month! - 1, day, hour, minute, second) - seconds;
      if (known.size > 20_000) known.clear();
      known.set(seconds, offset);
    }
    return offset;
  };
}

/** A stretch of time in a zone: an hour, day, week or month, or what of it lies in the range. */
export interface TimeBucket {
  /** `2026-10-25T02:00+01:00`, `2026-10-25`, `2026-W43` or `2026-10`. */
  readonly label: string;
  /** Epoch milliseconds; `to` is no longer of it. */
  readonly from: number;
  readonly to: number;
}

export interface TimeBuckets {
  readonly buckets: readonly TimeBucket[];
  /** Bucket of each quarter of the range. */
  readonly ofQuarter: Int32Array;
}

/** The buckets of a range of quarters, `to` excluded, in the order of time. */
export function bucketsOf(calendar: Calendar, unit: TimeUnit, from: number, to: number): TimeBuckets {
  const ofQuarter = new Int32Array(to - from);
  const starts: number[] = [];
  const labels: string[] = [];
  let last: string | number | undefined;
  const keyOf = keyBy(unit);
  const offsets = offsetsOfQuarters(calendar, from, to);
  for (let i = 0; i < ofQuarter.length; i++) {
    const offset = offsets[i]!;
    const local = (from + i) * QUARTER_MS + offset * 60_000;
    const key = keyOf(local, offset);
    if (key !== last) {
      last = key;
      starts.push(from + i);
      labels.push(labelOf(unit, local, offset));
    }
    ofQuarter[i] = starts.length - 1;
  }
  const buckets = labels.map((label, i) => ({
    label,
    from: starts[i]! * QUARTER_MS,
    to: (starts[i + 1] ?? to) * QUARTER_MS,
  }));
  return { buckets, ofQuarter };
}

/** Minutes by which local clocks are ahead, by quarter. Asks the zone twice a day, but quarter by quarter at a change. */
function offsetsOfQuarters(calendar: Calendar, from: number, to: number): Int16Array {
  const offsets = new Int16Array(to - from);
  const minutesAt = (quarter: number): number => Math.round(calendar.offsetAt(quarter * QUARTER_MS) / 60_000);
  for (let start = from; start < to; start += QUARTERS_A_DAY) {
    const end = Math.min(start + QUARTERS_A_DAY, to);
    const first = minutesAt(start);
    if (first === minutesAt(end)) offsets.fill(first, start - from, end - from);
    else for (let quarter = start; quarter < end; quarter++) offsets[quarter - from] = minutesAt(quarter);
  }
  return offsets;
}

const dayOf = (local: number): number => Math.floor(local / DAY_MS);
/** Weeks begin on Monday (ISO 8601); the epoch was a Thursday. */
const weekOf = (local: number): number => Math.floor((dayOf(local) + 3) / 7);

/** What tells two buckets apart that follow each other. */
function keyBy(unit: TimeUnit): (local: number, offset: number) => number {
  switch (unit) {
    case 'hour':
      // The hour that comes twice when clocks go back is two hours.
      return (local, offset) => Math.floor(local / 3_600_000) * 4096 + offset;
    case 'day':
      return dayOf;
    case 'week':
      return weekOf;
    case 'month': {
      let day = Number.NaN;
      let month = 0;
      return (local) => {
        if (dayOf(local) !== day) {
          day = dayOf(local);
          const date = new Date(local);
          month = date.getUTCFullYear() * 12 + date.getUTCMonth();
        }
        return month;
      };
    }
  }
}

function labelOf(unit: TimeUnit, local: number, offset: number): string {
  const text = new Date(local).toISOString();
  switch (unit) {
    case 'hour': {
      const minutes = Math.abs(offset);
      const two = (value: number): string => String(value).padStart(2, '0');
      return `${text.slice(0, 13)}:00${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    }
    case 'day':
      return text.slice(0, 10);
    case 'week': {
      const thursday = new Date(weekOf(local) * 7 * DAY_MS);
      const year = thursday.getUTCFullYear();
      const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY_MS)) + 1;
      return `${year}-W${String(week).padStart(2, '0')}`;
    }
    case 'month':
      return text.slice(0, 7);
  }
}
