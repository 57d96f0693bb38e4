import { type Command, Option } from 'commander';
import { WHY, type Why, type WhyAnswer } from '../documents/log.js';
import { ledgerOf } from '../ledger/client.js';
import { drawChain } from '../output/chain.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

interface WhyOptions extends OutputOptions {
  readonly effects?: boolean;
  readonly both?: boolean;
}

export function register(program: Command, world: World): void {
  const why = program
    .command('why')
    .description(
      'Why something is what it is: the chain of events that led to it, in words, the cause above its effects.',
    )
    .argument(
      '<subject>',
      'a release, an environment, a deployment (<project>.<slot>@<location>.<generation>) or an event',
    )
    .addOption(new Option('--effects', 'what it led to instead, down to what the operators did').conflicts('both'))
    .option('--both', 'what led to it, and what it led to');
  withExamples(
    why,
    'waybill why 1f0c2a9b',
    'waybill why a.prod@prod1.3',
    'waybill why a.prod@prod1 --both',
    'waybill why 1f0c2a9b -o wide   # with types, streams and actors',
  );
  withOutput(why).action(async (subject: string, options: WhyOptions) => {
    const direction = options.both ? 'BOTH' : options.effects ? 'EFFECTS' : 'CAUSES';
    const answer = await ledgerOf(world).ask<WhyAnswer>(WHY, { subject, direction });
    await printOne(world, options, answer.why, (wide) => drawWhy(world, answer.why, wide));
  });
}

function drawWhy(world: World, why: Why, wide: boolean): string {
  const more = why.cut ? '\nThere is more than these steps; ask about one of them.\n' : '';
  return drawChain(world, why, wide) + more;
}
