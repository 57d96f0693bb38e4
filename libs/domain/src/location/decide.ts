import { WaybillError, assertNever, canonicalText, type Decider } from '@waybill/kernel';
import { requireRole } from '../access/require-role.js';
import { resourceKindOf } from '../rules/resource-kind.js';
import type { ResourceKind } from '../vocabulary.js';
import type { LocationCommand } from './commands.js';
import type { Delivery, LocationEvent } from './events.js';
import { decideMigration } from './decide-migration.js';
import { softwareOf } from './software.js';
import { evolveLocation, initialLocationState, type LocationOperator, type LocationState } from './state.js';

/**
 * One location with its resources and its operator. DevOps onboards, changes and retires; an operator (or what hears
 * it) reports. Asking for what is so already writes nothing; an operator's older epoch, or what
 * it told before, neither.
 */
export const locationDecider: Decider<LocationState, LocationCommand, LocationEvent> = {
  initialState: initialLocationState,
  decide: decideLocation,
  evolve: evolveLocation,
};

/** Ways of delivery that can carry a kind of resource. */
const DELIVERIES: Readonly<Record<ResourceKind, readonly Delivery['kind'][]>> = {
  kubernetes: ['cluster', 'git'],
  istio: ['cluster', 'git'],
  knative: ['cluster', 'git'],
  'gateway-api': ['cluster', 'git'],
  vm: ['ansible', 'git'],
  apig: ['gateway', 'git'],
};

type CommandOf<Type extends LocationCommand['type']> = Extract<LocationCommand, { type: Type }>;

function decideLocation(command: LocationCommand, state: LocationState): readonly LocationEvent[] {
  const { actor } = command.metadata;
  switch (command.type) {
    case 'RecordOperatorConnected':
    case 'RecordOperatorSilent':
    case 'RecordOperatorHeard':
    case 'RecordLocationResynced':
      // That nothing is heard, or differs, is found by a policy.
      if (actor.kind !== 'operator' && actor.kind !== 'policy') {
        requireRole(actor, ['adapter'], 'speaking for an operator');
      }
      return recordOperator(command, state);
    case 'OnboardLocation':
      requireRole(actor, ['devops'], 'onboarding a location');
      return onboardLocation(command, state);
    case 'ChangeLocation':
      requireRole(actor, ['devops'], 'changing a location');
      return changeLocation(command, state);
    case 'RetireLocation':
      requireRole(actor, ['devops'], 'retiring a location');
      requireOnboarded(command.data.location, state);
      if (!state.retired) requireNotMigrating(command, state);
      return state.retired ? [] : [{ type: 'LocationRetired', data: command.data }];
    case 'OnboardResource':
      requireRole(actor, ['devops'], 'onboarding a resource');
      return onboardResource(command, state);
    case 'ChangeResource':
      requireRole(actor, ['devops'], 'changing a resource');
      return changeResource(command, state);
    case 'RetireResource': {
      requireRole(actor, ['devops'], 'retiring a resource');
      requireOnboarded(command.data.location, state);
      const { retired } = requireResource(command.data, state);
      if (!retired) requireUnused(command.data, state);
      return retired ? [] : [{ type: 'ResourceRetired', data: command.data }];
    }
    case 'StartMigration':
    case 'StopMigration':
    case 'ResumeMigration':
    case 'RequestMigrationRemoval':
    case 'RevertMigration':
      requireRole(actor, ['devops'], 'migrating a location');
      return decideMigration(command, state);
    case 'BeginMigrationRemoval':
    case 'CompleteMigration':
      // How far it is, is found by a policy.
      if (actor.kind !== 'policy') requireRole(actor, ['devops'], 'migrating a location');
      return decideMigration(command, state);
    default:
      return assertNever(command);
  }
}

/** Neither the location that is left nor the one that is moved to goes while a migration is under way. */
function requireNotMigrating({ data, context }: CommandOf<'RetireLocation'>, { migration }: LocationState): void {
  const leaving = migration?.phase === 'running' || migration?.phase === 'stopped';
  const [arriving] = context?.arriving ?? [];
  if (!leaving && arriving === undefined) return;
  const from = leaving ? data.location : arriving;
  const what = leaving ? `${data.location} is being migrated to ${migration.to}` : `${from} is being migrated to it`;
  throw new WaybillError('INVALID_STATE', `location ${data.location} cannot be retired: ${what}`, {
    hint: `Wait until the migration is completed, or revert it: waybill location migration ${from}.`,
  });
}

function requireUnused(
  { location, resource }: { readonly location: string; readonly resource: string },
  { migration }: LocationState,
): void {
  if (migration?.phase !== 'running' && migration?.phase !== 'stopped') return;
  throw new WaybillError('INVALID_STATE', `resource ${resource} cannot be retired: ${location} is being migrated`, {
    hint: `Wait until the migration is completed, or revert it: waybill location migration ${location}.`,
  });
}

/** A retired location may be onboarded again: its resources are still there. */
function onboardLocation({ data }: CommandOf<'OnboardLocation'>, state: LocationState): readonly LocationEvent[] {
  if (state.delivery !== null && !state.retired) {
    if (same(state.delivery, data.delivery)) return [];
    throw new WaybillError('ALREADY_EXISTS', `location ${data.location} is onboarded already, with another delivery`, {
      hint: 'Change the location instead, or choose another key.',
    });
  }
  requireCarriesAll(data.delivery, state);
  return [{ type: 'LocationOnboarded', data }];
}

function changeLocation({ data }: CommandOf<'ChangeLocation'>, state: LocationState): readonly LocationEvent[] {
  requireInUse(data.location, state);
  if (same(state.delivery, data.delivery)) return [];
  requireCarriesAll(data.delivery, state);
  return [{ type: 'LocationChanged', data }];
}

function onboardResource(
  { data, context }: CommandOf<'OnboardResource'>,
  state: LocationState,
): readonly LocationEvent[] {
  const { location, resource, kind } = data;
  const delivery = requireInUse(location, state);
  if (resourceKindOf(resource) !== kind) {
    throw invalid('resource', `must start with its kind and a hyphen, such as ${kind}-${location}`);
  }
  if (context.elsewhere !== null && context.elsewhere !== location) {
    throw new WaybillError('ALREADY_EXISTS', `resource ${resource} is onboarded at location ${context.elsewhere}`, {
      hint: 'Keys of resources are unique: choose another one, or retire that resource first.',
    });
  }
  requireCarries(delivery, kind);
  const known = state.resources[resource];
  if (known && !known.retired) {
    if (same(offered(known), offered(data))) return [];
    throw new WaybillError('ALREADY_EXISTS', `resource ${resource} is onboarded at ${location} already`, {
      hint: 'Change the resource instead, or choose another key.',
    });
  }
  return [{ type: 'ResourceOnboarded', data }];
}

function changeResource({ data }: CommandOf<'ChangeResource'>, state: LocationState): readonly LocationEvent[] {
  requireInUse(data.location, state);
  const known = requireResource(data, state);
  if (known.retired) {
    throw new WaybillError('INVALID_STATE', `resource ${data.resource} is retired`, {
      hint: 'Onboard it again first.',
    });
  }
  if (known.kind !== data.kind) throw invalid('kind', `is ${known.kind} and stays so; onboard another resource`);
  return same(offered(known), offered(data)) ? [] : [{ type: 'ResourceChanged', data }];
}

function recordOperator(
  command: CommandOf<
    'RecordOperatorConnected' | 'RecordOperatorSilent' | 'RecordOperatorHeard' | 'RecordLocationResynced'
  >,
  state: LocationState,
): readonly LocationEvent[] {
  requireOnboarded(command.data.location, state);
  const known = state.operator;
  // What is said of an operator that a newer one has replaced is no news.
  const isCurrent = known?.epoch === command.data.epoch;
  switch (command.type) {
    case 'RecordOperatorConnected': {
      if (known && !isNewsOf(known, command.data)) return [];
      const software = softwareOf(command.data.software);
      return [{ type: 'OperatorConnected', data: { ...command.data, software } }];
    }
    case 'RecordOperatorSilent':
      return isCurrent && !known.silent ? [{ type: 'OperatorSilent', data: command.data }] : [];
    case 'RecordOperatorHeard':
      return isCurrent && known.silent ? [{ type: 'OperatorHeard', data: command.data }] : [];
    case 'RecordLocationResynced':
      return isCurrent ? [{ type: 'LocationResynced', data: command.data }] : [];
    default:
      return assertNever(command);
  }
}

/** A newer operator, or the same one whose location serves something else than it told before. */
function isNewsOf(known: LocationOperator, { epoch, capabilities }: OperatorTold): boolean {
  if (epoch !== known.epoch) return epoch > known.epoch;
  return !same([...capabilities].sort(), [...known.capabilities].sort());
}

type OperatorTold = CommandOf<'RecordOperatorConnected'>['data'];

function requireOnboarded(location: string, state: LocationState): Delivery {
  if (state.delivery !== null) return state.delivery;
  throw new WaybillError('NOT_FOUND', `no location is called ${location}`, {
    hint: `Onboard it first (waybill location onboard ${location}), or check the key.`,
  });
}

function requireInUse(location: string, state: LocationState): Delivery {
  const delivery = requireOnboarded(location, state);
  if (!state.retired) return delivery;
  throw new WaybillError('INVALID_STATE', `location ${location} is retired`, { hint: 'Onboard it again first.' });
}

function requireResource(
  { location, resource }: { readonly location: string; readonly resource: string },
  state: LocationState,
): LocationState['resources'][string] {
  const known = Object.hasOwn(state.resources, resource) ? state.resources[resource] : undefined;
  if (known) return known;
  throw new WaybillError('NOT_FOUND', `location ${location} has no resource ${resource}`, {
    hint: `It has: ${Object.keys(state.resources).join(', ') || 'none yet'}.`,
  });
}

function requireCarries(delivery: Delivery, kind: ResourceKind): void {
  const able = DELIVERIES[kind];
  if (able.includes(delivery.kind)) return;
  throw invalid('kind', `${kind} cannot be delivered through ${delivery.kind}, only through ${able.join(' or ')}`);
}

function requireCarriesAll(delivery: Delivery, state: LocationState): void {
  for (const [key, { kind, retired }] of Object.entries(state.resources)) {
    if (retired || DELIVERIES[kind].includes(delivery.kind)) continue;
    throw invalid('delivery.kind', `${delivery.kind} cannot carry ${key}, which is onboarded here`);
  }
}

function invalid(field: string, message: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `${field} ${message}`, { fields: [{ field, message }] });
}

/** What of a resource may differ between two ways of onboarding it. */
function offered({
  kind,
  parameters,
  connection,
}: Pick<LocationState['resources'][string], 'kind' | 'parameters' | 'connection'>) {
  return { kind, parameters, connection };
}

function same(a: unknown, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b);
}
