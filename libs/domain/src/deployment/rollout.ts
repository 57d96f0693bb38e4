import { assertNever } from '@waybill/kernel';
import type { DeploymentCommand, Observation } from './commands.js';
import type { DeploymentEvent } from './events.js';
import type { RolloutState } from './state.js';

type RolloutObservation = Extract<
  Observation,
  { phase: 'traffic-shifted' | 'rollout-paused' | 'rollout-resumed' | 'analysed' | 'returned-to-stable' }
>;

/**
 * What an observation of a rollout in steps changes. Steps and measurements only go up, so each is recorded once,
 * however often an operator tells them all again; nothing follows the return to what ran before.
 */
export function rolloutChange(
  observation: RolloutObservation,
  reported: Omit<DeploymentCommand['data'], 'observation'>,
  rollout: RolloutState | null,
): DeploymentEvent | null {
  if (rollout?.returned) return null;
  const at = rollout?.step ?? 0;
  switch (observation.phase) {
    case 'traffic-shifted': {
      const { step, of, weight, track, durationMs } = observation;
      return step <= at ? null : { type: 'TrafficShifted', data: { ...reported, step, of, weight, track, durationMs } };
    }
    case 'rollout-paused': {
      const { step, until, why } = observation;
      const paused = rollout?.paused;
      if (step < at || (paused?.step === step && paused.until === until && paused.why === why)) return null;
      return { type: 'RolloutPaused', data: { ...reported, step, until, why } };
    }
    case 'rollout-resumed': {
      const { step, why } = observation;
      return rollout?.paused?.step === step ? { type: 'RolloutResumed', data: { ...reported, step, why } } : null;
    }
    case 'analysed': {
      const { step, measurement, verdict, value, message } = observation;
      const last = rollout?.analysed;
      if (last && (step < last.step || (step === last.step && measurement <= last.measurement))) return null;
      return { type: 'AnalysisMeasured', data: { ...reported, step, measurement, verdict, value, message } };
    }
    case 'returned-to-stable': {
      const { why, durationMs } = observation;
      return { type: 'ReturnedToStable', data: { ...reported, why, durationMs } };
    }
    default:
      return assertNever(observation);
  }
}
