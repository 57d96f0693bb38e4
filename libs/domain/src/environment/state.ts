import { assertNever } from '@waybill/kernel';
import type { Directive, EnvironmentEvent } from './events.js';

type Data<Type extends EnvironmentEvent['type']> = Extract<EnvironmentEvent, { type: Type }>['data'];

export interface EnvironmentState {
  /** The last one assigned, 0 for none. Grows by one, also for a removal, and never restarts. */
  readonly generation: number;
  /** Order of what was accepted, removed or closed last; -1 before. Never decreases. */
  readonly order: number;
  /** What is wanted there; null before the first deployment and from the request to remove on. */
  readonly current: Omit<Data<'DeploymentRequested'>, 'environment' | 'replaces' | 'copyOf' | 'counts'> | null;
  /** The newest directive of the generation that is wanted there. */
  readonly directive: Directive | null;
  /** Generation of a removal that is not confirmed yet. */
  readonly removing: number | null;
  /** Generation of the last confirmed removal. */
  readonly removedGeneration: number | null;
  /** A change of the configuration that what runs here does not have yet. */
  readonly pendingConfig: Omit<Data<'ConfigChangeNoticed'>, 'environment'> | null;
  /** The release that was refused last. */
  readonly lastRefused: string | null;
  /** The migration that brought the environment here; null when none did. */
  readonly copiedFrom: { readonly location: string; readonly migration: number } | null;
  /** Whether it was a copy that was removed with its migration. */
  readonly copyReverted: boolean;
  /** Why what runs here could not be copied; null when it could. */
  readonly copyRefused: { readonly release: string; readonly message: string; readonly migration: number } | null;
  /** Where the copy is that counts instead of this one; `moved` from when this one was told to go. */
  readonly cutOver: { readonly to: string; readonly migration: number; readonly moved: boolean } | null;
  /** The release that was sent on last. */
  readonly lastForwarded: string | null;
}

export const initialEnvironmentState: EnvironmentState = {
  generation: 0,
  order: -1,
  current: null,
  directive: null,
  removing: null,
  removedGeneration: null,
  pendingConfig: null,
  lastRefused: null,
  copiedFrom: null,
  copyReverted: false,
  copyRefused: null,
  cutOver: null,
  lastForwarded: null,
};

export function evolveEnvironment(state: EnvironmentState, event: EnvironmentEvent): EnvironmentState {
  switch (event.type) {
    case 'DeploymentRequested': {
      const { generation, order, release, ref, commit, deliverable, tier, configDigest, desired } = event.data;
      const current = { generation, order, release, ref, commit, deliverable, tier, configDigest, desired };
      return {
        ...state,
        generation,
        order,
        current,
        directive: null,
        removing: null,
        pendingConfig: null,
        copyReverted: false,
      };
    }
    case 'DeploymentRefused':
      return { ...state, lastRefused: event.data.release };
    case 'RolloutDirected': {
      const { seq, directive: kind, full, step } = event.data;
      return { ...state, directive: { seq, kind, full, ...(step !== undefined && { step }) } };
    }
    case 'EnvironmentRemovalRequested': {
      const { generation, order, cause } = event.data;
      return {
        ...state,
        generation,
        order,
        current: null,
        directive: null,
        removing: generation,
        pendingConfig: null,
        copyReverted: cause === 'migration-reverted',
        copyRefused: null,
        // Its copy stays, also when somebody removed it by hand. Its branch is gone everywhere: a later release begins anew.
        cutOver:
          state.cutOver && (cause === 'migrated' || cause === 'requested') ? { ...state.cutOver, moved: true } : null,
      };
    }
    case 'EnvironmentClosed':
      return { ...state, order: event.data.order, copyReverted: false };
    case 'EnvironmentRemoved':
      return { ...state, removing: null, removedGeneration: event.data.generation };
    case 'ConfigChangeNoticed': {
      const { directory, commit, digest, author } = event.data;
      const reverted = digest === state.current?.configDigest;
      return { ...state, pendingConfig: reverted ? null : { directory, commit, digest, author } };
    }
    case 'EnvironmentCopied': {
      const { migration, migratedFrom } = event.data;
      return { ...state, copiedFrom: { location: migratedFrom.location, migration } };
    }
    case 'EnvironmentCopyRefused': {
      const { release, message, migration } = event.data;
      return { ...state, copyRefused: { release, message, migration } };
    }
    case 'EnvironmentCutOver': {
      const { to, migration } = event.data;
      return { ...state, copyRefused: null, cutOver: { to, migration, moved: false } };
    }
    case 'EnvironmentCutBack':
      return { ...state, cutOver: null };
    case 'DeploymentForwarded': {
      const { order, release } = event.data;
      return { ...state, order, lastForwarded: release };
    }
    default:
      return assertNever(event);
  }
}
