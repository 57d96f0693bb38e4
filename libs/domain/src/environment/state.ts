import { assertNever } from '@waybill/kernel';
import type { Directive, EnvironmentEvent } from './events.js';

type Data<Type extends EnvironmentEvent['type']> = Extract<EnvironmentEvent, { type: Type }>['data'];

export interface EnvironmentState {
  /** The last one assigned, 0 for none. Grows by one, also for a removal, and never restarts. */
  readonly generation: number;
  /** Order of what was accepted, removed or closed last; -1 before. Never decreases. */
  readonly order: number;
  /** What is wanted there; null before the first deployment and from the request to remove on. */
  readonly current: Omit<Data<'DeploymentRequested'>, 'environment' | 'replaces'> | null;
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
};

export function evolveEnvironment(state: EnvironmentState, event: EnvironmentEvent): EnvironmentState {
  switch (event.type) {
    case 'DeploymentRequested': {
      const { generation, order, release, ref, commit, deliverable, tier, configDigest, desired } = event.data;
      const current = { generation, order, release, ref, commit, deliverable, tier, configDigest, desired };
      return { ...state, generation, order, current, directive: null, removing: null, pendingConfig: null };
    }
    case 'DeploymentRefused':
      return { ...state, lastRefused: event.data.release };
    case 'RolloutDirected': {
      const { seq, directive: kind, full } = event.data;
      return { ...state, directive: { seq, kind, full } };
    }
    case 'EnvironmentRemovalRequested': {
      const { generation, order } = event.data;
      return { ...state, generation, order, current: null, directive: null, removing: generation, pendingConfig: null };
    }
    case 'EnvironmentClosed':
      return { ...state, order: event.data.order };
    case 'EnvironmentRemoved':
      return { ...state, removing: null, removedGeneration: event.data.generation };
    case 'ConfigChangeNoticed': {
      const { directory, commit, digest, author } = event.data;
      const reverted = digest === state.current?.configDigest;
      return { ...state, pendingConfig: reverted ? null : { directory, commit, digest, author } };
    }
    default:
      return assertNever(event);
  }
}
