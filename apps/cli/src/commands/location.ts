import { type Command, Option } from 'commander';
import {
  CHANGE_LOCATION,
  type Location,
  LOCATION_BY_KEY,
  type LocationAnswer,
  type LocationPayload,
  LOCATIONS,
  type LocationsAnswer,
  ONBOARD_LOCATION,
  RETIRE_LOCATION,
} from '../documents/locations.js';
import { LedgerError, usageError } from '../exit.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { type Column, facts, table } from '../output/table.js';
import { plural } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';
import { registerMigration } from './migration.js';
import { resourceColumns } from './resource.js';

const DELIVERIES = ['git', 'cluster', 'ansible', 'gateway'];

interface DeliveryOptions extends OutputOptions {
  readonly delivery: string;
  readonly repository?: string;
  readonly branch?: string;
}

export function register(program: Command, world: World): void {
  const location = program
    .command('location')
    .description('Where deployments are delivered: a cluster, a group of machines, a gateway, a Git repository.');
  withExamples(
    location,
    'waybill location onboard dev --delivery git --repository https://git.example/ops/dev.git',
    'waybill location list',
    'waybill location migrate prod1 prod3 --dry-run',
  );
  registerWrite(location, world, 'onboard', 'Onboard a location with its way of delivery.', ONBOARD_LOCATION);
  registerWrite(location, world, 'change', 'Change the way of delivery of a location.', CHANGE_LOCATION);
  registerList(location, world);
  registerShow(location, world);
  registerRetire(location, world);
  registerMigration(location, world);
}

function registerWrite(
  parent: Command,
  world: World,
  name: 'onboard' | 'change',
  summary: string,
  document: string,
): void {
  withOutput(
    parent
      .command(name)
      .description(summary)
      .argument('<location>', 'its key, such as prod1')
      .addOption(new Option('--delivery <kind>', 'how it is reached').choices(DELIVERIES).default('git'))
      .option('--repository <url>', 'for git: the repository that holds its full planned state')
      .option('--branch <name>', 'for git: the branch (default main)'),
  ).action(async (key: string, options: DeliveryOptions) => {
    const answer = await ledgerOf(world).command<Record<string, LocationPayload>>(document, {
      key,
      delivery: deliveryFrom(options),
    });
    const written = answer[`${name}Location`]?.location;
    if (written) await printLocation(world, options, written);
  });
}

function deliveryFrom(options: DeliveryOptions): Record<string, string> {
  if (options.delivery !== 'git') {
    if (options.repository !== undefined) throw usageError('--repository goes with --delivery git only');
    return { kind: options.delivery };
  }
  if (options.repository === undefined) {
    throw usageError('git delivery needs a repository', 'give --repository <url>, or --delivery cluster');
  }
  return { kind: 'git', repository: options.repository, branch: options.branch ?? 'main' };
}

function registerList(parent: Command, world: World): void {
  const columns: Column<Location>[] = [
    { title: 'location', value: (row) => row.key },
    { title: 'delivery', value: (row) => row.delivery.kind },
    { title: 'resources', value: (row) => row.resources.map(({ key }) => key).join(',') },
    { title: 'operator', value: operatorOf },
    { title: 'state', value: (row) => (row.retired ? 'retired' : 'in use') },
    { title: 'repository', value: (row) => row.delivery.repository, wide: true },
    { title: 'branch', value: (row) => row.delivery.branch, wide: true },
  ];
  withOutput(
    parent
      .command('list')
      .description('List locations.')
      .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 100),
  ).action(async (options: OutputOptions & { limit: number }) => {
    const { nodes, total } = await readPages<LocationsAnswer, Location>(
      ledgerOf(world),
      LOCATIONS,
      {},
      ({ locations }) => locations,
      options.limit,
    );
    await printList(world, options, { rows: nodes, total, noun: 'location', columns });
  });
}

const operatorOf = ({ operator }: Location): string =>
  operator === null ? 'none yet' : operator.silent ? 'silent' : 'connected';

function registerShow(parent: Command, world: World): void {
  withOutput(
    parent.command('show').description('Show a location with its resources.').argument('<location>', 'its key'),
  ).action(async (key: string, options: OutputOptions) => {
    const { location } = await ledgerOf(world).ask<LocationAnswer>(LOCATION_BY_KEY, { key });
    if (!location)
      throw new LedgerError('NOT_FOUND', `there is no location ${key}`, { hint: 'waybill location list shows them' });
    await printLocation(world, options, location);
  });
}

function registerRetire(parent: Command, world: World): void {
  withOutput(
    parent
      .command('retire')
      .description('Take a location out of use: it gets no more deployments.')
      .argument('<location>', 'its key'),
  ).action(async (key: string, options: OutputOptions) => {
    const answer = await ledgerOf(world).command<{ retireLocation: LocationPayload }>(RETIRE_LOCATION, { key });
    await printLocation(world, options, answer.retireLocation.location);
  });
}

/** A location in a few lines and its resources as a table; resource commands answer with it too. */
export async function printLocation(world: World, options: OutputOptions, location: Location): Promise<void> {
  const { delivery, operator, resources } = location;
  await printOne(
    world,
    options,
    location,
    (wide) =>
      facts([
        ['location', location.key],
        ['state', location.retired ? 'retired' : 'in use'],
        ['delivery', [delivery.kind, delivery.repository, delivery.branch].filter(Boolean).join(' ')],
        [
          'operator',
          operator &&
            `${operatorOf(location)} since ${operator.silentSince ?? operator.connectedAt}, ${[operator.software, operator.version].filter(Boolean).join(' ')}`,
        ],
        ['epoch', operator && String(operator.epoch)],
        ['capabilities', operator && plural(operator.capabilities.length, 'kind')],
      ]) + (resources.length === 0 ? '' : `\n${table(resourceColumns, resources, wide)}`),
  );
}
