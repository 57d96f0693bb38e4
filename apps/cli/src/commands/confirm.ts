import type { Command } from 'commander';
import { usageError } from '../exit.js';
import type { World } from '../world.js';

export interface ConfirmOptions {
  readonly yes?: boolean;
}

export function withConfirm(command: Command): Command {
  return command.option('-y, --yes', 'do not ask for confirmation');
}

/**
 * Asks a person at a terminal before something is taken away. A script is not asked, unless what it does cannot be
 * undone (`always`): then it has to say --yes.
 */
export async function confirm(world: World, options: ConfirmOptions, question: string, always = false): Promise<void> {
  if (options.yes) return;
  if (!world.inIsTerminal || !world.errIsTerminal) {
    if (always) throw usageError(`${question} This cannot be undone.`, 'add --yes to do it without a question');
    return;
  }
  const answer = await world.askLine(`${question} [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('nothing was done');
}
