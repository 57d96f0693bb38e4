import type { Command } from 'commander';
import { type Comparison, DIFF, type DiffAnswer, type FieldChange, type TextChange } from '../documents/diff.js';
import { usageError } from '../exit.js';
import { type Moment, momentOption, wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { paintFaint } from '../output/colours.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { harmless } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

interface DiffOptions extends OutputOptions {
  readonly project?: string;
  readonly at?: Moment;
  readonly to?: Moment;
  readonly objects?: boolean;
  readonly limit: number;
}

export function register(program: Command, world: World): void {
  const diff = program
    .command('diff')
    .description('What differs between two deployments, environments, locations, or two moments of them.')
    .argument('[from]', 'a deployment, an environment or a location; nothing for everything')
    .argument('[to]', 'the other one; the same one when left out')
    .option('--project <key>', 'of this project only')
    .option('--at <moment>', 'the first one as of an instant or a position', momentOption('--at'))
    .option('--to <moment>', 'the other one as of then; as it is now when left out', momentOption('--to'))
    .option('--objects', 'the objects that are applied, too')
    .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 20);
  withExamples(
    diff,
    'waybill diff a.dev@dev a.prod@prod1',
    'waybill diff a.prod@prod1.3 a.prod@prod1.4 --objects',
    'waybill diff a.prod@prod1 --at 2026-03-01T00:00:00Z',
    'waybill diff --project a --at 1200 --to 1300',
  );
  withOutput(diff).action(async (first: string | undefined, second: string | undefined, options: DiffOptions) => {
    if (second === undefined && options.at === undefined) {
      throw usageError('give two things to compare, or --at a moment');
    }
    const from = sideOf(first, options.project, options.at);
    const to = sideOf(second ?? first, options.project, options.to);
    const { nodes, total } = await readPages<DiffAnswer, Comparison>(
      ledgerOf(world),
      DIFF,
      { from, to, objects: options.objects === true },
      ({ diff: page }) => page,
      options.limit,
    );
    await printOne(world, options, nodes, () => {
      if (nodes.length === 0) return 'Nothing differs.\n';
      return nodes.map((comparison) => describe(world, comparison)).join('\n');
    });
    if (total > nodes.length) world.err(`${nodes.length} of ${total}; --limit shows more\n`);
  });
}

function sideOf(name: string | undefined, project: string | undefined, asOf: Moment | undefined): object {
  if (name === undefined) return { project, asOf };
  if (!name.includes('@')) return { location: name, project, asOf };
  return /\.\d+$/.test(name) ? { deployment: name, asOf } : { environment: name, asOf };
}

function describe(world: World, comparison: Comparison): string {
  const { from, to, image, config, metadata, rule, desired = [], objects = [] } = comparison;
  const title = `${comparison.subject}: ${from?.name ?? 'nothing'} → ${to?.name ?? 'nothing'}`;
  const parts = [
    ...(image ? fields(world, 'image', [image]) : []),
    ...texts(world, 'config', config),
    ...fields(world, 'metadata', metadata),
    ...fields(world, 'rule', rule),
    ...fields(world, 'desired', desired),
    ...texts(world, 'objects', objects),
  ];
  return `${harmless(title)}\n${parts.length === 0 ? '  nothing differs\n' : parts.join('')}`;
}

const fields = (world: World, name: string, changes: readonly FieldChange[]): readonly string[] =>
  changes.map(
    ({ path, from, to }) => `  ${paintFaint(world, name)} ${harmless(`${path}: ${shown(from)} → ${shown(to)}`)}\n`,
  );

const texts = (world: World, name: string, changes: readonly TextChange[]): readonly string[] =>
  changes.map(({ path, change, patch }) => {
    const lines = patch.trimEnd().split('\n');
    return `  ${paintFaint(world, name)} ${harmless(`${path} ${change}`)}\n${lines.map((line) => `    ${harmless(line)}\n`).join('')}`;
  });

const shown = (value: unknown): string => (value === null ? 'nothing' : JSON.stringify(value));
