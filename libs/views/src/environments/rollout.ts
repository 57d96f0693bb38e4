import type { DeploymentEvent, EnvironmentEvent, Track } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import type { Fact } from '../projection.js';

type Data<Type extends DeploymentEvent['type']> = Extract<DeploymentEvent, { type: Type }>['data'];
type Directed = Extract<EnvironmentEvent, { type: 'RolloutDirected' }>['data'];

/** How far the rollout of the newest generation has come; null for one that goes in one go. */
export interface Rollout {
  /** 0 before any traffic is shifted. */
  readonly step: number;
  /** Null before any traffic is shifted. */
  readonly of: number | null;
  /** Percent of the traffic that the newest generation takes. */
  readonly weight: number;
  readonly track: Track | null;
  readonly paused: {
    readonly why: Data<'RolloutPaused'>['why'];
    readonly until: string | null;
    readonly since: string;
  } | null;
  /** The newest measurement. */
  readonly analysis:
    | (Pick<Data<'AnalysisMeasured'>, 'step' | 'measurement' | 'verdict' | 'value' | 'message'> & {
        readonly at: string;
      })
    | null;
  /** The newest directive. */
  readonly directive: (Pick<Directed, 'directive' | 'full' | 'by'> & { readonly at: string }) | null;
  /** Why all traffic went back to what ran before. */
  readonly returned: Data<'ReturnedToStable'>['why'] | null;
}

const BEGIN: Rollout = {
  step: 0,
  of: null,
  weight: 0,
  track: null,
  paused: null,
  analysis: null,
  directive: null,
  returned: null,
};

export function directed(
  before: Rollout | null,
  event: Fact<Extract<EnvironmentEvent, { type: 'RolloutDirected' }>>,
): Rollout {
  const { directive, full, by } = event.data;
  return { ...(before ?? BEGIN), directive: { directive, full, by, at: event.recordedAt } };
}

export type RolloutEvent = Extract<
  DeploymentEvent,
  { type: 'TrafficShifted' | 'RolloutPaused' | 'RolloutResumed' | 'AnalysisMeasured' | 'ReturnedToStable' }
>;

export function rolledOn(before: Rollout | null, event: Fact<RolloutEvent>): Rollout {
  const rollout = before ?? BEGIN;
  switch (event.type) {
    case 'TrafficShifted': {
      const { step, of, weight, track } = event.data;
      return { ...rollout, step, of, weight, track, paused: null };
    }
    case 'RolloutPaused': {
      const { why, until } = event.data;
      return { ...rollout, paused: { why, until, since: event.recordedAt } };
    }
    case 'RolloutResumed':
      return { ...rollout, paused: null };
    case 'AnalysisMeasured': {
      const { step, measurement, verdict, value, message } = event.data;
      return { ...rollout, analysis: { step, measurement, verdict, value, message, at: event.recordedAt } };
    }
    case 'ReturnedToStable':
      return { ...rollout, weight: 0, paused: null, returned: event.data.why };
    default:
      return assertNever(event);
  }
}
