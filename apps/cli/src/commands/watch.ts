import type { Command } from 'commander';
import { type Release, type ReleaseState } from '../documents/releases.js';
import { EXIT, LedgerError } from '../exit.js';
import { durationOption } from '../input.js';
import { type Ledger, ledgerOf } from '../ledger/client.js';
import { findRelease } from '../ledger/find-release.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { describeRelease } from '../output/release.js';
import { duration, harmless, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const UNFINISHED: readonly ReleaseState[] = ['HELD', 'PREPARING', 'DEPLOYING'];
const FAILED: readonly ReleaseState[] = ['FAILED', 'REFUSED', 'CANCELLED'];

export function register(program: Command, world: World): void {
  const watch = program
    .command('watch')
    .description('Follow a release until it is done. Progress goes to stderr, the end of it to stdout.')
    .argument('<release>', 'id, or its first eight characters or more')
    .option('--exit-status', 'exit 1 when it failed, was refused or cancelled')
    .option('--timeout <duration>', 'stop watching after this long with exit code 8', durationOption('--timeout'));
  withExamples(watch, 'waybill watch 1f0c2a9b', 'waybill watch 1f0c2a9b --exit-status --timeout 10m');
  withOutput(watch).action(async (id: string, options: OutputOptions & { exitStatus?: boolean; timeout?: number }) => {
    const ledger = ledgerOf(world);
    const release = await findRelease(ledger, id);
    const last = await follow(world, ledger, release, options.timeout);
    await printOne(world, options, last, () => describeRelease(world, last));
    const code = outcomeCode(last.state);
    if (options.exitStatus || code === EXIT.pending) world.endWith(code);
  });
}

/** 0 also for a release that matched no rule or was overtaken by a newer one: nothing went wrong. */
export function outcomeCode(state: ReleaseState): number {
  if (UNFINISHED.includes(state)) return EXIT.pending;
  return FAILED.includes(state) ? EXIT.failed : EXIT.ok;
}

/** Asks again, ever less often, until the release is done or the time is over; gives its last state. */
export async function follow(
  world: World,
  ledger: Ledger,
  first: Release,
  timeoutMs: number | undefined,
): Promise<Release> {
  const deadline = timeoutMs === undefined ? Infinity : world.now() + timeoutMs;
  let release = first;
  const say = progressOf(world);
  let pause = 150;
  for (;;) {
    say(release);
    if (!UNFINISHED.includes(release.state)) return release;
    const left = deadline - world.now();
    if (left <= 0) {
      world.err(
        `still ${release.state.toLowerCase()} after ${duration(timeoutMs)}; waybill watch ${shortId(release.id)} goes on\n`,
      );
      return release;
    }
    await world.wait(Math.min(pause, left));
    pause = Math.min(pause * 1.3, 2000);
    release = (await shown(ledger, release.id)) ?? release;
  }
}

/**
 * The release as the ledger shows it once its views have read what this process wrote; undefined when they have not
 * within the ledger's own time limit: a busy ledger is no reason to give up before the time of the command is over.
 */
async function shown(ledger: Ledger, id: string): Promise<Release | undefined> {
  try {
    return await findRelease(ledger, id);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'TIMEOUT') return undefined;
    throw error;
  }
}

/** Prints a line for each thing that changed since the last look. */
function progressOf(world: World): (release: Release) => void {
  const seen = new Set<string>();
  const line = (key: string, text: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    const time = new Date(world.now()).toISOString().slice(11, 19);
    world.err(`${time}  ${harmless(text)}\n`);
  };
  return (release) => {
    line(`state ${release.state} ${release.reason}`, `${release.state.toLowerCase()}: ${release.reason}`);
    for (const hold of release.holds) line(`hold ${hold.message}`, `  to free it: ${hold.frees}`);
    for (const { location, state, message, generation } of release.locations) {
      if (state === 'pending') continue;
      line(
        `location ${location} ${state} ${message}`,
        `  ${location}: ${state}${generation === null ? '' : ` (generation ${generation})`}${message ? `: ${message}` : ''}`,
      );
    }
  };
}
