import { assertNever } from '@waybill/kernel';
import type { BranchRule } from '../rules/rule.js';
import type { Deliverable } from '../vocabulary.js';
import type { Hold, LocationOutcome, ReleaseEvent, ResolvedConfig } from './events.js';

/** `none` before the request; `preparing` while nothing holds a matched release and it is not planned yet. */
export type ReleasePhase =
  | 'none'
  | 'requested'
  | 'unmatched'
  | 'preparing'
  | 'held'
  | 'deploying'
  | 'completed'
  | 'failed'
  | 'refused'
  | 'cancelled';

type Data<Type extends ReleaseEvent['type']> = Extract<ReleaseEvent, { type: Type }>['data'];

/** One approver's agreement, and what exactly was agreed to. */
export type ReleaseApproval = Pick<
  Data<'ReleaseApproved'>,
  'approver' | 'deliverable' | 'configDigest' | 'rulesRevision'
>;

export interface ReleaseLocationState {
  readonly stage: number;
  /** Absent while it is waited for. `cancelled`: its stage was never started. */
  readonly outcome?: LocationOutcome;
  /** Null when the environment refused the release. */
  readonly generation?: number | null;
  readonly message?: string | null;
}

export interface ReleaseState {
  readonly phase: ReleasePhase;
  /** What was asked for; null before. `deliverable` is the one of the request: the one in force stands below. */
  readonly requested: Omit<Data<'ReleaseRequested'>, 'requestedBy'> | null;
  readonly requestedBy: string | null;
  readonly rule: BranchRule | null;
  readonly slot: string | null;
  readonly rulesRevision: number | null;
  readonly unmatched: Pick<Data<'BranchUnmatched'>, 'reason' | 'closest'> | null;
  readonly deliverable: Deliverable | null;
  readonly config: ResolvedConfig | null;
  readonly configProblem: Omit<Data<'ConfigUnresolved'>, 'release'> | null;
  readonly holds: readonly Hold[];
  /** Oldest first; those that bind other content stay, but count for nothing. */
  readonly approvals: readonly ReleaseApproval[];
  /** Revision of the project stream whose metadata is used: taken over with a reused intent, or set by the plan. */
  readonly metadataRevision: number | null;
  readonly resources: Data<'ReleasePlanned'>['resources'];
  readonly stages: readonly (readonly string[])[];
  readonly currentStage: number | null;
  readonly locations: Readonly<Record<string, ReleaseLocationState>>;
  readonly outcome: Data<'ReleaseCompleted'>['outcome'] | null;
  readonly cancelCause: Data<'ReleaseCancelled'>['cause'] | null;
}

export const initialReleaseState: ReleaseState = {
  phase: 'none',
  requested: null,
  requestedBy: null,
  rule: null,
  slot: null,
  rulesRevision: null,
  unmatched: null,
  deliverable: null,
  config: null,
  configProblem: null,
  holds: [],
  approvals: [],
  metadataRevision: null,
  resources: [],
  stages: [],
  currentStage: null,
  locations: {},
  outcome: null,
  cancelCause: null,
};

/** A release that a rule matched and that is not planned yet: all that decides about its plan may still change. */
export interface OpenRelease extends ReleaseState {
  readonly requested: NonNullable<ReleaseState['requested']>;
  readonly rule: BranchRule;
  readonly rulesRevision: number;
}

export function isOpen(state: ReleaseState): state is OpenRelease {
  return (
    (state.phase === 'preparing' || state.phase === 'held') &&
    state.requested !== null &&
    state.rule !== null &&
    state.rulesRevision !== null
  );
}

/** Nothing but the outcomes of locations that were started can follow. */
export function isTerminal(phase: ReleasePhase): boolean {
  switch (phase) {
    case 'none':
    case 'requested':
    case 'preparing':
    case 'held':
    case 'deploying':
      return false;
    case 'unmatched':
    case 'completed':
    case 'failed':
    case 'refused':
    case 'cancelled':
      return true;
    default:
      return assertNever(phase);
  }
}

export function evolveRelease(state: ReleaseState, event: ReleaseEvent): ReleaseState {
  switch (event.type) {
    case 'ReleaseRequested': {
      const { requestedBy, ...requested } = event.data;
      return {
        ...state,
        phase: 'requested',
        requested,
        requestedBy,
        deliverable: requested.deliverable,
        metadataRevision: requested.metadataRevision ?? null,
      };
    }
    case 'BranchMatched': {
      const { rule, slot, rulesRevision } = event.data;
      return { ...state, phase: 'preparing', rule, slot, rulesRevision };
    }
    case 'BranchUnmatched': {
      const { rulesRevision, reason, closest } = event.data;
      return { ...state, phase: 'unmatched', rulesRevision, unmatched: { reason, closest } };
    }
    case 'DeliverableProvided':
      return { ...state, deliverable: event.data.deliverable };
    case 'ConfigResolved':
      return { ...state, config: event.data.config, configProblem: null };
    case 'ConfigUnresolved': {
      const { repository, directory, problem, file, line, message } = event.data;
      return { ...state, config: null, configProblem: { repository, directory, problem, file, line, message } };
    }
    case 'ReleaseHeld':
      return { ...state, phase: 'held', holds: event.data.reasons };
    case 'ReleaseApproved': {
      const { approver, deliverable, configDigest, rulesRevision } = event.data;
      return { ...state, approvals: [...state.approvals, { approver, deliverable, configDigest, rulesRevision }] };
    }
    case 'ReleaseRefused':
      return { ...state, phase: 'refused', holds: [] };
    case 'ReleaseCancelled':
      return {
        ...state,
        phase: 'cancelled',
        holds: [],
        locations: withoutUnstarted(state),
        cancelCause: event.data.cause,
      };
    case 'ReleasePlanned': {
      const { metadataRevision, resources, stages } = event.data;
      const locations = Object.fromEntries(stages.flatMap((names, stage) => names.map((name) => [name, { stage }])));
      return { ...state, phase: 'preparing', holds: [], metadataRevision, resources, stages, locations };
    }
    case 'StageStarted':
      return { ...state, phase: 'deploying', currentStage: event.data.stage };
    case 'LocationConcluded': {
      const { location, generation, outcome, message } = event.data;
      const stage = locationOf(state, location)?.stage ?? state.currentStage ?? 0;
      return { ...state, locations: { ...state.locations, [location]: { stage, outcome, generation, message } } };
    }
    case 'LocationMigrated': {
      const { location, to } = event.data;
      const renamed = (name: string): string => (name === location ? to : name);
      return {
        ...state,
        stages: state.stages.map((names) => names.map(renamed)),
        locations: Object.fromEntries(Object.entries(state.locations).map(([name, it]) => [renamed(name), it])),
      };
    }
    case 'ReleaseCompleted':
      return { ...state, phase: 'completed', outcome: event.data.outcome };
    case 'ReleaseFailed':
      return { ...state, phase: 'failed', locations: withoutUnstarted(state) };
    default:
      return assertNever(event);
  }
}

/** Undefined for a location that the release does not go to, also when it is called `constructor`. */
export function locationOf(
  { locations }: Pick<ReleaseState, 'locations'>,
  name: string,
): ReleaseLocationState | undefined {
  return Object.hasOwn(locations, name) ? locations[name] : undefined;
}

/** The locations, those of stages that were never started as cancelled. */
function withoutUnstarted({ locations, currentStage }: ReleaseState): ReleaseState['locations'] {
  return Object.fromEntries(
    Object.entries(locations).map(([name, location]) =>
      location.stage > (currentStage ?? -1) ? [name, { ...location, outcome: 'cancelled' as const }] : [name, location],
    ),
  );
}
