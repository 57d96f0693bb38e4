import type { Command } from 'commander';
import {
  type DeploymentRow,
  ENVIRONMENT_BY_NAME,
  type Environment,
  type EnvironmentAnswer,
  type EnvironmentDetail,
  ENVIRONMENTS,
  type EnvironmentsAnswer,
} from '../documents/environments.js';
import { LedgerError } from '../exit.js';
import { type Moment, momentOption, wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { paintState } from '../output/colours.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { deliverableOf } from '../output/release.js';
import { describeRollout, rolloutSummary } from '../output/rollout.js';
import { type Column, facts, table } from '../output/table.js';
import { age, duration, plural, shortCommit, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

type AsOf = Moment & { readonly by: string };

interface StatusOptions extends OutputOptions {
  readonly location?: string;
  readonly removed?: boolean;
  readonly asOf?: Moment;
  readonly happened?: boolean;
  readonly limit: number;
}

export function register(program: Command, world: World): void {
  const status = program
    .command('status')
    .description('What runs where. With the name of an environment: that one and its deployments.')
    .argument('[project|environment]', 'key of a project, or <project>.<slot>@<location>')
    .option('--location <key>', 'in this location only')
    .option('--removed', 'also environments that were removed')
    .option('--as-of <moment>', 'as the ledger told it at an instant or a position', momentOption('--as-of'))
    .option('--happened', 'with --as-of: as it was then by all that is known today')
    .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 100);
  withExamples(
    status,
    'waybill status',
    'waybill status A --location prod1',
    'waybill status a.feature-login@feature',
    'waybill status A --as-of 2026-03-01T12:00:00Z',
  );
  withOutput(status).action(async (subject: string | undefined, options: StatusOptions) => {
    const asOf = options.asOf && { ...options.asOf, by: options.happened ? 'HAPPENED' : 'RECORDED' };
    if (subject?.includes('@')) await showEnvironment(world, subject, options, asOf);
    else await listEnvironments(world, subject, options, asOf);
  });
}

async function listEnvironments(
  world: World,
  project: string | undefined,
  options: StatusOptions,
  asOf: AsOf | undefined,
): Promise<void> {
  const filter = { project, location: options.location, includeRemoved: options.removed === true };
  const { nodes, total } = await readPages<EnvironmentsAnswer, Environment>(
    ledgerOf(world),
    ENVIRONMENTS,
    { filter, asOf },
    ({ environments }) => environments,
    options.limit,
  );
  await printList(world, options, { rows: nodes, total, noun: 'environment', columns: environmentColumns(world) });
}

function environmentColumns(world: World): Column<Environment>[] {
  return [
    { title: 'environment', value: (row) => row.name },
    { title: 'state', value: (row) => row.state, paint: (text) => paintState(world, text) },
    { title: 'gen', value: (row) => row.generation },
    { title: 'ref', value: (row) => row.current?.ref },
    { title: 'commit', value: (row) => shortCommit(row.current?.commit) },
    { title: 'release', value: (row) => row.current?.release && shortId(row.current.release.id) },
    { title: 'age', value: (row) => row.current && age(row.current.requestedAt, world.now()) },
    { title: 'last good', value: (row) => row.lastGood?.generation, wide: true },
    { title: 'deliverable', value: (row) => deliverableOf(row.current?.deliverable ?? null), wide: true },
    { title: 'note', value: noteOf },
  ];
}

/** States whose cause is worth a column, and how much of it a table has room for. */
const TROUBLED = ['failed', 'rejected', 'waiting'];
const LONGEST_CAUSE = 80;

function noteOf(environment: Environment): string {
  const cause = TROUBLED.includes(environment.state) ? environment.current?.message : undefined;
  return [
    cause && (cause.length > LONGEST_CAUSE ? `${cause.slice(0, LONGEST_CAUSE - 1)}…` : cause),
    environment.rollout && environment.state !== 'healthy' && rolloutSummary(environment.rollout),
    environment.drift && `drifted in ${plural(environment.drift.paths.length, 'place')}`,
    environment.pendingConfig && `config ${shortCommit(environment.pendingConfig.commit)} pending`,
  ]
    .filter(Boolean)
    .join('; ');
}

/** One environment with its deployments: shared by `status` and `environment show`. */
export async function showEnvironment(world: World, name: string, options: OutputOptions, asOf?: AsOf): Promise<void> {
  const { environment } = await ledgerOf(world).ask<EnvironmentAnswer>(ENVIRONMENT_BY_NAME, {
    name: name.toLowerCase(),
    asOf,
  });
  if (!environment) {
    throw new LedgerError('NOT_FOUND', `there is no environment ${name}`, {
      hint: 'waybill status lists them; the form is <project>.<slot>@<location>',
    });
  }
  await printOne(world, options, environment, (wide) => describeEnvironment(world, environment, wide));
}

function describeEnvironment(world: World, environment: EnvironmentDetail, wide: boolean): string {
  const { current, lastGood, running, rollout, drift, pendingConfig } = environment;
  return (
    facts([
      ['environment', environment.name],
      ['state', environment.state, (text) => paintState(world, text)],
      ['generation', environment.generation],
      [
        'wanted',
        current && `${current.ref ?? ''} ${shortCommit(current.commit)} ${deliverableOf(current.deliverable)}`,
      ],
      ['running', running && `generation ${running.generation}, ${running.ref ?? ''} ${shortCommit(running.commit)}`],
      ['rollout', rollout && describeRollout(rollout)],
      [
        'last good',
        lastGood && `generation ${lastGood.generation}, ${lastGood.ref ?? ''} ${shortCommit(lastGood.commit)}`,
      ],
      [
        'drift',
        drift &&
          `since ${drift.noticedAt}${drift.commit ? `, commit ${shortCommit(drift.commit)}` : ''}\n${drift.paths.join('\n')}`,
      ],
      [
        'config pending',
        pendingConfig &&
          `${pendingConfig.directory} at ${shortCommit(pendingConfig.commit)}, since ${pendingConfig.noticedAt}`,
      ],
    ]) +
    '\n' +
    table(deploymentColumns(world), environment.deployments.nodes, wide)
  );
}

function deploymentColumns(world: World): Column<DeploymentRow>[] {
  return [
    { title: 'gen', value: (row) => row.generation },
    { title: 'state', value: (row) => row.state, paint: (text) => paintState(world, text) },
    { title: 'ref', value: (row) => row.ref },
    { title: 'commit', value: (row) => shortCommit(row.commit) },
    { title: 'release', value: (row) => row.release && shortId(row.release.id) },
    { title: 'delivered', value: (row) => shortCommit(row.deliveredCommit) },
    { title: 'age', value: (row) => age(row.requestedAt, world.now()) },
    { title: 'took', value: (row) => duration(row.durationMs) },
    { title: 'message', value: (row) => row.message },
    { title: 'deliverable', value: (row) => deliverableOf(row.deliverable), wide: true },
  ];
}
