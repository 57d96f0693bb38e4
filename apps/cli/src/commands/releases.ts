import { type Command, Option } from 'commander';
import {
  RELEASE_DETAIL,
  type Release,
  type ReleaseDetail,
  type ReleaseDetailAnswer,
  RELEASES,
  type ReleasesAnswer,
} from '../documents/releases.js';
import { LedgerError } from '../exit.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { describeRelease, personName, releaseColumns } from '../output/release.js';
import { facts } from '../output/table.js';
import { shortCommit } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const STATES = [
  'unmatched',
  'held',
  'preparing',
  'deploying',
  'completed',
  'failed',
  'refused',
  'cancelled',
  'superseded',
];

interface ListOptions extends OutputOptions {
  readonly project?: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly location?: string;
  readonly state?: readonly string[];
  readonly pipeline?: string;
  readonly job?: string;
  readonly limit: number;
}

export function register(program: Command, world: World): void {
  const history = program
    .command('history')
    .description('What was released, newest first; also what was not, and why (-o wide).')
    .argument('[project]', 'key of the project (default: all)');
  withExamples(
    history,
    'waybill history A',
    'waybill history A --location prod1 --state completed',
    'waybill history --pipeline 4711 -o json',
  );
  withFilter(history).action((project: string | undefined, options: ListOptions) => list(world, project, options));

  const releases = program.command('releases').description('List and show releases.');
  withExamples(releases, 'waybill releases list --state held', 'waybill releases show 1f0c2a9b');
  withFilter(
    releases
      .command('list', { isDefault: true })
      .description('List releases, newest first.')
      .option('--project <key>', 'of this project only'),
  ).action((options: ListOptions) => list(world, options.project, options));
  withOutput(
    releases
      .command('show')
      .description('Show a release: its configuration, approvals and deployments.')
      .argument('<release>', 'id, or its first eight characters or more'),
  ).action(async (id: string, options: OutputOptions) => {
    const { release } = await ledgerOf(world).ask<ReleaseDetailAnswer>(RELEASE_DETAIL, { id });
    if (!release)
      throw new LedgerError('NOT_FOUND', `there is no release ${id}`, { hint: 'waybill history lists releases' });
    await printOne(world, options, release, () => describeRelease(world, release) + describeRest(release));
  });
}

function withFilter(command: Command): Command {
  return withOutput(
    command
      .option('--ref <ref>', 'of this branch or tag only')
      .option('--commit <id>', 'of this commit only')
      .option('--location <key>', 'that went to this location only')
      .addOption(new Option('--state <state...>', 'in these states only').choices(STATES))
      .option('--pipeline <id>', 'asked for by this pipeline only')
      .option('--job <id>', 'asked for by this job only')
      .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 20),
  );
}

async function list(world: World, project: string | undefined, options: ListOptions): Promise<void> {
  const filter = {
    project,
    ref: options.ref,
    commit: options.commit,
    location: options.location,
    states: options.state?.map((state) => state.toUpperCase()),
    pipelineId: options.pipeline,
    jobId: options.job,
  };
  const { nodes, total } = await readPages<ReleasesAnswer, Release>(
    ledgerOf(world),
    RELEASES,
    { filter },
    ({ releases }) => releases,
    options.limit,
  );
  await printList(world, options, { rows: nodes, total, noun: 'release', columns: releaseColumns(world) });
}

function describeRest(release: ReleaseDetail): string {
  const { config, url, attributes } = release;
  return facts([
    ['asked for', `${release.requestedAt} by ${personName(release.requestedBy) || release.via} (${release.trigger})`],
    ['reuses', release.reuses],
    ['pipeline', [release.pipelineId, release.jobId].filter(Boolean).join(' / ')],
    ['url', url],
    [
      'attributes',
      Object.entries(attributes)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
    ['resources', release.rule?.resources.join(', ')],
    ['rules revision', release.rulesRevision],
    [
      'config',
      config &&
        `${config.directory} at ${shortCommit(config.commit)}${config.fallback ? " (the rule's: the ref has none of its own)" : ''}`,
    ],
    [
      'approvals',
      release.approvals
        .map(
          ({ approver, at, current, reason }) =>
            `${personName(approver)} ${at}${current ? '' : ' (of earlier contents)'}${reason === null ? '' : `: ${reason}`}`,
        )
        .join('\n'),
    ],
    [
      'deployments',
      release.deployments
        .map(
          (row) =>
            `${row.name} ${row.state}${row.deliveredCommit ? `, commit ${shortCommit(row.deliveredCommit)}` : ''}`,
        )
        .join('\n'),
    ],
    ['correlation', release.correlationId],
  ]);
}
