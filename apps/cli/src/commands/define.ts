import type { Command } from 'commander';

/** Shows examples above everything else: most people copy one and never read the rest. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText('before', `Examples:\n${examples.map((line) => `  $ ${line}\n`).join('')}`);
}
