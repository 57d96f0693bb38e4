import { describe, expect, it } from '@jest/globals';
import { bucketsOf, calendarOf, quarterOf, type TimeUnit } from './calendar.js';
import { rangeOf } from './range.js';

const NOW = '2026-11-23T12:07:00.000Z';

/** Labels of a range's buckets with their lengths in hours. */
function series(zone: string, unit: TimeUnit, from: string, to: string): [string, number][] {
  const calendar = calendarOf(zone);
  const range = rangeOf(calendar, from, to, NOW);
  const { buckets } = bucketsOf(calendar, unit, range.from, range.to);
  return buckets.map((bucket) => [bucket.label, (bucket.to - bucket.from) / 3_600_000]);
}

describe('time in a zone', () => {
  it('has days of 23 and 25 hours where the clock is changed', () => {
    expect(series('Europe/Berlin', 'day', '2026-03-28', '2026-03-31')).toEqual([
      ['2026-03-28', 24],
      ['2026-03-29', 23],
      ['2026-03-30', 24],
    ]);
    expect(series('Europe/Berlin', 'day', '2026-10-24', '2026-10-27')).toEqual([
      ['2026-10-24', 24],
      ['2026-10-25', 25],
      ['2026-10-26', 24],
    ]);
  });

  it('tells the hour that comes twice as two, and leaves out the one that never comes', () => {
    const autumn = series('Europe/Berlin', 'hour', '2026-10-25', '2026-10-25T05:00').map(([label]) => label);
    expect(autumn).toEqual([
      '2026-10-25T00:00+02:00',
      '2026-10-25T01:00+02:00',
      '2026-10-25T02:00+02:00',
      '2026-10-25T02:00+01:00',
      '2026-10-25T03:00+01:00',
      '2026-10-25T04:00+01:00',
    ]);
    const spring = series('America/New_York', 'hour', '2026-03-08', '2026-03-08T04:00').map(([label]) => label);
    expect(spring).toEqual(['2026-03-08T00:00-05:00', '2026-03-08T01:00-05:00', '2026-03-08T03:00-04:00']);
  });

  it('knows zones that are half or three quarters of an hour away', () => {
    const calendar = calendarOf('Asia/Kathmandu');
    const range = rangeOf(calendar, '2026-05-01', '2026-05-02', NOW);
    expect(range.from).toBe(quarterOf('2026-04-30T18:15:00.000Z'));
    expect(series('Asia/Kolkata', 'hour', '2026-05-01', '2026-05-01T02:00')).toEqual([
      ['2026-05-01T00:00+05:30', 1],
      ['2026-05-01T01:00+05:30', 1],
    ]);
    // Half an hour of summer time.
    expect(series('Australia/Lord_Howe', 'day', '2026-04-05', '2026-04-06')).toEqual([['2026-04-05', 24.5]]);
  });

  it('begins a day that has no midnight when it begins', () => {
    // Clocks in Cairo go from 24:00 to 01:00.
    const calendar = calendarOf('Africa/Cairo');
    const range = rangeOf(calendar, '2026-04-24', '2026-04-25', NOW);
    expect(range.from).toBe(quarterOf('2026-04-23T22:00:00.000Z'));
    expect(series('Africa/Cairo', 'day', '2026-04-24', '2026-04-25')).toEqual([['2026-04-24', 23]]);
    // In Havana midnight comes twice: the day begins with the first.
    expect(series('America/Havana', 'day', '2026-11-01', '2026-11-02')).toEqual([['2026-11-01', 25]]);
  });

  it('has weeks from Monday, in the year of their Thursday, and months', () => {
    expect(series('UTC', 'week', '2026-12-28', '2027-01-11')).toEqual([
      ['2026-W53', 168],
      ['2027-W01', 168],
    ]);
    expect(series('UTC', 'week', '2024-12-29', '2024-12-31').map(([label]) => label)).toEqual(['2024-W52', '2025-W01']);
    expect(series('Europe/Berlin', 'month', '2026-02-01', '2026-05-01')).toEqual([
      ['2026-02', 28 * 24],
      ['2026-03', 31 * 24 - 1],
      ['2026-04', 30 * 24],
    ]);
  });

  it('refuses zones that do not exist', () => {
    for (const zone of ['Europe/Atlantis', '+02:00', '', 'UTC+1', 'a'.repeat(5000)]) {
      expect(() => calendarOf(zone)).toThrow(/there is no time zone/);
    }
  });
});

describe('a range', () => {
  const range = (from?: string, to?: string, zone = 'UTC') => rangeOf(calendarOf(zone), from, to, NOW);

  it('ends now and is 30 days long unless asked otherwise', () => {
    expect(range()).toEqual({
      from: quarterOf('2026-10-24T12:15:00.000Z'),
      to: quarterOf('2026-11-23T12:15:00.000Z'),
    });
    expect(range('2026-11-01')).toMatchObject({ from: quarterOf('2026-11-01T00:00:00.000Z') });
  });

  it('takes instants, with an offset of their own', () => {
    expect(range('2026-11-01T00:30+05:30', '2026-11-02T00:00:00Z', 'America/New_York')).toEqual({
      from: quarterOf('2026-10-31T19:00:00.000Z'),
      to: quarterOf('2026-11-02T00:00:00.000Z'),
    });
  });

  it.each([
    ['2026-02-30', undefined, /from: there is no such day: "2026-02-30"/],
    ['2026-13-01', undefined, /no such day/],
    ['2026-01-01T24:30', undefined, /no such time/],
    ['yesterday', undefined, /is not a date/],
    ['2026-1-1', undefined, /is not a date/],
    ['2026-01-01T00:07Z', undefined, /quarter of an hour/],
    ['2026-01-02', '2026-01-01', /from: is not before to/],
    ['2026-01-01', '2026-01-01', /is not before to/],
    ['2026-01-01', '3026-01-01', /longer than 20 years/],
    ['1026-01-01', '2026-01-01', /before 1972/],
    ['2026-01-01T00:00+25:00', undefined, /no such offset/],
  ])('refuses %s to %s with words', (from, to, words) => {
    expect(() => range(from, to)).toThrow(words);
  });
});
