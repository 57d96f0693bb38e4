import { it } from '@jest/globals';
import { appendFileSync } from 'node:fs';

/** The long form runs before a release; the short one in CI. */
export const isLong = process.env['WAYBILL_FAULTS'] === 'long';

/** Started by `npm test`, which has many other things to do. */
export const isAside = process.env['WAYBILL_FAULT_COUNTS'] === undefined;

/** How often something is done; `aside`: in `npm test`. */
export const times = (short: number, long: number, aside = short): number => (isLong ? long : isAside ? aside : short);

/** Says what was done and what came of it: run.mjs prints it at the end. */
export function tell(name: string, counts: Readonly<Record<string, number>>): void {
  const words = Object.entries(counts).map(([what, count]) => `${what}=${count}`);
  const file = process.env['WAYBILL_FAULT_COUNTS'];
  if (file) appendFileSync(file, `faults ${name} ${words.join(' ')}\n`);
}

/** A test in place of those that cannot be run here: one line, or a failure where REQUIRE_EVERY_SUITE is set. */
export function cannotRun(what: string, why: string): void {
  it(what, () => {
    if (process.env['REQUIRE_EVERY_SUITE']) throw new Error(`${what}: ${why}`);
    console.info(`${what}: not run, for ${why}`);
  });
}
