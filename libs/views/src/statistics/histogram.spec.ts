import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUCKETS, RELATIVE_ERROR, bucketOf, midpointOf, percentilesOf } from './histogram.js';

const durations = fc.oneof(
  fc.integer({ min: 0, max: 200 }),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.integer({ min: 0, max: 2 ** 40 - 1 }),
);

describe('buckets of durations', () => {
  it('are off by 1/64 at most, and by nothing below 64 ms', () => {
    fc.assert(
      fc.property(durations, (ms) => {
        const told = midpointOf(bucketOf(ms));
        expect(Math.abs(told - ms)).toBeLessThanOrEqual(ms < 64 ? 0 : ms * RELATIVE_ERROR);
      }),
    );
  });

  it('are in the order of the durations and leave no number out', () => {
    fc.assert(
      fc.property(durations, (ms) => {
        const step = bucketOf(ms + 1) - bucketOf(ms);
        expect(step === 0 || step === 1).toBe(true);
      }),
    );
    expect(bucketOf(2 ** 40 - 1)).toBe(BUCKETS - 1);
  });

  it('take what is out of bounds as the nearest there is', () => {
    expect(bucketOf(-5)).toBe(0);
    expect(bucketOf(2 ** 50)).toBe(BUCKETS - 1);
  });
});

describe('percentiles', () => {
  it('are by nearest rank', () => {
    const buckets = Uint16Array.from([10, 50, 20, 40, 30]);
    expect(percentilesOf(buckets)).toEqual({ count: 5, mean: 30, p50: 30, p90: 50, p99: 50 });
    expect(percentilesOf(Uint16Array.from([7]))).toEqual({ count: 1, mean: 7, p50: 7, p90: 7, p99: 7 });
    expect(percentilesOf(new Uint16Array(0))).toBeNull();
  });

  it('are within the stated error of the exact ones, and the same in any order', () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 300 }), (all) => {
        const sorted = [...all].sort((a, b) => a - b);
        const told = percentilesOf(Uint16Array.from(all, bucketOf))!;
        for (const [share, value] of [
          [0.5, told.p50],
          [0.9, told.p90],
          [0.99, told.p99],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(exact * RELATIVE_ERROR);
        }
        expect(percentilesOf(Uint16Array.from(sorted, bucketOf))).toEqual(told);
      }),
    );
  });
});
