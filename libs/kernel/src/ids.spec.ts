import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { comparePositions } from './event.js';
import { derivedId, eventId, newId } from './ids.js';

describe('ids', () => {
  it('makes fresh ids of version 7 that sort by time', () => {
    const ids = Array.from({ length: 1000 }, newId);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.toSorted()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('derives the same id from the same parts, for ever: these are frozen', () => {
    expect(derivedId('policy', 'dispatch')).toBe('a8429242-deaf-5449-9738-df8bcf93d7d6');
    expect(eventId('01996f3e-0000-7000-8000-000000000000', 0)).toBe('7ae91a7a-8ff8-54fb-98c8-81a0f5a2c0e5');
  });

  it('derives different ids from different parts, however they are split', () => {
    const parts = fc.array(fc.string(), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(derivedId(...a) === derivedId(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    expect(derivedId('a', 'b')).not.toBe(derivedId('ab'));
    expect(derivedId('a","b')).not.toBe(derivedId('a', 'b'));
  });
});

describe('comparePositions', () => {
  it('orders as the numbers do, beyond what a double holds', () => {
    const position = fc.bigInt({ min: 0n, max: 2n ** 80n });
    fc.assert(
      fc.property(position, position, (a, b) => {
        const sign = Math.sign(comparePositions(String(a), String(b)));
        expect(sign).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });
});
