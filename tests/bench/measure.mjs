import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/**
 * Measures two things in turn, whatever they measure: each call resolves with one value. Which of them begins changes
 * from round to round. Returns the medians, and between which ratios half of the rounds lie.
 * @param {{ ours: (round: number) => unknown, anchor: (round: number) => unknown, rounds: number, warmUp?: number }} what
 * @returns {Promise<{ ours: number, anchor: number, spread: [number, number] }>}
 */
export async function inTurn({ ours, anchor, rounds, warmUp = 2 }) {
  const values = { ours: [], anchor: [] };
  const sides = Object.entries({ ours, anchor });
  for (let round = -warmUp; round < rounds; round++) {
    for (const [side, work] of round % 2 === 0 ? sides : [...sides].reverse()) {
      const value = await work(round);
      if (round >= 0) values[side].push(value);
    }
  }
  const ratios = values.ours.map((value, round) => value / values.anchor[round]).sort((a, b) => a - b);
  const quarter = Math.floor(rounds / 4);
  return {
    ours: median(values.ours),
    anchor: median(values.anchor),
    spread: [ratios[quarter], ratios[rounds - 1 - quarter]],
  };
}

/**
 * How many times a second something was done.
 * @param {number} times
 * @param {() => unknown} work
 */
export async function rate(times, work) {
  const start = performance.now();
  await work();
  return (times * 1000) / (performance.now() - start);
}

/**
 * A folder that is gone afterwards.
 * @param {(folder: string) => Promise<void>} work
 */
export async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-bench-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The line that a benchmark prints. `better` says of the measured values whether less or more of them is better.
 * @param {string} name
 * @param {{ ours: number, anchor: number, goal: number, unit: string, better?: 'lower' | 'higher', spread?: [number, number] }} measured
 */
export function report(name, { ours, anchor, goal, unit, better = 'lower', spread }) {
  const ratio = rounded(ours / anchor, 3);
  const halfOfTheRounds = spread ? ` spread=${spread.map((end) => rounded(end, 3)).join('..')}` : '';
  console.log(
    `bench ${name} ratio=${ratio} better=${better} goal=${goal} ours=${rounded(ours, 4)} anchor=${rounded(anchor, 4)} unit=${unit}${halfOfTheRounds}`,
  );
}

/** To so many digits, without an exponent. */
const rounded = (value, digits) => String(Number(value.toPrecision(digits)));
