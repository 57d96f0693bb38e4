import { type FieldProblem, WaybillError, assertNever } from '@waybill/kernel';
import type { LocationCommand, MigrationContext } from './commands.js';
import type { LocationEvent } from './events.js';
import type { MappedResource, MigrationState } from './migration.js';
import type { LocationResource, LocationState } from './state.js';

type CommandOf<Type extends LocationCommand['type']> = Extract<LocationCommand, { type: Type }>;
export type MigrationCommand = CommandOf<
  | 'StartMigration'
  | 'StopMigration'
  | 'ResumeMigration'
  | 'RequestMigrationRemoval'
  | 'RevertMigration'
  | 'BeginMigrationRemoval'
  | 'CompleteMigration'
>;

export function decideMigration(command: MigrationCommand, state: LocationState): readonly LocationEvent[] {
  if (command.type === 'StartMigration') return start(command, state);
  const { location } = command.data;
  const migration = state.migration;
  if (!migration) {
    throw new WaybillError('NOT_FOUND', `location ${location} is not being migrated, nor was it ever`, {
      hint: `waybill location migrate ${location} <to> starts a migration.`,
    });
  }
  const data = { location, migration: migration.number };
  switch (command.type) {
    case 'StopMigration':
      if (migration.phase === 'stopped') return [];
      requirePhase(location, migration, 'running', 'stopped');
      return [{ type: 'MigrationStopped', data }];
    case 'ResumeMigration':
      if (migration.phase === 'running') return [];
      requirePhase(location, migration, 'stopped', 'resumed');
      return [{ type: 'MigrationResumed', data }];
    case 'RequestMigrationRemoval':
      if (migration.removal.when === 'after-healthy' && migration.phase === 'running') return [];
      requirePhase(location, migration, 'running', 'told to remove');
      return [{ type: 'MigrationRemovalRequested', data }];
    case 'RevertMigration':
      return revert(location, migration);
    case 'BeginMigrationRemoval':
      // What a policy found before somebody stopped or reverted the migration is no longer so.
      if (migration.number !== command.data.migration || migration.removalBegun) return [];
      return migration.phase === 'running' ? [{ type: 'MigrationRemovalBegun', data }] : [];
    case 'CompleteMigration': {
      if (migration.number !== command.data.migration || migration.phase !== 'running') return [];
      const { environments } = command.data;
      return [{ type: 'MigrationCompleted', data: { ...data, to: migration.to, environments } }];
    }
    default:
      return assertNever(command);
  }
}

function revert(location: string, migration: MigrationState): readonly LocationEvent[] {
  if (migration.phase === 'reverted') return [];
  if (migration.phase === 'completed') requirePhase(location, migration, 'running', 'reverted');
  if (migration.removalBegun) {
    throw new WaybillError('INVALID_STATE', `the migration of ${location} can no longer be reverted`, {
      hint: `Environments were removed at ${location} already. Resume it, or onboard a location to migrate ${migration.to} to.`,
    });
  }
  return [{ type: 'MigrationReverted', data: { location, migration: migration.number } }];
}

function requirePhase(
  location: string,
  { phase }: MigrationState,
  wanted: MigrationState['phase'],
  participle: string,
): void {
  if (phase === wanted) return;
  const hint =
    phase === 'stopped'
      ? `Resume it first: waybill location migration ${location} resume.`
      : `Its migration is over; waybill location migration ${location} shows it.`;
  throw new WaybillError('INVALID_STATE', `the migration of ${location} is ${phase} and cannot be ${participle}`, {
    hint,
  });
}

function start({ data, context }: CommandOf<'StartMigration'>, state: LocationState): readonly LocationEvent[] {
  const { location, to, removal } = data;
  const { resources, problems } = planMigration(data, context, state);
  if (problems.length > 0) {
    const running = problems.every(({ field }) => field === 'location');
    throw new WaybillError(
      running ? 'INVALID_STATE' : 'INVALID_INPUT',
      `${location} cannot be migrated to ${to}: ${problems.map(({ field, message }) => `${field} ${message}`).join('; ')}`,
      { fields: problems, hint: `waybill location migrate ${location} ${to} --dry-run shows what would be done.` },
    );
  }
  const migration = (state.migration?.number ?? 0) + 1;
  return [{ type: 'MigrationStarted', data: { location, migration, to, resources: [...resources], removal } }];
}

export interface MigrationPlan {
  /** What stands for what, as far as that is known. */
  readonly resources: readonly MappedResource[];
  /** Why it cannot be started; empty when it can. */
  readonly problems: readonly FieldProblem[];
}

/** What a migration would map, and everything that is in its way: of both locations, before anything is written. */
export function planMigration(
  { location, to, map }: Pick<CommandOf<'StartMigration'>['data'], 'location' | 'to' | 'map'>,
  context: MigrationContext,
  state: LocationState,
): MigrationPlan {
  const problems: FieldProblem[] = [
    ...sourceProblems(location, context, state),
    ...targetProblems(location, to, context),
  ];
  const resources: MappedResource[] = [];
  if (state.delivery !== null && context.target?.delivery) {
    const offered = Object.entries(context.target.resources).filter(([, { retired }]) => !retired);
    for (const [from, { kind, retired }] of Object.entries(state.resources)) {
      if (retired) continue;
      const found = counterpart({ location, to, from, kind, given: map[from] }, new Map(offered));
      if (typeof found === 'string') problems.push({ field: `map.${from}`, message: found });
      else resources.push({ from, to: found.to, kind });
    }
    for (const from of Object.keys(map)) {
      const known = Object.hasOwn(state.resources, from) ? state.resources[from] : undefined;
      if (known && !known.retired) continue;
      problems.push({ field: `map.${from}`, message: `${from} is no resource in use at ${location}` });
    }
    if (resources.length === 0 && problems.length === 0) {
      problems.push({ field: 'location', message: `${location} has no resources in use: there is nothing to migrate` });
    }
    problems.push(...servedProblems(to, resources, context));
  }
  return { resources, problems };
}

function sourceProblems(location: string, { arriving }: MigrationContext, state: LocationState): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ field: 'location', message }];
  if (state.delivery === null) return problem(`${location} is not onboarded`);
  if (state.retired) return problem(`${location} is retired`);
  const { migration } = state;
  if (migration?.phase === 'running' || migration?.phase === 'stopped') {
    return problem(`${location} is being migrated to ${migration.to} already (${migration.phase})`);
  }
  if (migration?.phase === 'completed') return problem(`${location} was migrated to ${migration.to} already`);
  return arriving.length === 0 ? [] : problem(`${arriving.join(', ')} is being migrated to ${location}: wait for that`);
}

function targetProblems(location: string, to: string, { target, occupied }: MigrationContext): FieldProblem[] {
  const problem = (message: string): FieldProblem[] => [{ field: 'to', message }];
  if (to === location) return problem('is the location itself');
  if (!target || target.delivery === null) return problem(`${to} is not onboarded`);
  if (target.retired) return problem(`${to} is retired`);
  const onward = target.migration;
  if (onward && onward.phase !== 'reverted') {
    return onward.to === location
      ? problem(`${to} itself ${onward.phase === 'completed' ? 'was' : 'is being'} migrated to ${location}: a cycle`)
      : problem(`${to} itself ${onward.phase === 'completed' ? 'was' : 'is being'} migrated, to ${onward.to}`);
  }
  const problems: FieldProblem[] = [];
  if (target.delivery.kind !== 'git' && !target.operator) problems.push(...problem(`${to} has no operator yet`));
  else if (target.operator?.silent) problems.push(...problem(`the operator of ${to} is silent`));
  if (occupied.length > 0) {
    const more = occupied.length > 5 ? ` and ${occupied.length - 5} more` : '';
    problems.push(...problem(`has an environment already: ${occupied.slice(0, 5).join(', ')}${more}`));
  }
  return problems;
}

interface Wanted {
  readonly location: string;
  readonly to: string;
  readonly from: string;
  readonly kind: LocationResource['kind'];
  readonly given: string | undefined;
}

/** The one that is named, else the one called alike (`kubernetes-prod1`, `kubernetes-prod3`), else the only one of the kind. */
function counterpart(
  { location, to, from, kind, given }: Wanted,
  offered: ReadonlyMap<string, LocationResource>,
): { readonly to: string } | string {
  if (given !== undefined) {
    const named = offered.get(given);
    if (!named) return `${given} is no resource in use at ${to}`;
    return named.kind === kind ? { to: given } : `${given} is ${named.kind}, ${from} is ${kind}`;
  }
  const same = [...offered].flatMap(([key, resource]) => (resource.kind === kind ? key : []));
  const alike = from.endsWith(location) ? `${from.slice(0, -location.length)}${to}` : from;
  const found = same.find((key) => key === alike) ?? (same.length === 1 ? same[0] : undefined);
  if (found !== undefined) return { to: found };
  return same.length === 0
    ? `${to} has no resource of kind ${kind} for ${from}: onboard ${kind}-${to}`
    : `${to} has several of kind ${kind} for ${from} (${same.join(', ')}): say which with --map ${from}=<one>`;
}

/** What the cluster must serve, in whatever version, for a kind of resource to be of use. */
const NEEDS: { readonly [Kind in LocationResource['kind']]?: readonly string[] } = {
  kubernetes: ['apps/Deployment', '/Service', '/ConfigMap'],
  istio: ['networking.istio.io/VirtualService', 'networking.istio.io/DestinationRule'],
};

function servedProblems(
  to: string,
  resources: readonly MappedResource[],
  { target }: MigrationContext,
): FieldProblem[] {
  const { operator, delivery } = target ?? {};
  if (!operator || delivery?.kind !== 'cluster' || operator.capabilities.length === 0) return [];
  const served = new Set(operator.capabilities.map(withoutVersion));
  return [...new Set(resources.map(({ kind }) => kind))].flatMap((kind) => {
    const lacking = (NEEDS[kind] ?? []).filter((needed) => !served.has(needed));
    if (lacking.length === 0) return [];
    const names = lacking.map((name) => name.replace(/^\//, '')).join(', ');
    return [{ field: 'to', message: `the cluster of ${to} does not serve ${names}, which ${kind} needs` }];
  });
}

/** `group/version/kind` and `version/kind` as `group/kind` and `/kind`. */
function withoutVersion(capability: string): string {
  const parts = capability.split('/');
  return parts.length === 3 ? `${parts[0]}/${parts[2]}` : `/${parts.at(-1)}`;
}
