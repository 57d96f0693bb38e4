import { type Command, Option } from 'commander';
import {
  CHANGE_RESOURCE,
  type LocationPayload,
  ONBOARD_RESOURCE,
  type Resource,
  RESOURCES,
  type ResourcesAnswer,
  RETIRE_RESOURCE,
} from '../documents/locations.js';
import { LedgerError } from '../exit.js';
import { collectPairs, wholeNumber } from '../input.js';
import { type Ledger, ledgerOf } from '../ledger/client.js';
import { readPages } from '../ledger/pages.js';
import { type OutputOptions, printList, printOne, withOutput } from '../output/print.js';
import { type Column, facts } from '../output/table.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

const KINDS = ['kubernetes', 'istio', 'knative', 'gateway-api', 'vm', 'apig'];

interface ResourceOptions extends OutputOptions {
  readonly location: string;
  readonly kind?: string;
  readonly param?: Record<string, string | number | boolean>;
  readonly connection?: string;
}

const parametersOf = ({ parameters }: Resource): string =>
  Object.entries(parameters)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(' ');

export const resourceColumns: Column<Resource>[] = [
  { title: 'resource', value: (row) => row.key },
  { title: 'kind', value: (row) => row.kind },
  { title: 'location', value: (row) => row.location },
  { title: 'parameters', value: parametersOf },
  { title: 'state', value: (row) => (row.retired ? 'retired' : 'in use') },
  { title: 'connection', value: (row) => row.connection, wide: true },
];

export function register(program: Command, world: World): void {
  const resource = program
    .command('resource')
    .description('Capabilities onboarded at a location: what branch rules name.');
  withExamples(
    resource,
    'waybill resource onboard kubernetes-dev --location dev --param namespace=dev',
    'waybill resource list --kind istio',
  );
  registerWrite(resource, world, 'onboard', 'Onboard a resource at a location.', ONBOARD_RESOURCE);
  registerWrite(
    resource,
    world,
    'change',
    'Change the parameters or connection of a resource: all of them.',
    CHANGE_RESOURCE,
  );
  registerList(resource, world);
  registerShow(resource, world);
  registerRetire(resource, world);
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
      .argument('<resource>', 'its key, such as kubernetes-dev')
      .requiredOption('--location <key>', 'where it is')
      .addOption(new Option('--kind <kind>', 'what it is (default: the beginning of the key)').choices(KINDS))
      .option('--param <key=value>', 'a parameter; may be repeated', collectPairs('--param', true))
      .option('--connection <reference>', 'name of the connection the operator holds; never a secret'),
  ).action(async (key: string, options: ResourceOptions) => {
    const answer = await ledgerOf(world).command<Record<string, LocationPayload>>(document, {
      key,
      location: options.location,
      kind: options.kind,
      parameters: options.param,
      connection: options.connection,
    });
    const written = answer[`${name}Resource`]?.location.resources.find((row) => row.key === key.toLowerCase());
    if (written) await printResource(world, options, written);
  });
}

function registerList(parent: Command, world: World): void {
  withOutput(
    parent
      .command('list')
      .description('List resources.')
      .option('--location <key>', 'at this location only')
      .addOption(new Option('--kind <kind>', 'of this kind only').choices(KINDS))
      .option('--limit <number>', 'at most this many', wholeNumber('--limit', 1), 100),
  ).action(async (options: OutputOptions & { location?: string; kind?: string; limit: number }) => {
    const { nodes, total } = await readPages<ResourcesAnswer, Resource>(
      ledgerOf(world),
      RESOURCES,
      { location: options.location, kind: options.kind },
      ({ resources }) => resources,
      options.limit,
    );
    await printList(world, options, { rows: nodes, total, noun: 'resource', columns: resourceColumns });
  });
}

function registerShow(parent: Command, world: World): void {
  withOutput(parent.command('show').description('Show a resource.').argument('<resource>', 'its key')).action(
    async (key: string, options: OutputOptions) =>
      printResource(world, options, await findResource(ledgerOf(world), key)),
  );
}

/** The ledger lists resources but has no lookup of one: there are tens of them, not thousands. */
async function findResource(ledger: Ledger, key: string): Promise<Resource> {
  const { nodes } = await readPages<ResourcesAnswer, Resource>(
    ledger,
    RESOURCES,
    {},
    (answer) => answer.resources,
    Infinity,
  );
  const found = nodes.find((row) => row.key === key.toLowerCase());
  if (found) return found;
  throw new LedgerError('NOT_FOUND', `there is no resource ${key}`, { hint: 'waybill resource list shows them' });
}

function registerRetire(parent: Command, world: World): void {
  withOutput(
    parent
      .command('retire')
      .description('Take a resource out of use: rules that name it hold their releases.')
      .argument('<resource>', 'its key'),
  ).action(async (key: string, options: OutputOptions) => {
    const answer = await ledgerOf(world).command<{ retireResource: LocationPayload }>(RETIRE_RESOURCE, { key });
    const written = answer.retireResource.location.resources.find((row) => row.key === key.toLowerCase());
    if (written) await printResource(world, options, written);
    else world.err(`${key} is retired\n`);
  });
}

async function printResource(world: World, options: OutputOptions, resource: Resource): Promise<void> {
  await printOne(world, options, resource, () =>
    facts([
      ['resource', resource.key],
      ['kind', resource.kind],
      ['location', resource.location],
      ['state', resource.retired ? 'retired' : 'in use'],
      ['parameters', parametersOf(resource)],
      ['connection', resource.connection],
    ]),
  );
}
