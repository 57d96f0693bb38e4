import { type Command, Option } from 'commander';
import {
  CORRECT_INCIDENT,
  INCIDENT,
  INCIDENTS,
  type Incident,
  type IncidentAnswer,
  type IncidentCommandAnswer,
  type IncidentVersion,
  type IncidentsAnswer,
  NAME_INCIDENT_CAUSE,
  OPEN_INCIDENT,
  RESOLVE_INCIDENT,
} from '../documents/incidents.js';
import { LedgerError, usageError } from '../exit.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { type Column, facts, table } from '../output/table.js';
import { shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

export function register(program: Command, world: World): void {
  const incident = program
    .command('incident')
    .description('What went wrong where users see it, which release caused it, and until when.');
  withExamples(
    incident,
    'waybill incident open shop --summary "The basket is empty" --cause 1f0c2a9b',
    'waybill incident resolve <id> --fixed-by 7d21c0aa',
    'waybill incident correct <id> --no-cause --reason "It was the network"',
  );
  registerLooks(incident, world);
  registerOpen(incident, world);
  registerCauseAndEnd(incident, world);
  registerCorrect(incident, world);
}

function registerLooks(parent: Command, world: World): void {
  withOutput(
    parent
      .command('list')
      .description('List incidents, newest first.')
      .argument('[project]', 'key of a project')
      .option('--open', 'only those that are not over')
      .option('--cause <release>', 'only those that this release caused')
      .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 50),
  ).action(
    async (project: string | undefined, options: OutputOptions & { open?: true; cause?: string; limit: number }) => {
      const filter = { project, open: options.open, cause: options.cause };
      const { nodes, total } = await readPages<IncidentsAnswer, Incident>(
        ledgerOf(world),
        INCIDENTS,
        { filter },
        ({ incidents }) => incidents,
        options.limit,
      );
      await printList(world, options, { rows: nodes, total, noun: 'incident', columns: incidentColumns });
    },
  );
  withOutput(
    parent
      .command('show')
      .description('Show an incident and what was known after each of its events.')
      .argument('<id>', 'id of the incident'),
  ).action(async (id: string, options: OutputOptions) => {
    const { incident } = await ledgerOf(world).ask<IncidentAnswer>(INCIDENT, { id });
    if (!incident) {
      throw new LedgerError('NOT_FOUND', `there is no incident ${id}`, {
        hint: 'waybill incident list shows their ids',
      });
    }
    await printOne(
      world,
      options,
      incident,
      (wide) => `${describe(incident)}\n${table(versionColumns, incident.versions, wide)}`,
    );
  });
}

interface OpenOptions extends OutputOptions {
  readonly environment?: string;
  readonly at?: string;
  readonly severity?: string;
  readonly summary?: string;
  readonly key?: string;
  readonly url?: string;
  readonly cause?: string;
}

function registerOpen(parent: Command, world: World): void {
  withOutput(
    parent
      .command('open')
      .description('Say that something went wrong.')
      .argument('<project>', 'key of the project')
      .option('--environment <name>', 'where, <project>.<slot>@<location>')
      .option('--at <instant>', 'when it began, such as 2026-03-01T09:30:00Z (default: now)')
      .option('--severity <word>', 'how bad it is, in your words')
      .option('--summary <words>', 'what went wrong')
      .option('--key <key>', 'what it is called elsewhere: told again it is the same incident')
      .option('--url <url>', 'where more of it stands')
      .option('--cause <release>', 'the release that caused it'),
  ).action(async (project: string, { output, at, ...told }: OpenOptions) => {
    await command(world, { output }, OPEN_INCIDENT, { project, openedAt: at, ...told });
  });
}

function registerCauseAndEnd(parent: Command, world: World): void {
  withOutput(
    parent
      .command('cause')
      .description('Name the release that caused an incident.')
      .argument('<id>', 'id of the incident')
      .argument('<release>', 'id of the release, or its beginning'),
  ).action(async (incident: string, release: string, options: OutputOptions) => {
    await command(world, options, NAME_INCIDENT_CAUSE, { incident, release });
  });
  withOutput(
    parent
      .command('resolve')
      .description('Say that an incident is over.')
      .argument('<id>', 'id of the incident')
      .option('--at <instant>', 'when it was over (default: now)')
      .option('--fixed-by <release>', 'the release that brought the remedy'),
  ).action(async (incident: string, { output, at, fixedBy }: OutputOptions & { at?: string; fixedBy?: string }) => {
    await command(world, { output }, RESOLVE_INCIDENT, { incident, resolvedAt: at, fixedBy });
  });
}

interface CorrectOptions extends OutputOptions {
  readonly openedAt?: string;
  readonly resolvedAt?: string;
  readonly unresolved?: true;
  /** False for `--no-cause`. */
  readonly cause?: string | false;
  readonly fixedBy?: string;
  readonly dismiss?: true;
  readonly reinstate?: true;
  readonly reason?: string;
}

function registerCorrect(parent: Command, world: World): void {
  const correct = parent
    .command('correct')
    .description('What was recorded was wrong: what is given holds from now on, and both numbers stay visible.')
    .argument('<id>', 'id of the incident')
    .option('--opened-at <instant>', 'when it began')
    .option('--resolved-at <instant>', 'when it was over')
    .addOption(new Option('--unresolved', 'it is not over after all').conflicts('resolvedAt'))
    .option('--cause <release>', 'the release that caused it')
    .option('--no-cause', 'no release caused it')
    .option('--fixed-by <release>', 'the release that brought the remedy')
    .option('--dismiss', 'it was none: it counts nowhere any more')
    .addOption(new Option('--reinstate', 'it was one after all').conflicts('dismiss'))
    .option('--reason <words>', 'why');
  withOutput(correct).action(async (incident: string, options: CorrectOptions) => {
    const { output, openedAt, resolvedAt, cause, fixedBy, reason } = options;
    const changes = {
      openedAt,
      resolvedAt: options.unresolved ? null : resolvedAt,
      // Commander takes --no-cause for a default of true when neither was given.
      cause: cause === false ? null : typeof cause === 'string' ? cause : undefined,
      fixedBy,
      dismissed: options.dismiss ? true : options.reinstate ? false : undefined,
    };
    if (Object.values(changes).every((value) => value === undefined)) {
      throw usageError('nothing to correct was given', 'waybill incident correct --help lists what can be');
    }
    await command(world, { output }, CORRECT_INCIDENT, { incident, ...changes, reason });
  });
}

async function command(
  world: World,
  options: { readonly output: OutputOptions['output'] } | OutputOptions,
  mutation: string,
  input: Record<string, unknown>,
): Promise<void> {
  const [answer] = Object.values(await ledgerOf(world).command<IncidentCommandAnswer>(mutation, input));
  const { incident } = answer!;
  await printOne(world, options.output ? { output: options.output } : {}, incident, () => describe(incident));
}

const describe = (incident: Incident): string =>
  facts([
    ['incident', incident.id],
    ['project', incident.project],
    ['environment', incident.environment],
    ['began', incident.openedAt],
    ['over', incident.dismissed ? 'it was none' : (incident.resolvedAt ?? 'not yet')],
    ['severity', incident.severity],
    ['cause', incident.cause && `release ${shortId(incident.cause.id)}`],
    ['fixed by', incident.fixedBy && `release ${shortId(incident.fixedBy.id)}`],
    ['told through', [incident.via, incident.key].filter(Boolean).join(' ')],
    ['link', incident.url],
    ['corrections', incident.corrections || null],
    ['summary', incident.summary],
  ]);

const incidentColumns: Column<Incident>[] = [
  { title: 'incident', value: (row) => row.id },
  { title: 'project', value: (row) => row.project },
  { title: 'began', value: (row) => row.openedAt },
  { title: 'over', value: (row) => (row.dismissed ? 'none' : row.resolvedAt) },
  { title: 'severity', value: (row) => row.severity },
  { title: 'cause', value: (row) => row.cause && shortId(row.cause.id) },
  { title: 'summary', value: (row) => row.summary },
  { title: 'environment', value: (row) => row.environment, wide: true },
  { title: 'link', value: (row) => row.url, wide: true },
];

const versionColumns: Column<IncidentVersion>[] = [
  { title: 'recorded', value: (row) => row.recordedAt },
  { title: 'event', value: (row) => row.type },
  { title: 'began', value: (row) => row.openedAt },
  { title: 'over', value: (row) => (row.dismissed ? 'none' : row.resolvedAt) },
  { title: 'cause', value: (row) => row.cause && shortId(row.cause) },
  { title: 'reason', value: (row) => row.reason },
  { title: 'id', value: (row) => row.eventId, wide: true },
];
