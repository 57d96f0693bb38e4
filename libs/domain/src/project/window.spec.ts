import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReleaseWindow } from './metadata.js';
import { windowOpensAt } from './window.js';

const berlin = (from: string, to: string, days: ReleaseWindow['days']): ReleaseWindow =>
  ReleaseWindow.parse({ timeZone: 'Europe/Berlin', days, from, to });
const WORKDAYS: ReleaseWindow['days'] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const EVERY_DAY: ReleaseWindow['days'] = [...WORKDAYS, 'sat', 'sun'];

describe('windowOpensAt', () => {
  // 2025-10-09 is a Thursday; Berlin is UTC+2.
  it.each([
    ['before it opens', '2025-10-09T06:59:59.999Z', '2025-10-09T07:00:00.000Z'],
    ['the moment it opens', '2025-10-09T07:00:00.000Z', null],
    ['the moment before it closes', '2025-10-09T13:59:59.999Z', null],
    ['the moment it closes', '2025-10-09T14:00:00.000Z', '2025-10-10T07:00:00.000Z'],
    ['over the weekend', '2025-10-10T15:00:00.000Z', '2025-10-13T07:00:00.000Z'],
  ])('09:00–16:00 on workdays, %s', (_words, now, opens) => {
    expect(windowOpensAt(berlin('09:00', '16:00', WORKDAYS), now)).toBe(opens);
  });

  it.each([
    ['in the evening', '2025-10-09T21:00:00.000Z', null],
    ['after midnight, on a day that is not named', '2025-10-10T02:00:00.000Z', null],
    ['once it has closed', '2025-10-10T04:00:00.000Z', '2025-10-16T20:00:00.000Z'],
    ['before it opens, in the night of the day before', '2025-10-09T02:00:00.000Z', '2025-10-09T20:00:00.000Z'],
  ])('22:00–06:00 from Thursday spans midnight, %s', (_words, now, opens) => {
    expect(windowOpensAt(berlin('22:00', '06:00', ['thu']), now)).toBe(opens);
  });

  it('is the whole day when it ends where it starts', () => {
    const window = berlin('00:00', '00:00', ['sat']);
    expect(windowOpensAt(window, '2025-10-10T22:00:00.000Z')).toBeNull();
    expect(windowOpensAt(window, '2025-10-11T21:59:59.999Z')).toBeNull();
    expect(windowOpensAt(window, '2025-10-11T22:00:00.000Z')).toBe('2025-10-17T22:00:00.000Z');
  });

  describe('on 30 March 2025, when 02:00 becomes 03:00', () => {
    it('opens by the clock of the day: an hour earlier in UTC than the day before', () => {
      const window = berlin('09:00', '16:00', EVERY_DAY);
      expect(windowOpensAt(window, '2025-03-29T00:00:00.000Z')).toBe('2025-03-29T08:00:00.000Z');
      expect(windowOpensAt(window, '2025-03-30T00:00:00.000Z')).toBe('2025-03-30T07:00:00.000Z');
    });

    it('is an hour shorter across the change', () => {
      const window = berlin('22:00', '06:00', ['sat']);
      expect(windowOpensAt(window, '2025-03-29T21:00:00.000Z')).toBeNull();
      expect(windowOpensAt(window, '2025-03-30T03:59:59.999Z')).toBeNull();
      expect(windowOpensAt(window, '2025-03-30T04:00:00.000Z')).toBe('2025-04-05T20:00:00.000Z');
    });

    it('opens as long after midnight as ever when the clocks skip its start', () => {
      const window = berlin('02:30', '05:00', EVERY_DAY);
      expect(windowOpensAt(window, '2025-03-30T00:00:00.000Z')).toBe('2025-03-30T01:30:00.000Z');
    });

    it('stays shut when it would open at its end or later', () => {
      const window = berlin('02:15', '02:45', ['sun']);
      expect(windowOpensAt(berlin('02:30', '03:00', ['sun']), '2025-03-30T00:00:00.000Z')).toBe(
        '2025-04-06T00:30:00.000Z',
      );
      expect(windowOpensAt(window, '2025-03-23T02:00:00.000Z')).toBe('2025-03-30T01:15:00.000Z');
    });
  });

  describe('on 26 October 2025, when 03:00 becomes 02:00', () => {
    it('opens by the clock of the day', () => {
      const window = berlin('09:00', '16:00', EVERY_DAY);
      expect(windowOpensAt(window, '2025-10-25T00:00:00.000Z')).toBe('2025-10-25T07:00:00.000Z');
      expect(windowOpensAt(window, '2025-10-26T00:00:00.000Z')).toBe('2025-10-26T08:00:00.000Z');
    });

    it('takes the first of two', () => {
      const window = berlin('02:30', '04:00', ['sun']);
      expect(windowOpensAt(window, '2025-10-26T00:00:00.000Z')).toBe('2025-10-26T00:30:00.000Z');
      expect(windowOpensAt(window, '2025-10-26T00:30:00.000Z')).toBeNull();
      expect(windowOpensAt(window, '2025-10-26T02:59:59.999Z')).toBeNull();
      expect(windowOpensAt(window, '2025-10-26T03:00:00.000Z')).toBe('2025-11-02T01:30:00.000Z');
    });
  });

  it('knows zones far from UTC and with odd offsets', () => {
    const window = (timeZone: string): ReleaseWindow => ({ ...berlin('09:00', '10:00', ['mon']), timeZone });
    expect(windowOpensAt(window('Pacific/Kiritimati'), '2025-10-12T12:00:00.000Z')).toBe('2025-10-12T19:00:00.000Z');
    expect(windowOpensAt(window('Pacific/Pago_Pago'), '2025-10-13T12:00:00.000Z')).toBe('2025-10-13T20:00:00.000Z');
    expect(windowOpensAt(window('Asia/Kathmandu'), '2025-10-13T00:00:00.000Z')).toBe('2025-10-13T03:15:00.000Z');
  });

  it('opens when it says it will, and not before', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 30))
      .map(([h, m]) => `${String(h).padStart(2, '0')}:${m === 0 ? '00' : '30'}`);
    const days = fc.uniqueArray(fc.constantFrom(...EVERY_DAY), { minLength: 1 });
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC');
    const now = fc.date({ min: new Date('2025-01-01'), max: new Date('2026-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(zone, days, time, time, now, (timeZone, named, from, to, at) => {
        const window: ReleaseWindow = { timeZone, days: named, from, to, tiers: ['prod'] };
        const opens = windowOpensAt(window, at.toISOString());
        if (opens === null) return;
        expect(Date.parse(opens)).toBeGreaterThan(at.getTime());
        expect(windowOpensAt(window, opens)).toBeNull();
        expect(windowOpensAt(window, new Date(Date.parse(opens) - 1).toISOString())).toBe(opens);
      }),
      { numRuns: 1000 },
    );
  });
});
