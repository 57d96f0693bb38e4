import { assertNever } from '@waybill/kernel';
import type { z } from 'zod';
import type { ResourceKind } from '../vocabulary.js';
import type { Software } from './software.js';
import type { MigrationPhase, MigrationState } from './migration.js';
import type { ConnectionReference, Delivery, LocationEvent, ResourceParameters } from './events.js';

export interface LocationResource {
  readonly kind: ResourceKind;
  readonly parameters: z.infer<typeof ResourceParameters>;
  readonly connection: z.infer<typeof ConnectionReference>;
  readonly retired: boolean;
}

export interface LocationOperator {
  readonly epoch: number;
  readonly software: Software;
  readonly capabilities: readonly string[];
  /** True from when it was not heard of for too long until it is heard of or connects again. */
  readonly silent: boolean;
}

export interface LocationState {
  /** How the location is reached; null until it is onboarded. */
  readonly delivery: Delivery | null;
  /** Takes no more deployments. */
  readonly retired: boolean;
  /** By key, retired ones included. */
  readonly resources: Readonly<Record<string, LocationResource>>;
  /** Null until an operator connected for the first time. */
  readonly operator: LocationOperator | null;
  /** The newest migration to another location; null before the first one. */
  readonly migration: MigrationState | null;
}

export const initialLocationState: LocationState = {
  delivery: null,
  retired: false,
  resources: {},
  operator: null,
  migration: null,
};

export function evolveLocation(state: LocationState, event: LocationEvent): LocationState {
  switch (event.type) {
    case 'LocationOnboarded':
      return { ...state, delivery: event.data.delivery, retired: false };
    case 'LocationChanged':
      return { ...state, delivery: event.data.delivery };
    case 'LocationRetired':
      return { ...state, retired: true };
    case 'ResourceOnboarded':
    case 'ResourceChanged': {
      const { resource, kind, parameters, connection } = event.data;
      return withResource(state, resource, { kind, parameters, connection, retired: false });
    }
    case 'ResourceRetired': {
      const { resource } = event.data;
      const known = state.resources[resource];
      return known ? withResource(state, resource, { ...known, retired: true }) : state;
    }
    case 'OperatorConnected': {
      const { epoch, software, capabilities } = event.data;
      return { ...state, operator: { epoch, software, capabilities, silent: false } };
    }
    case 'OperatorSilent':
      return state.operator ? { ...state, operator: { ...state.operator, silent: true } } : state;
    case 'OperatorHeard':
      return state.operator ? { ...state, operator: { ...state.operator, silent: false } } : state;
    case 'LocationResynced':
      return state;
    case 'MigrationStarted': {
      const { migration: number, to, resources, removal } = event.data;
      const migration: MigrationState = { number, to, resources, removal, phase: 'running', removalBegun: false };
      return { ...state, migration };
    }
    case 'MigrationStopped':
      return inPhase(state, 'stopped');
    case 'MigrationResumed':
      return inPhase(state, 'running');
    case 'MigrationReverted':
      return inPhase(state, 'reverted');
    case 'MigrationCompleted':
      return inPhase(state, 'completed');
    case 'MigrationRemovalRequested':
      return withMigration(state, { removal: { when: 'after-healthy' } });
    case 'MigrationRemovalBegun':
      return withMigration(state, { removalBegun: true });
    default:
      return assertNever(event);
  }
}

const inPhase = (state: LocationState, phase: MigrationPhase): LocationState => withMigration(state, { phase });

function withMigration(state: LocationState, changes: Partial<MigrationState>): LocationState {
  return state.migration ? { ...state, migration: { ...state.migration, ...changes } } : state;
}

function withResource(state: LocationState, key: string, resource: LocationResource): LocationState {
  return { ...state, resources: { ...state.resources, [key]: resource } };
}
