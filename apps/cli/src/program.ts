import { Command, CommanderError } from 'commander';
import { EXIT } from './exit.js';
import { GROUPS, type Group } from './groups.js';
import type { World } from './world.js';

const EXAMPLES = `Examples:
  $ waybill release A --ref dev --image registry.example/a@sha256:…   # in CI, --ref and the ids are found by itself
  $ waybill watch 1f0c2a9b --exit-status
  $ waybill status A
  $ waybill why 1f0c2a9b
`;

const ENVIRONMENT = `
Environment:
  WAYBILL_URL    address of the ledger (default http://127.0.0.1:7070)
  WAYBILL_TOKEN  token to use; without it, on this machine, the file admin-token
                 of the data folder is read (WAYBILL_DATA, default .waybill)
  NO_COLOR       no colours

Exit codes: 0 ok, 1 failed, 2 usage or interrupted, 4 not logged in or not allowed, 8 still pending
`;

/**
 * Runs a command line. Only the file of the named command is loaded, so that starting costs the same however many
 * commands there are. Gives the exit code when commander ended the run itself (help, a usage error).
 */
export async function runProgram(args: readonly string[], world: World): Promise<number | undefined> {
  const named = namedCommand(args);
  const group = GROUPS.find(({ commands }) => commands.some(([name]) => name === named));
  const program = newProgram(world);
  if (group) await load(program, group, world);
  else if (named === 'completion') {
    const { register } = await import('./commands/completion.js');
    register(program, world, () => fullProgram(world));
  } else describeAll(program);
  const wished = helpPath(args);
  if (wished && group) {
    const missing = firstUnknown(program, wished);
    if (missing !== undefined) return noSuchCommand(world, missing);
    return parse(program, [...wished, '--help']);
  }
  // Commander answers the wish for help of an unknown command with the help of the program, as if all were well.
  const known = named === undefined || group !== undefined || named === 'completion' || named === 'help';
  return parse(program, !known && asksHelp(args) ? [named] : args);
}

async function parse(program: Command, args: readonly string[]): Promise<number | undefined> {
  try {
    await program.parseAsync([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

/** Every command with its options: for completion scripts and for the reference page. */
export async function fullProgram(world: World): Promise<Command> {
  const program = newProgram(world);
  for (const group of GROUPS) await load(program, group, world);
  const { register } = await import('./commands/completion.js');
  register(program, world, () => fullProgram(world));
  return program;
}

async function load(program: Command, group: Group, world: World): Promise<void> {
  program.commandsGroup(group.heading);
  const { register } = await group.load();
  register(program, world);
}

/** First word that is not an option; `waybill help release` is about `release`. No option of the root takes a value. */
function namedCommand(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith('-'));
  return words[0] === 'help' ? words[1] : words[0];
}

/** What `waybill help project set` is about; undefined for one word, which commander answers well by itself. */
function helpPath(args: readonly string[]): readonly string[] | undefined {
  const [first, ...path] = args.filter((arg) => !arg.startsWith('-'));
  return first === 'help' && path.length > 1 ? path : undefined;
}

/** The words up to the first one that names no command; undefined when all of them do. */
function firstUnknown(program: Command, path: readonly string[]): readonly string[] | undefined {
  let at = program;
  for (const [index, word] of path.entries()) {
    const next = at.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (!next) return path.slice(0, index + 1);
    at = next;
  }
  return undefined;
}

function noSuchCommand({ err }: World, words: readonly string[]): number {
  const parent = ['waybill', ...words.slice(0, -1), '--help'].join(' ');
  err(`waybill: there is no command '${words.join(' ')}'\n(${parent} lists those that there are)\n`);
  return EXIT.usage;
}

const asksHelp = (args: readonly string[]): boolean =>
  args.some((arg) => arg === 'help' || arg === '-h' || arg === '--help');

function newProgram(world: World): Command {
  return new Command('waybill')
    .description('Ask the Waybill ledger: what was deployed where, why, and what was not.')
    .version('0.1.0', '-V, --version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(waybill --help shows how)')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .configureOutput({
      writeOut: world.out,
      writeErr: world.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'waybill: ')),
      getOutHelpWidth: () => world.width ?? 100,
      getErrHelpWidth: () => world.width ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('beforeAll', (context) => (context.command.parent === null ? `${EXAMPLES}` : ''))
    .addHelpText('after', ENVIRONMENT);
}

/** For `waybill`, `waybill --help` and a mistyped command: names and summaries without loading the files. */
function describeAll(program: Command): void {
  for (const { heading, commands } of GROUPS) {
    program.commandsGroup(heading);
    for (const [name, summary] of commands) program.command(name).description(summary);
  }
  program.command('completion').description('print a completion script for bash, zsh or fish');
}
