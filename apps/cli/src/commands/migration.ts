import { Argument, type Command, InvalidArgumentError } from 'commander';
import {
  MIGRATE_LOCATION,
  MIGRATION_OF,
  MIGRATION_PLAN,
  type MigratingEnvironment,
  type Migration,
  type MigrationAnswer,
  type MigrationPayload,
  type MigrationPlan,
  type MigrationPlanAnswer,
  REMOVE_MIGRATED,
  RESUME_MIGRATION,
  REVERT_MIGRATION,
  STOP_MIGRATION,
} from '../documents/migrations.js';
import { EXIT, LedgerError, usageError } from '../exit.js';
import { ledgerOf } from '../ledger/client.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { type Column, facts, table } from '../output/table.js';
import { harmless, plural } from '../output/words.js';
import type { World } from '../world.js';
import { type ConfirmOptions, confirm, withConfirm } from './confirm.js';

interface MigrateOptions extends OutputOptions {
  readonly map: readonly { readonly from: string; readonly to: string }[];
  readonly remove: { readonly when: string; readonly seconds?: number };
  readonly dryRun?: boolean;
}

interface ShowOptions extends OutputOptions, ConfirmOptions {
  readonly watch?: boolean;
}

const ACTIONS = {
  stop: { document: STOP_MIGRATION, field: 'stopMigration', ask: null },
  resume: { document: RESUME_MIGRATION, field: 'resumeMigration', ask: null },
  remove: {
    document: REMOVE_MIGRATED,
    field: 'removeMigrated',
    ask: (location: string) => `Remove every environment of ${location} whose copy is healthy?`,
  },
  revert: {
    document: REVERT_MIGRATION,
    field: 'revertMigration',
    ask: (location: string) => `Give the migration of ${location} up and remove its copies?`,
  },
} as const;
type Action = keyof typeof ACTIONS;

export function registerMigration(location: Command, world: World): void {
  registerMigrate(location, world);
  registerShow(location, world);
}

function registerMigrate(parent: Command, world: World): void {
  withOutput(
    parent
      .command('migrate')
      .description(
        'Bring every environment of a location to another one. No project is touched; the old environments go when ' +
          '--remove says so, and never before their copies are healthy.',
      )
      .argument('<from>', 'the location that is left, such as prod1')
      .argument('<to>', 'the location that everything goes to, such as prod3')
      .option(
        '--remove <when>',
        'when old environments go: after-healthy, after=<duration> such as after=2h, or by-hand',
        removalFrom,
        { when: 'after-healthy' },
      )
      .option(
        '--map <from=to>',
        'a resource and the one that stands for it; the others are found by kind and name (repeatable)',
        (text: string, before: MigrateOptions['map']) => [...before, pairFrom(text)],
        [],
      )
      .option('--dry-run', 'only show what would be done, and what is in the way'),
  ).action(async (from: string, to: string, options: MigrateOptions) => {
    const wanted = { location: from, to, map: options.map };
    if (options.dryRun) return showPlan(world, options, wanted);
    const { migrateLocation } = await ledgerOf(world).command<{ migrateLocation: MigrationPayload }>(MIGRATE_LOCATION, {
      ...wanted,
      removal: options.remove,
    });
    await printMigration(world, options, migrateLocation.migration);
  });
}

async function showPlan(
  world: World,
  options: OutputOptions,
  input: { readonly location: string; readonly to: string; readonly map: MigrateOptions['map'] },
): Promise<void> {
  const { migrationPlan } = await ledgerOf(world).ask<MigrationPlanAnswer>(MIGRATION_PLAN, { input });
  await printOne(world, options, migrationPlan, (wide) => planText(migrationPlan, wide));
  const faulty = migrationPlan.environments.filter(({ problem }) => problem !== null).length;
  if (migrationPlan.problems.length + faulty > 0) world.endWith(EXIT.failed);
}

function planText({ location, to, resources, problems, environments }: MigrationPlan, wide: boolean): string {
  const columns: Column<MigrationPlan['environments'][number]>[] = [
    { title: 'environment', value: (row) => row.from },
    { title: 'becomes', value: (row) => row.to },
    { title: 'plan', value: (row) => row.problem ?? 'good' },
  ];
  const head = facts([
    ['migration', `${location} to ${to}, not started`],
    ['resources', resources.map((it) => `${it.from} -> ${it.to}`).join('\n') || 'none'],
    ['in the way', problems.map(({ field, message }) => `${field} ${message}`).join('\n') || 'nothing'],
  ]);
  return environments.length === 0 ? head : `${head}\n${table(columns, environments, wide)}`;
}

function registerShow(parent: Command, world: World): void {
  withOutput(
    withConfirm(
      parent
        .command('migration')
        .description(
          'Show how far the migration of a location is, or stop, resume or revert it, or let its old environments go ' +
            '(remove). Asks for a yes at a terminal only: a script is not asked.',
        )
        .argument('<location>', 'the location that is left')
        .addArgument(new Argument('[action]', 'what to do').choices(Object.keys(ACTIONS)))
        .option('--watch', 'follow it until it is over or stopped'),
    ),
  ).action(async (key: string, action: Action | undefined, options: ShowOptions) => {
    const location = key.toLowerCase();
    if (action) await act(world, location, action, options);
    if (options.watch) await follow(world, location);
    const migration = await read(world, location);
    await printMigration(world, options, migration);
  });
}

async function act(world: World, location: string, action: Action, options: ConfirmOptions): Promise<void> {
  const { document, ask } = ACTIONS[action];
  if (ask) await confirm(world, options, ask(location));
  await ledgerOf(world).command(document, { location });
}

async function read(world: World, location: string): Promise<Migration> {
  const { migration } = await ledgerOf(world).ask<MigrationAnswer>(MIGRATION_OF, { location });
  if (migration) return migration;
  throw new LedgerError('NOT_FOUND', `${location} is not being migrated, nor was it ever`, {
    hint: `waybill location migrate ${location} <to> starts a migration`,
  });
}

/** Between two looks. Milliseconds. */
const INTERVAL = 1_000;

/** Says on stderr what changed, until nothing more will by itself. */
async function follow(world: World, location: string): Promise<void> {
  let said = '';
  for (;;) {
    const migration = await read(world, location);
    const line = `${migration.location} to ${migration.to}: ${progress(migration)}`;
    if (line !== said) world.err(`${harmless(line)}\n`);
    said = line;
    if (isOver(migration)) return;
    await world.wait(INTERVAL);
  }
}

function isOver({ state, environments, removal }: Migration): boolean {
  if (state === 'reverted') return environments.every(({ step }) => step === 'kept');
  if (state !== 'running') return true;
  return removal.when === 'by-hand' && environments.every(({ step }) => step === 'cut-over' || step === 'moved');
}

/** `running, 98 moved, 1 deploying, 1 failed`. */
function progress({ state, environments }: Migration): string {
  const counts = new Map<string, number>();
  for (const { step } of environments) counts.set(step, (counts.get(step) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([step, n]) => `${n} ${step}`);
  return [state, ...(parts.length === 0 ? ['no environments'] : parts)].join(', ');
}

const columns: Column<MigratingEnvironment>[] = [
  { title: 'environment', value: (row) => row.from },
  { title: 'copy', value: (row) => row.to },
  { title: 'step', value: (row) => row.step },
  { title: 'message', value: (row) => row.message ?? '' },
  { title: 'counts since', value: (row) => row.cutOverAt ?? '', wide: true },
];

async function printMigration(world: World, options: OutputOptions, migration: Migration): Promise<void> {
  const { location, to, resources, removal, environments, revertible, startedAt, finishedAt } = migration;
  await printOne(
    world,
    options,
    migration,
    (wide) =>
      facts([
        ['migration', `${location} to ${to}`],
        ['progress', progress(migration)],
        ['resources', resources.map((it) => `${it.from} -> ${it.to}`).join('\n')],
        ['removal', removal.seconds === null ? removal.when : `${plural(removal.seconds, 'second')} after cut-over`],
        ['revertible', revertible ? 'yes' : 'no'],
        ['started', startedAt],
        ['finished', finishedAt],
      ]) + (environments.length === 0 ? '' : `\n${table(columns, environments, wide)}`),
  );
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

function removalFrom(text: string): MigrateOptions['remove'] {
  if (text === 'after-healthy' || text === 'by-hand') return { when: text };
  const match = /^after=([0-9]{1,6})(s|m|h|d)$/.exec(text);
  if (!match)
    throw new InvalidArgumentError('after-healthy, by-hand, or after=<duration> such as after=30m, 2h or 1d.');
  return { when: 'after', seconds: Number(match[1]) * UNITS[match[2]!]! };
}

function pairFrom(text: string): { readonly from: string; readonly to: string } {
  const [from, to, ...more] = text.split('=');
  if (from && to && more.length === 0) return { from, to };
  throw usageError(`--map ${text} is not of the form <from>=<to>`, 'such as --map kubernetes-prod1=kubernetes-prod3');
}
