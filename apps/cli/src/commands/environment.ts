import type { Command } from 'commander';
import {
  DELETE_BRANCH,
  type DeleteBranchAnswer,
  REMOVE_ENVIRONMENT,
  type RemoveEnvironmentAnswer,
} from '../documents/environments.js';
import { ledgerOf } from '../ledger/client.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { facts } from '../output/table.js';
import type { World } from '../world.js';
import { confirm, type ConfirmOptions, withConfirm } from './confirm.js';
import { withExamples } from './define.js';
import { showEnvironment } from './status.js';

export function register(program: Command, world: World): void {
  const environment = program.command('environment').description('One project’s slot in one location.');
  withExamples(
    environment,
    'waybill environment show a.feature-login@feature',
    'waybill environment remove a.feature-login@feature',
  );
  withOutput(
    environment
      .command('show')
      .description('Show an environment and its deployments.')
      .argument('<environment>', '<project>.<slot>@<location>'),
  ).action((name: string, options: OutputOptions) => showEnvironment(world, name, options));
  registerRemove(environment, world);

  const branch = program.command('branch').description('Branches of a project’s source repository.');
  withExamples(branch, 'waybill branch delete A feature-login');
  registerDelete(branch, world);
}

function registerRemove(parent: Command, world: World): void {
  withOutput(
    withConfirm(
      parent
        .command('remove')
        .description(
          'Remove an environment: everything of it is taken away from its location. ' +
            'Asks for a yes at a terminal only: a script is not asked.',
        )
        .argument('<environment>', '<project>.<slot>@<location>'),
    ),
  ).action(async (name: string, options: OutputOptions & ConfirmOptions) => {
    await confirm(world, options, `Remove everything of ${name}?`);
    const { removeEnvironment } = await ledgerOf(world).command<RemoveEnvironmentAnswer>(REMOVE_ENVIRONMENT, {
      name: name.toLowerCase(),
    });
    const { environment } = removeEnvironment;
    await printOne(world, options, environment, () =>
      facts([
        ['environment', environment.name],
        ['state', environment.state],
        ['generation', environment.generation],
      ]),
    );
  });
}

function registerDelete(parent: Command, world: World): void {
  withOutput(
    withConfirm(
      parent
        .command('delete')
        .description(
          'Say that a branch is gone: its environments are removed everywhere, its open releases cancelled. ' +
            'Asks for a yes at a terminal only: a script is not asked.',
        )
        .argument('<project>', 'key of the project')
        .argument('<branch>', 'name of the branch'),
    ),
  ).action(async (project: string, name: string, options: OutputOptions & ConfirmOptions) => {
    await confirm(world, options, `Remove every environment of branch ${name} of ${project}?`);
    const { deleteBranch } = await ledgerOf(world).command<DeleteBranchAnswer>(DELETE_BRANCH, {
      project,
      branch: name,
    });
    await printOne(world, options, deleteBranch, () =>
      facts([
        ['branch', deleteBranch.branch],
        ['slot', deleteBranch.slot],
        ['removing', deleteBranch.environments.join('\n') || 'nothing: it had no environment'],
      ]),
    );
  });
}
