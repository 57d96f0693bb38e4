/**
 * Log-linear buckets, as HdrHistogram has them: up to 63 ms each millisecond has a bucket of its own, above that every
 * doubling is cut into 32 buckets of equal width. A value is told by the middle of its bucket, which is off by at most
 * half a bucket: 1/64 of the value, 1.6 %. Histograms of the same buckets are merged by adding counts, in any order.
 */
const EXACT = 64;
const PER_DOUBLING = 32;
/** Doublings above {@link EXACT}: up to 2^40 ms, 34 years. Longer times count as that long. */
const DOUBLINGS = 34;

export const BUCKETS = EXACT + PER_DOUBLING * DOUBLINGS;

/** Largest distance of a told value from the true one, as a share of the true one. */
export const RELATIVE_ERROR = 1 / 64;

/** Bucket of a duration in milliseconds, rounded to whole ones; what is below 0 counts as 0. */
export function bucketOf(ms: number): number {
  const value = Math.max(0, Math.round(ms));
  if (value < EXACT) return value;
  const doubling = Math.floor(Math.log2(value)) - 6;
  if (doubling >= DOUBLINGS) return BUCKETS - 1;
  const width = 2 ** (doubling + 1);
  return EXACT + doubling * PER_DOUBLING + Math.floor(value / width) - PER_DOUBLING;
}

/** The duration that stands for a bucket. Milliseconds. */
export function midpointOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const above = bucket - EXACT;
  const width = 2 ** (Math.floor(above / PER_DOUBLING) + 1);
  return (PER_DOUBLING + (above % PER_DOUBLING)) * width + width / 2;
}

/** Milliseconds, by nearest rank: the smallest duration that at least this share of all durations does not exceed. */
export interface Percentiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

const MIDPOINTS = Float64Array.from({ length: BUCKETS }, (_, bucket) => midpointOf(bucket));

/** Room for one histogram, used again for each group. */
const counts = new Uint32Array(BUCKETS);

/** Percentiles of durations given by their buckets, in any order; null when there is none. */
export function percentilesOf(buckets: Uint16Array): Percentiles | null {
  const count = buckets.length;
  if (count === 0) return null;
  let lowest = BUCKETS;
  let highest = 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const bucket = buckets[i]!;
    counts[bucket]! += 1;
    sum += MIDPOINTS[bucket]!;
    if (bucket < lowest) lowest = bucket;
    if (bucket > highest) highest = bucket;
  }
  const at = (rank: number, from: number, seen: number): { bucket: number; seen: number } => {
    let bucket = from;
    let sofar = seen + counts[bucket]!;
    while (sofar < rank) {
      bucket += 1;
      sofar += counts[bucket]!;
    }
    return { bucket, seen: sofar - counts[bucket]! };
  };
  const p50 = at(Math.ceil(count * 0.5), lowest, 0);
  const p90 = at(Math.ceil(count * 0.9), p50.bucket, p50.seen);
  const p99 = at(Math.ceil(count * 0.99), p90.bucket, p90.seen);
  counts.fill(0, lowest, highest + 1);
  return {
    count,
    mean: sum / count,
    p50: MIDPOINTS[p50.bucket]!,
    p90: MIDPOINTS[p90.bucket]!,
    p99: MIDPOINTS[p99.bucket]!,
  };
}
