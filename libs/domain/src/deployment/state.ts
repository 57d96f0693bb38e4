import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent } from './events.js';

export type DeploymentOutcome = 'delivered' | 'healthy' | 'failed' | 'rejected';

export interface DeploymentState {
  readonly accepted: boolean;
  /** Of what was adapted last. */
  readonly inventoryHash: string | null;
  readonly applied: { readonly inventoryHash: string; readonly commit: string | null } | null;
  readonly outcome: DeploymentOutcome | null;
  readonly drifted: { readonly paths: readonly string[]; readonly commit: string | null } | null;
  readonly removed: boolean;
  /** The newest report that was recorded. */
  readonly last: { readonly epoch: number; readonly seq: number } | null;
  /** Highest attempt recorded since it last went well; 0 when it is not delayed. */
  readonly attempts: number;
}

export const initialDeploymentState: DeploymentState = {
  accepted: false,
  inventoryHash: null,
  applied: null,
  outcome: null,
  drifted: null,
  removed: false,
  last: null,
  attempts: 0,
};

export function evolveDeployment(before: DeploymentState, event: DeploymentEvent): DeploymentState {
  const state = { ...before, last: { epoch: event.data.epoch, seq: event.data.seq } };
  switch (event.type) {
    case 'DeploymentAccepted':
      return { ...state, accepted: true };
    case 'ManifestsAdapted':
      return { ...state, inventoryHash: event.data.inventoryHash };
    case 'ManifestsApplied':
      return { ...state, applied: { inventoryHash: event.data.inventoryHash, commit: event.data.commit } };
    case 'DeploymentDelivered':
      return { ...state, outcome: 'delivered', attempts: 0 };
    case 'DeploymentHealthy':
      return { ...state, outcome: 'healthy', attempts: 0 };
    case 'DeploymentDelayed':
      return { ...state, attempts: event.data.attempt };
    case 'DeploymentFailed':
      return { ...state, outcome: 'failed' };
    case 'DeploymentRejected':
      return { ...state, outcome: 'rejected' };
    case 'DriftDetected':
      return { ...state, drifted: { paths: event.data.paths, commit: event.data.commit } };
    case 'DriftHealed':
      return { ...state, drifted: null };
    case 'DeploymentRemoved':
      return { ...state, removed: true, drifted: null };
    default:
      return assertNever(event);
  }
}
