import type { Command } from 'commander';
import { CHECK_CONFIG, type CheckConfigAnswer } from '../documents/projects.js';
import { ledgerOf } from '../ledger/client.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { plural } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function register(program: Command, world: World): void {
  const config = program.command('config').description('The configuration of projects in their Git repositories.');
  withExamples(config, 'waybill config check A');
  withOutput(
    config
      .command('check')
      .description(
        'Read the config repository of a project now instead of at the next interval. What changed is shown as ' +
          'pending by `waybill status`, or redeployed where the rule says so.',
      )
      .argument('<project>', 'key of the project'),
  ).action(async (project: string, options: OutputOptions) => {
    const { checkConfig } = await ledgerOf(world).ask<CheckConfigAnswer>(CHECK_CONFIG, { project });
    await printOne(world, options, checkConfig, () => `${plural(checkConfig.noticed, 'change')} noticed\n`);
  });
}
