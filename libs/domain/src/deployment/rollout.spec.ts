import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '@waybill/kernel/testing';
import fc from 'fast-check';
import { metadataOf } from '../testing/releases.js';
import type { DeploymentCommand, Observation } from './commands.js';
import { deploymentDecider } from './decide.js';
import type { DeploymentEvent } from './events.js';

const { given } = deciderSpec(deploymentDecider);
const base = {
  environment: { project: 'a', slot: 'prod', location: 'prod1' },
  generation: 3,
  release: '0198b6a0-0000-7000-8000-000000000001',
};
const OPERATOR = { kind: 'operator', id: 'prod1', roles: ['adapter'] } as const;

const report = (seq: number, observation: Observation, epoch = 1): DeploymentCommand => ({
  type: 'RecordReport',
  data: { ...base, epoch, seq, observation },
  context: undefined,
  metadata: metadataOf(OPERATOR),
});
const at = (seq: number, epoch = 1) => ({ ...base, epoch, seq });

const shifted = (step: number, weight = step * 10) =>
  ({ step, of: 4, weight, track: 'green', durationMs: 410 }) as const;
const paused = (step: number, until: string | null = null) => ({ step, until, why: 'step' }) as const;
const measured = (step: number, measurement: number) =>
  ({ step, measurement, verdict: 'passed', value: 0.01, message: 'below 0.05' }) as const;
const returned = { why: 'analysis', durationMs: 500 } as const;
const fault = { reason: 'AnalysisFailed', message: '0.07 is above 0.05' } as const;

const told = {
  shifted: (seq: number, step: number): DeploymentEvent => ({
    type: 'TrafficShifted',
    data: { ...at(seq), ...shifted(step) },
  }),
  paused: (seq: number, step: number): DeploymentEvent => ({
    type: 'RolloutPaused',
    data: { ...at(seq), ...paused(step) },
  }),
  measured: (seq: number, step: number, measurement: number): DeploymentEvent => ({
    type: 'AnalysisMeasured',
    data: { ...at(seq), ...measured(step, measurement) },
  }),
  returned: (seq: number): DeploymentEvent => ({ type: 'ReturnedToStable', data: { ...at(seq), ...returned } }),
};

describe('what an operator tells of a rollout in steps', () => {
  it.each<[Observation, DeploymentEvent]>([
    [{ phase: 'traffic-shifted', ...shifted(1) }, told.shifted(1, 1)],
    [{ phase: 'rollout-paused', ...paused(0) }, told.paused(1, 0)],
    [{ phase: 'analysed', ...measured(1, 1) }, told.measured(1, 1, 1)],
    [{ phase: 'returned-to-stable', ...returned }, told.returned(1)],
  ])('is an event each: %j', (observation, event) => {
    given([]).when(report(1, observation)).then([event]);
  });

  it('goes on only where it was paused', () => {
    const resumed = { step: 1, why: 'time' } as const;
    given([told.shifted(1, 1), told.paused(2, 1)])
      .when(report(3, { phase: 'rollout-resumed', ...resumed }))
      .then([{ type: 'RolloutResumed', data: { ...at(3), ...resumed } }]);
    given([told.shifted(1, 1)])
      .when(report(3, { phase: 'rollout-resumed', ...resumed }))
      .thenNothing();
  });

  it.each<[string, Observation]>([
    ['a step', { phase: 'traffic-shifted', ...shifted(2) }],
    ['an earlier step', { phase: 'traffic-shifted', ...shifted(1) }],
    ['the same pause', { phase: 'rollout-paused', ...paused(2) }],
    ['the pause of an earlier step', { phase: 'rollout-paused', ...paused(1) }],
    ['a measurement', { phase: 'analysed', ...measured(2, 1) }],
    ['a measurement of an earlier step', { phase: 'analysed', ...measured(1, 9) }],
  ])('is no news twice: %s', (_what, observation) => {
    given([told.shifted(1, 1), told.shifted(2, 2), told.measured(3, 2, 1), told.paused(4, 2)])
      .when(report(1, observation, 2))
      .thenNothing();
  });

  it('pauses again at the same step with another end', () => {
    given([told.shifted(1, 1), told.paused(2, 1)])
      .when(report(3, { phase: 'rollout-paused', step: 1, until: null, why: 'directive' }))
      .then([{ type: 'RolloutPaused', data: { ...at(3), step: 1, until: null, why: 'directive' } }]);
  });

  it('says nothing of steps once all traffic went back, and then how it ended', () => {
    const after = [told.shifted(1, 1), told.returned(2)];
    for (const observation of [
      { phase: 'traffic-shifted', ...shifted(2) },
      { phase: 'analysed', ...measured(2, 1) },
      { phase: 'returned-to-stable', ...returned },
    ] as const) {
      given(after).when(report(3, observation)).thenNothing();
    }
    given(after)
      .when(report(3, { phase: 'failed', ...fault }))
      .then([{ type: 'DeploymentFailed', data: { ...at(3), ...fault } }]);
  });

  it('records each step once, however often and from wherever an operator tells all again', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 }), (restarts) => {
        const story: Observation[] = [1, 2, 3, 4].flatMap((step): Observation[] => [
          { phase: 'traffic-shifted', ...shifted(step) },
          { phase: 'rollout-paused', ...paused(step, '2026-01-05T10:05:00.000Z') },
          { phase: 'analysed', ...measured(step, 1) },
          { phase: 'analysed', ...measured(step, 2) },
          { phase: 'rollout-resumed', step, why: 'time' },
        ]);
        const events: DeploymentEvent[] = [];
        let state = deploymentDecider.initialState;
        [...restarts, 4].forEach((upTo, epoch) => {
          story.slice(0, upTo * 5).forEach((observation, seq) => {
            for (const event of deploymentDecider.decide(report(seq, observation, epoch + 1), state)) {
              events.push(event);
              state = deploymentDecider.evolve(state, event);
            }
          });
        });
        const steps = events.flatMap((event) => (event.type === 'TrafficShifted' ? event.data.step : []));
        expect(steps).toEqual([1, 2, 3, 4]);
        const measurements = events.filter(({ type }) => type === 'AnalysisMeasured');
        expect(measurements).toHaveLength(8);
      }),
    );
  });
});
