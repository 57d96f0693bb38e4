import { type Actor, comparePositions, type RecordedEvent } from '@waybill/kernel';
import type { Command } from 'commander';
import { EVENTS, type EventsAnswer, type LedgerEvent } from '../documents/log.js';
import { wholeNumber } from '../input.js';
import { type Ledger, ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { jsonOf, type OutputOptions, printList, withOutput, yamlOf } from '../output/print.js';
import { personName } from '../output/release.js';
import { type Column, table } from '../output/table.js';
import { harmless, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const FOLLOW_PAUSE_MS = 500;
/** Events a question for new ones asks for at first, and when there were that many. */
const GLANCE = 10;
const PAGE = 100;

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
    if (options.follow) await followEvents(world, ledger, filter, rows, options);
    else if (options.output === 'json' || options.output === 'yaml')
      await printList(world, options, { rows: rows.map(asWritten), total, noun: 'event', columns: [] });
    else await printList(world, options, { rows, total, noun: 'event', columns });
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

/**
 * Prints what is new, again and again until interrupted. It reads from the newest event back to the last one shown:
 * a cursor is bound to its order, and the page that showed the newest events has none to go on from.
 */
async function followEvents(
  world: World,
  ledger: Ledger,
  filter: Record<string, unknown>,
  first: readonly LedgerEvent[],
  options: EventsOptions,
): Promise<void> {
  let rows = first;
  let last = '0';
  for (;;) {
    for (const row of rows) world.out(await lineOf(row, options));
    last = rows.at(-1)?.position ?? last;
    rows = await eventsBehind(ledger, filter, last);
    if (rows.length === 0) await world.wait(FOLLOW_PAUSE_MS);
  }
}

/** The events behind a position, oldest first. What is written meanwhile comes with the next question. */
async function eventsBehind(
  ledger: Ledger,
  filter: Record<string, unknown>,
  position: string,
): Promise<readonly LedgerEvent[]> {
  const found: LedgerEvent[] = [];
  let after: string | null = null;
  for (;;) {
    const first: number = after === null ? GLANCE : PAGE;
    const { nodes, pageInfo }: EventsAnswer['events'] = (
      await ledger.ask<EventsAnswer>(EVENTS, { ...filter, first, after, newestFirst: true })
    ).events;
    const fresh = nodes.filter((node) => comparePositions(node.position, position) > 0);
    found.push(...fresh);
    if (fresh.length < nodes.length || !pageInfo.hasNextPage || pageInfo.endCursor === null) return found.reverse();
    after = pageInfo.endCursor;
  }
}

/** The envelope as the ledger wrote it, so that its hash can be computed again. Names are not part of it. */
function asWritten(row: LedgerEvent): RecordedEvent {
  return {
    id: row.id,
    type: row.type,
    version: row.version,
    stream: row.stream,
    revision: row.revision,
    position: row.position,
    occurredAt: row.occurredAt,
    recordedAt: row.recordedAt,
    actor: { kind: row.actor.kind.toLowerCase() as Actor['kind'], id: row.actor.id, roles: row.actorRoles },
    commandId: row.commandId,
    commandDigest: row.commandDigest,
    correlationId: row.correlationId,
    causationId: row.causationId,
    data: row.data,
    previousHash: row.previousHash,
    hash: row.hash,
  };
}

async function lineOf(row: LedgerEvent, options: EventsOptions): Promise<string> {
  if (options.output === 'json') return `${jsonOf(asWritten(row))}\n`;
  if (options.output === 'yaml') return `---\n${await yamlOf(asWritten(row))}`;
  if (options.output === 'wide') return table(columns, [row], true).split('\n')[1] + '\n';
  return harmless(`${row.position}  ${row.recordedAt}  ${streamOf(row)}  ${row.type}  ${personName(row.actor)}\n`);
}
