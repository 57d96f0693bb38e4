import type { Argument, Command, Option } from 'commander';

/** What may follow one command: the same for every shell. */
export interface CompletionWords {
  /** `''` for `waybill` itself, else such as `project set`. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly {
    readonly flags: readonly string[];
    readonly summary: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
    readonly takesFile: boolean;
  }[];
  /** For each argument the words it may be; empty when it is free. */
  readonly arguments: readonly (readonly string[])[];
}

/** The whole tree of commands, flattened. */
export function wordsOf(program: Command): CompletionWords[] {
  return visit(program, []);
}

function visit(command: Command, path: readonly string[]): CompletionWords[] {
  const commands = command.commands.map((child) => ({ name: child.name(), summary: firstClause(child.description()) }));
  const here: CompletionWords = {
    path: path.join(' '),
    commands,
    options: [...command.options.map(optionWords), helpOption],
    arguments: command.registeredArguments.map((argument: Argument) => argument.argChoices ?? []),
  };
  return [here, ...command.commands.flatMap((child) => visit(child, [...path, child.name()]))];
}

const helpOption = {
  flags: ['-h', '--help'],
  summary: 'display help',
  takesValue: false,
  choices: [],
  takesFile: false,
};

function optionWords(option: Option): CompletionWords['options'][number] {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    summary: firstClause(option.description),
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    takesFile: /<(file|folder)>/.test(option.flags),
  };
}

/** Up to the first full stop, colon or semicolon that ends a clause: descriptions are longer than a menu is wide. */
const firstClause = (text: string): string => (text.split(/[.:;](\s|$)/)[0] ?? '').trim();
