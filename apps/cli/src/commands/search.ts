import type { Command } from 'commander';
import { SEARCH, type SearchAnswer, type SearchHit } from '../documents/search.js';
import { usageError } from '../exit.js';
import { collectPairs, wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { paintState } from '../output/colours.js';
import { type OutputOptions, printList, withOutput } from '../output/print.js';
import { refOf } from '../output/release.js';
import type { Column } from '../output/table.js';
import { age, shortCommit, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

interface SearchOptions extends OutputOptions {
  readonly project?: string;
  readonly ref?: string;
  readonly commit?: string;
  readonly digest?: string;
  readonly configCommit?: string;
  readonly person?: string;
  readonly pipeline?: string;
  readonly job?: string;
  readonly attribute?: Readonly<Record<string, string>>;
  readonly location?: string;
  readonly environment?: string;
  readonly event?: string;
  readonly limit: number;
}

export function register(program: Command, world: World): void {
  const search = program
    .command('search')
    .description('Find releases and their deployments by anything that belongs to them, newest first.')
    .argument('[text]', 'a commit, digest, ref, id, person, place or key=value; or give options')
    .option('--project <key>', 'of this project')
    .option('--ref <ref>', 'of this branch or tag')
    .option('--commit <id>', 'of this commit, or one that starts so')
    .option('--digest <digest>', 'of this image or package')
    .option('--config-commit <id>', 'with the configuration of this commit')
    .option('--person <login>', 'that this person asked for, approved, refused, cancelled or configured')
    .option('--pipeline <id>', 'asked for by this pipeline')
    .option('--job <id>', 'asked for by this job')
    .option('--attribute <key=value>', 'with this attribute; may be repeated', collectPairs('--attribute'))
    .option('--location <key>', 'planned for this location')
    .option('--environment <name>', 'deployed to this environment')
    .option('--event <id>', 'that this event belongs to')
    .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 20);
  withExamples(
    search,
    'waybill search 3f2a91c',
    'waybill search ticket=SHOP-7',
    'waybill search --pipeline 4711 --location prod1',
  );
  withOutput(search).action(async (text: string | undefined, options: SearchOptions) => {
    const by = given(options);
    if ((text === undefined) === (by === undefined)) {
      throw usageError('give either a text or options to search by');
    }
    const variables = { text, by, first: options.limit, after: null };
    const { nodes, pageInfo } = (await ledgerOf(world).ask<SearchAnswer>(SEARCH, variables)).search;
    await printList(world, options, { rows: nodes, noun: 'release', columns: columns(world) });
    if (pageInfo.hasNextPage) world.err('there are more; --limit shows more, options narrow the search\n');
  });
}

function given(options: SearchOptions): Record<string, unknown> | undefined {
  const { project, ref, commit, digest, configCommit, person, location, environment, event } = options;
  const attributes = options.attribute && Object.entries(options.attribute).map(([name, value]) => ({ name, value }));
  const by = {
    ...{ project, ref, commit, digest, configCommit, person, location, environment, event, attributes },
    pipelineId: options.pipeline,
    jobId: options.job,
  };
  return Object.values(by).some((value) => value !== undefined) ? by : undefined;
}

const columns = (world: World): Column<SearchHit>[] => [
  { title: 'release', value: ({ release }) => (release ? shortId(release.id) : 'removal') },
  { title: 'project', value: ({ release }) => release?.project },
  { title: 'ref', value: ({ release }) => release && refOf(release) },
  { title: 'commit', value: ({ release }) => shortCommit(release?.commit) },
  {
    title: 'state',
    value: ({ release, deployments }) => release?.state.toLowerCase() ?? deployments[0]?.state,
    paint: (text) => paintState(world, text),
  },
  {
    title: 'deployments',
    value: ({ deployments }) => deployments.map(({ name, state }) => `${name} ${state}`).join(', '),
  },
  {
    title: 'age',
    value: ({ release, deployments }) => {
      const since = release?.requestedAt ?? deployments[0]?.requestedAt;
      return since && age(since, world.now());
    },
  },
  { title: 'found by', value: ({ foundBy }) => foundBy.join(','), wide: true },
  { title: 'reason', value: ({ release }) => release?.reason, wide: true },
];
