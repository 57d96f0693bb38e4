import { WaybillError } from '@waybill/kernel';
import { QUARTER_MS, type Calendar } from './calendar.js';

/** Longest range: beyond, somebody mistyped a year. */
export const MAX_YEARS = 20;

const YEAR_MS = 366 * 24 * 60 * 60_000;
const PRESET_DAYS = 30;

/** Quarters of an hour since the epoch, `to` excluded. */
export interface QuarterRange {
  readonly from: number;
  readonly to: number;
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/;
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::00(?:\.0+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * A range of time from what a caller gave: dates (`2026-03-01`: the beginning of that day in the zone), local times
 * (`2026-03-01T09:30`) or instants (`2026-03-01T09:30Z`). `to` is excluded. Without `to` until now, without `from` the
 * 30 days before `to`. Throws `INVALID_INPUT` naming the field.
 */
export function rangeOf(
  calendar: Calendar,
  from: string | null | undefined,
  to: string | null | undefined,
  now: string,
): QuarterRange {
  const end = to == null ? Math.ceil(Date.parse(now) / QUARTER_MS) : quarterFrom(calendar, 'to', to);
  const start = from == null ? end - PRESET_DAYS * 96 : quarterFrom(calendar, 'from', from);
  if (start >= end) throw wrong('from', `is not before to (${to ?? 'now'})`);
  if ((end - start) * QUARTER_MS > MAX_YEARS * YEAR_MS) {
    throw wrong('from', `the range is longer than ${MAX_YEARS} years`);
  }
  return { from: start, to: end };
}

function quarterFrom(calendar: Calendar, field: string, text: string): number {
  const instant = instantFrom(calendar, field, text.trim());
  const quarter = instant / QUARTER_MS;
  if (!Number.isInteger(quarter)) {
    throw wrong(field, `${quoted(text)} is not on a quarter of an hour: statistics are kept by those`);
  }
  return quarter;
}

function instantFrom(calendar: Calendar, field: string, text: string): number {
  const parts = DATE.exec(text) ?? LOCAL.exec(text) ?? INSTANT.exec(text);
  if (!parts) {
    throw wrong(field, `${quoted(text)} is not a date such as 2026-03-01 or an instant such as 2026-03-01T09:30Z`);
  }
  const [year, month, day, hour = 0, minute = 0] = parts.slice(1, 6).map((part) => Number(part ?? 0));
  const made = new Date(Date.UTC(year!, month! - 1, day));
  if (made.getUTCFullYear() !== year || made.getUTCMonth() !== month! - 1 || made.getUTCDate() !== day) {
    throw wrong(field, `there is no such day: ${quoted(text)}`);
  }
  if (hour > 23 || minute > 59) throw wrong(field, `there is no such time: ${quoted(text)}`);
  if (year < 1972) throw wrong(field, `${quoted(text)} lies before 1972`);
  const local = made.getTime() + (hour * 60 + minute) * 60_000;
  const zone = parts[6];
  if (zone === undefined) return calendar.instantOf(local);
  if (zone === 'Z') return local;
  const [hours, minutes] = zone.slice(1).split(':').map(Number);
  if (hours! > 14 || minutes! > 59) throw wrong(field, `there is no such offset: ${quoted(text)}`);
  return local - (zone.startsWith('-') ? -1 : 1) * (hours! * 60 + minutes!) * 60_000;
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 60));

const wrong = (field: string, message: string): WaybillError =>
  new WaybillError('INVALID_INPUT', `${field}: ${message}`, {
    hint: 'Give dates such as 2026-03-01 (in the time zone of the question) or instants; to is not part of the range.',
    fields: [{ field, message }],
  });
