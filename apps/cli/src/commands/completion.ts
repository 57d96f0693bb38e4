import { type Command, Argument } from 'commander';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { wordsOf } from '../completion/words.js';
import { zshScript } from '../completion/zsh.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `fullProgram` loads every command: only here are all of them needed. */
export function register(program: Command, world: World, fullProgram: () => Promise<Command>): void {
  program.commandsGroup('Other:');
  const completion = program
    .command('completion')
    .description('Print a completion script for a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)));
  withExamples(
    completion,
    'source <(waybill completion bash)',
    'waybill completion zsh > "${fpath[1]}/_waybill"',
    'waybill completion fish > ~/.config/fish/completions/waybill.fish',
  );
  completion.action(async (shell: keyof typeof SCRIPTS) => {
    world.out(SCRIPTS[shell](wordsOf(await fullProgram())));
  });
}
