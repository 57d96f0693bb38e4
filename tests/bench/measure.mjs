import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

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
 * Times two things in turn: each call does its part and resolves with the milliseconds it took. A round has many short
 * slices of both, so that a machine which is slow for a second is slow for both; who begins changes from slice to slice.
 * @param {{ ours: () => unknown, anchor: () => unknown, rounds: number, slices?: number, warmUp?: number }} what
 * @returns {Promise<{ ours: number[], anchor: number[] }>} the milliseconds of each round
 */
export async function inTurn({ ours, anchor, rounds, slices = 1, warmUp = 2 }) {
  const times = { ours: [], anchor: [] };
  const sides = Object.entries({ ours, anchor });
  for (let round = -warmUp; round < rounds; round++) {
    const spent = { ours: 0, anchor: 0 };
    for (let slice = 0; slice < slices; slice++) {
      for (const [side, work] of (round + slice) % 2 === 0 ? sides : sides.toReversed()) {
        // Neither side is to clear away what the other left.
        collectGarbage();
        spent[side] += await work();
      }
    }
    if (round < 0) continue;
    times.ours.push(spent.ours);
    times.anchor.push(spent.anchor);
  }
  return times;
}

/** @param {() => unknown} work @returns {Promise<number>} milliseconds */
export async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * The round in the middle when they are ordered by ratio, and the ratios between which half of the rounds lie. Not the
 * median of each side alone: on a machine that is slow for a while, the two could come from different times.
 * @param {{ ours: number[], anchor: number[] }} rounds an odd number of them
 * @returns {{ ours: number, anchor: number, spread: [number, number] }}
 */
export function medians({ ours, anchor }) {
  const rounds = ours.map((value, round) => ({ ours: value, anchor: anchor[round], ratio: value / anchor[round] }));
  rounds.sort((a, b) => a.ratio - b.ratio);
  const quarter = Math.floor(rounds.length / 4);
  const middle = rounds[Math.floor(rounds.length / 2)];
  return {
    ours: middle.ours,
    anchor: middle.anchor,
    spread: [rounds[quarter].ratio, rounds[rounds.length - 1 - quarter].ratio],
  };
}

/**
 * {@link medians} of how many a second.
 * @param {{ ours: number[], anchor: number[] }} rounds in milliseconds
 * @param {{ ours: number, anchor: number }} amounts done in each round
 */
export function rates(rounds, amounts) {
  const perSecond = (side) => rounds[side].map((milliseconds) => (amounts[side] * 1000) / milliseconds);
  return medians({ ours: perSecond('ours'), anchor: perSecond('anchor') });
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
