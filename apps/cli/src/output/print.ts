import { type Command, Option } from 'commander';
import type { World } from '../world.js';
import { type Column, table } from './table.js';
import { escaped, isHarmless, plural } from './words.js';

export const FORMATS = ['json', 'yaml', 'wide'] as const;
export type Format = (typeof FORMATS)[number];

/** Options that commands with `-o` get. */
export interface OutputOptions {
  readonly output?: Format;
}

export function withOutput(command: Command): Command {
  return command.addOption(new Option('-o, --output <format>', 'json, yaml, or a wider table').choices([...FORMATS]));
}

/** Prints one thing: as data when asked for, else by `text`. */
export async function printOne<T>(
  world: World,
  options: OutputOptions,
  value: T,
  text: (wide: boolean) => string,
): Promise<void> {
  world.out((await asData(options.output, value)) ?? text(options.output === 'wide'));
}

/** Prints a list as an array or a table; says on stderr when it is empty or when there is more. */
export async function printList<Row>(
  world: World,
  options: OutputOptions,
  list: { rows: readonly Row[]; total?: number; noun: string; columns: readonly Column<Row>[] },
): Promise<void> {
  const { rows, noun, columns } = list;
  const data = await asData(options.output, rows);
  if (data !== undefined) world.out(data);
  else if (rows.length === 0) world.err(`no ${noun}s\n`);
  else world.out(table(columns, rows, options.output === 'wide'));
  const total = list.total ?? rows.length;
  if (total > rows.length) world.err(`${rows.length} of ${plural(total, noun)}; --limit shows more\n`);
}

async function asData(format: Format | undefined, value: unknown): Promise<string | undefined> {
  if (format === 'json') return `${jsonOf(value, 2)}\n`;
  if (format === 'yaml') return yamlOf(value);
  return undefined;
}

/** JSON that a terminal can show: what it would obey is escaped, and is the same when parsed. */
export const jsonOf = (value: unknown, indent?: number): string => escaped(JSON.stringify(value, null, indent));

/**
 * YAML 1.2 without anchors, escaped as JSON is: only double quotes know escapes. The parser is loaded only when it is
 * needed: it is half of the start-up time.
 */
export async function yamlOf(value: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && !isHarmless(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return escaped(document.toString({ lineWidth: 0 }));
}
