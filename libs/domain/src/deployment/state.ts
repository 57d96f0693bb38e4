import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent, ObjectReference, Track } from './events.js';

export type DeploymentOutcome = 'delivered' | 'healthy' | 'failed' | 'rejected';

/** How far a rollout in steps has come. */
export interface RolloutState {
  /** Newest step that was shifted to, 0 before the first. */
  readonly step: number;
  /** Of that step; of the last one too once it went back: then it is 0. */
  readonly weight: number;
  readonly track: Track | null;
  readonly paused: { readonly step: number; readonly until: string | null; readonly why: string } | null;
  /** The newest measurement. */
  readonly analysed: { readonly step: number; readonly measurement: number } | null;
  readonly returned: boolean;
}

export interface DeploymentState {
  readonly accepted: boolean;
  /** Of what was adapted last. */
  readonly inventoryHash: string | null;
  readonly applied: { readonly inventoryHash: string; readonly commit: string | null } | null;
  /** Whether what was applied last is known to be rolled out. */
  readonly rolledOut: boolean;
  /** Key of every object that was pruned. */
  readonly pruned: readonly string[];
  /** Null while nothing in steps was told of. */
  readonly rollout: RolloutState | null;
  readonly outcome: DeploymentOutcome | null;
  /** Whether the outcome is that of what was adapted and applied last. */
  readonly settled: boolean;
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
  rolledOut: false,
  pruned: [],
  rollout: null,
  outcome: null,
  settled: false,
  drifted: null,
  removed: false,
  last: null,
  attempts: 0,
};

const initialRollout: RolloutState = {
  step: 0,
  weight: 0,
  track: null,
  paused: null,
  analysed: null,
  returned: false,
};

export function evolveDeployment(before: DeploymentState, event: DeploymentEvent): DeploymentState {
  const state = { ...before, last: { epoch: event.data.epoch, seq: event.data.seq } };
  switch (event.type) {
    case 'DeploymentAccepted':
      return { ...state, accepted: true };
    case 'ManifestsAdapted':
      return { ...state, inventoryHash: event.data.inventoryHash, settled: false };
    case 'ManifestsApplied': {
      const { inventoryHash, commit } = event.data;
      return { ...state, applied: { inventoryHash, commit }, rolledOut: false, settled: false };
    }
    case 'DeploymentRolledOut':
      return { ...state, rolledOut: true, settled: false };
    case 'TrafficShifted': {
      const { step, weight, track } = event.data;
      // A rollout that shifts has gone on, even when the report of that was lost.
      return { ...state, rollout: { ...(state.rollout ?? initialRollout), step, weight, track, paused: null } };
    }
    case 'RolloutPaused': {
      const { step, until, why } = event.data;
      return { ...state, rollout: { ...(state.rollout ?? initialRollout), paused: { step, until, why } } };
    }
    case 'RolloutResumed':
      return { ...state, rollout: { ...(state.rollout ?? initialRollout), paused: null } };
    case 'AnalysisMeasured': {
      const { step, measurement } = event.data;
      return { ...state, rollout: { ...(state.rollout ?? initialRollout), analysed: { step, measurement } } };
    }
    // What is told next is how that ended, also when it had ended otherwise before.
    case 'ReturnedToStable':
      return {
        ...state,
        settled: false,
        rollout: { ...(state.rollout ?? initialRollout), weight: 0, paused: null, returned: true },
      };
    case 'ObjectsPruned':
      return { ...state, pruned: [...state.pruned, ...event.data.objects.map(objectKey)] };
    case 'DeploymentDelivered':
      return { ...state, outcome: 'delivered', settled: true, attempts: 0 };
    // Whoever sees it healthy has seen it rolled out, even when the report of that was lost.
    case 'DeploymentHealthy':
      return { ...state, rolledOut: true, outcome: 'healthy', settled: true, attempts: 0 };
    case 'DeploymentDelayed':
      return { ...state, attempts: event.data.attempt };
    case 'DeploymentFailed':
      return { ...state, rolledOut: false, outcome: 'failed', settled: true };
    case 'DeploymentRejected':
      return { ...state, rolledOut: false, outcome: 'rejected', settled: true };
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

/** What makes an object the same one, whatever version it was applied in. */
export const objectKey = ({ group, kind, namespace, name }: ObjectReference): string =>
  `${group}/${kind}/${namespace ?? ''}/${name}`;
