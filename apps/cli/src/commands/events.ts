import type { Command } from 'commander';
import { EVENTS, type EventsAnswer, type LedgerEvent } from '../documents/log.js';
import { wholeNumber } from '../input.js';
import { type Ledger, ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, withOutput, yamlOf } from '../output/print.js';
import { personName } from '../output/release.js';
import { type Column, table } from '../output/table.js';
import { harmless, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const FOLLOW_PAUSE_MS = 500;

interface EventsOptions extends OutputOptions {
  readonly stream?: string;
  readonly correlation?: string;
  readonly follow?: boolean;
  readonly limit: number;
}

export function register(program: Command, world: World): void {
  const events = program
    .command('events')
    .description('Read the log: the newest events, oldest of them first. `-o json` gives them as they were written.')
    .option('--stream <name>', 'of this stream only, such as project-a or release-<id>')
    .option('--correlation <id>', 'of everything one command led to')
    .option('-f, --follow', 'go on printing new events; with -o json one a line')
    .option('--limit <number>', 'the newest of them', wholeNumber('--limit', 1), 50);
  withExamples(events, 'waybill events', 'waybill events --stream project-a', 'waybill events -f -o json | jq .type');
  withOutput(events).action(async (options: EventsOptions) => {
    const ledger = ledgerOf(world);
    const filter = { stream: options.stream, correlationId: options.correlation };
    const { nodes, total } = await readPages<EventsAnswer, LedgerEvent>(
      ledger,
      EVENTS,
      { ...filter, newestFirst: true },
      (answer) => answer.events,
      options.limit,
    );
    const rows = nodes.reverse();
    if (!options.follow) await printList(world, options, { rows, total, noun: 'event', columns });
    else await followEvents(world, ledger, filter, rows, options);
  });
}

const columns: Column<LedgerEvent>[] = [
  { title: 'position', value: (row) => row.position },
  { title: 'recorded', value: (row) => row.recordedAt },
  { title: 'stream', value: streamOf },
  { title: 'rev', value: (row) => row.revision },
  { title: 'type', value: (row) => row.type },
  { title: 'actor', value: (row) => personName(row.actor) },
  { title: 'event', value: (row) => row.id, wide: true },
  { title: 'correlation', value: (row) => row.correlationId, wide: true },
  { title: 'hash', value: (row) => row.hash, wide: true },
];

/** Release streams are named by a whole id: the beginning of it does for reading. */
function streamOf({ stream }: LedgerEvent): string {
  return stream.replace(/^(release)-([0-9a-f-]{36})$/, (_, name: string, id: string) => `${name}-${shortId(id)}`);
}

/** Asks for what came after the last event seen; runs until interrupted. */
async function followEvents(
  world: World,
  ledger: Ledger,
  filter: Record<string, unknown>,
  first: readonly LedgerEvent[],
  options: EventsOptions,
): Promise<void> {
  let rows = first;
  let after = await endCursor(ledger, filter);
  let seen = new Set(rows.map(({ id }) => id));
  for (;;) {
    for (const row of rows) world.out(await lineOf(row, options));
    const page = (await ledger.ask<EventsAnswer>(EVENTS, { ...filter, first: 100, after, newestFirst: false })).events;
    rows = page.nodes.filter(({ id }) => !seen.has(id));
    if (page.nodes.length > 0) {
      seen = new Set(page.nodes.map(({ id }) => id));
      after = page.pageInfo.endCursor;
    }
    if (!page.pageInfo.hasNextPage) await world.wait(FOLLOW_PAUSE_MS);
  }
}

async function endCursor(ledger: Ledger, filter: Record<string, unknown>): Promise<string | null> {
  const newest = await ledger.ask<EventsAnswer>(EVENTS, { ...filter, first: 1, newestFirst: true });
  return newest.events.pageInfo.endCursor;
}

async function lineOf(row: LedgerEvent, options: EventsOptions): Promise<string> {
  if (options.output === 'json') return `${JSON.stringify(row)}\n`;
  if (options.output === 'yaml') return `---\n${await yamlOf(row)}`;
  if (options.output === 'wide') return table(columns, [row], true).split('\n')[1] + '\n';
  return harmless(`${row.position}  ${row.recordedAt}  ${streamOf(row)}  ${row.type}  ${personName(row.actor)}\n`);
}
