import type { Command } from 'commander';
import { WHY, type Why, type WhyAnswer } from '../documents/log.js';
import { ledgerOf } from '../ledger/client.js';
import { paintFaint } from '../output/colours.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { personName } from '../output/release.js';
import { harmless, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function register(program: Command, world: World): void {
  const why = program
    .command('why')
    .description(
      'Why something is what it is: the chain of events that led to it, in words, the cause above its effects.',
    )
    .argument('<subject>', 'a release, a deployment (<project>.<slot>@<location>.<generation>) or an event');
  withExamples(
    why,
    'waybill why 1f0c2a9b',
    'waybill why a.prod@prod1.3',
    'waybill why 1f0c2a9b -o wide   # with event ids, streams and actors',
  );
  withOutput(why).action(async (subject: string, options: OutputOptions) => {
    const answer = await ledgerOf(world).ask<WhyAnswer>(WHY, { subject });
    await printOne(world, options, answer.why, (wide) => drawChain(world, answer.why, wide));
  });
}

/** The summary, then a line a step, indented by its depth: time, sentence, and with `wide` the evidence. */
export function drawChain(world: World, why: Why, wide: boolean): string {
  const lines = why.steps.map(({ sentence, depth, event }) => {
    const time = paintFaint(world, event.recordedAt.replace('T', ' ').slice(0, 19));
    const branch = depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `;
    const evidence = wide
      ? paintFaint(world, `  [${event.type} ${event.stream} ${shortId(event.id)} by ${personName(event.actor)}]`)
      : '';
    return `${time}  ${branch}${harmless(sentence)}${evidence}\n`;
  });
  return `${harmless(why.summary)}\n\n${lines.join('')}`;
}
