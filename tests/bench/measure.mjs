/**
 * Runs two things in turn, so that both meet the same machine, and takes the median of each, in milliseconds. Some
 * rounds before those that count let the engine warm up.
 * @param {{ ours: () => unknown, anchor: () => unknown, rounds: number }} what
 * @returns {{ ours: number, anchor: number }}
 */
export function interleaved({ ours, anchor, rounds }) {
  const times = { ours: [], anchor: [] };
  for (let round = -3; round < rounds; round++) {
    for (const [side, work] of Object.entries({ ours, anchor })) {
      const start = performance.now();
      work();
      const spent = performance.now() - start;
      if (round >= 0) times[side].push(spent);
    }
  }
  return { ours: median(times.ours), anchor: median(times.anchor) };
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The line that a benchmark prints, for a measure of which less is better.
 * @param {string} name
 * @param {{ ours: number, anchor: number, goal: number, unit: string }} measured
 */
export function report(name, { ours, anchor, goal, unit }) {
  const ratio = (ours / anchor).toPrecision(3);
  console.log(
    `bench ${name} ratio=${ratio} better=lower goal=${goal} ours=${ours.toPrecision(4)} anchor=${anchor.toPrecision(4)} unit=${unit}`,
  );
}
