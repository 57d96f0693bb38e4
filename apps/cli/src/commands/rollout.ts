import type { Command } from 'commander';
import { DIRECT_ROLLOUT, type DirectRolloutAnswer } from '../documents/environments.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { paintState } from '../output/colours.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { describeRollout } from '../output/rollout.js';
import { facts } from '../output/table.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const DIRECTIVES = [
  {
    name: 'promote',
    summary:
      'Let a rollout in steps go on now: the pause at hand ends, a blue-green switches. ' +
      'What is promoted is the newest generation of the environment.',
    examples: [
      'waybill promote a.prod@prod1',
      'waybill promote a.prod@prod1 --step 2   # refused when the rollout is past it',
      'waybill promote a.prod@prod1 --full     # all traffic at once',
    ],
  },
  {
    name: 'pause',
    summary: 'Have a rollout in steps stay as it is, until it is resumed or promoted.',
    examples: ['waybill pause a.prod@prod1'],
  },
  {
    name: 'resume',
    summary: 'Have a rollout that somebody paused go on with its steps.',
    examples: ['waybill resume a.prod@prod1'],
  },
  {
    name: 'abort',
    summary:
      'Take a rollout in steps back: all traffic goes to what ran before, which never left. ' +
      'It is final for this generation; its release fails.',
    examples: ['waybill abort a.prod@prod1', 'waybill abort a.prod@prod1 --generation 12'],
  },
] as const;

interface DirectiveOptions extends OutputOptions {
  readonly full?: boolean;
  readonly step?: number;
  readonly generation?: number;
}

export function register(program: Command, world: World): void {
  for (const { name, summary, examples } of DIRECTIVES) {
    const command = program
      .command(name)
      .description(summary)
      .argument('<environment>', '<project>.<slot>@<location>')
      .option(
        '--generation <number>',
        'refuse when this is not the newest generation any more',
        wholeNumber('--generation', 1),
      );
    if (name === 'promote') {
      command
        .option('--full', 'all traffic at once, whatever steps are left')
        .option(
          '--step <number>',
          'the step whose pause is to end, 0 for a preview; refused when the rollout is past it',
          wholeNumber('--step', 0),
        );
    }
    withExamples(command, ...examples);
    withOutput(command).action(async (environment: string, options: DirectiveOptions) => {
      const { directRollout } = await ledgerOf(world).command<DirectRolloutAnswer>(DIRECT_ROLLOUT, {
        name: environment.toLowerCase(),
        directive: name.toUpperCase(),
        full: options.full ?? false,
        step: options.step,
        generation: options.generation,
      });
      const after = directRollout.environment;
      await printOne(world, options, after, () =>
        facts([
          ['environment', after.name],
          ['state', after.state, (text) => paintState(world, text)],
          ['generation', after.generation],
          ['running', after.running && `generation ${after.running.generation}`],
          ['rollout', after.rollout && describeRollout(after.rollout)],
        ]),
      );
    });
  }
}
