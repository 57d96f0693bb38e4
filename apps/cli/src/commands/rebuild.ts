import type { Command } from 'commander';
import { REBUILD, type Rebuild, type RebuildAnswer, START_REBUILD, type StartRebuildAnswer } from '../documents/log.js';
import { LedgerError } from '../exit.js';
import { ledgerOf } from '../ledger/client.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { duration, plural } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const PAUSE_MS = 200;
const BAR_WIDTH = 30;

export function register(program: Command, world: World): void {
  const rebuild = program
    .command('rebuild')
    .description(
      'Replay the whole log into fresh views beside the live ones, and swap when they have caught up. ' +
        'The ledger keeps answering meanwhile.',
    );
  withExamples(rebuild, 'waybill rebuild');
  withOutput(rebuild).action(async (options: OutputOptions) => {
    const ledger = ledgerOf(world);
    let state = (await ledger.ask<StartRebuildAnswer>(START_REBUILD)).rebuildViews;
    const show = progressBar(world);
    while (state.finishedAt === null && state.error === null) {
      show(state);
      await world.wait(PAUSE_MS);
      state = (await ledger.ask<RebuildAnswer>(REBUILD)).rebuild ?? state;
    }
    show(state);
    if (world.errIsTerminal) world.err('\n');
    if (state.error !== null)
      throw new LedgerError('FAILED', `the rebuild failed: ${state.error}`, {
        hint: 'the views that were there before are still in use',
      });
    await printOne(world, options, state, () => `${summaryOf(state)}\n`);
  });
}

/** Redraws one line on a terminal; elsewhere prints a line at every tenth. */
function progressBar(world: World): (state: Rebuild) => void {
  let lastTenth = -1;
  return ({ done, total, finishedAt }) => {
    if (total === 0 && finishedAt === null) return;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const text = `${String(Math.floor(share * 100)).padStart(3)} %  ${done} of ${plural(total, 'event')}`;
    if (world.errIsTerminal) {
      const filled = Math.round(share * BAR_WIDTH);
      world.err(`\r[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${text}`);
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === lastTenth) return;
    lastTenth = tenth;
    world.err(`${text}\n`);
  };
}

function summaryOf({ done, startedAt, finishedAt }: Rebuild): string {
  const took = finishedAt === null ? '' : ` in ${duration(Date.parse(finishedAt) - Date.parse(startedAt))}`;
  return `views rebuilt from ${plural(done, 'event')}${took}`;
}
