import { describe, expect, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import { asks, happened } from '../testing/releases.js';
import { releaseDecider } from './decide.js';
import type { LocationOutcome, ReleaseEvent } from './events.js';

const given = domainSpec(releaseDecider);
const before = [happened.requested(), happened.matched(), happened.provided(1), happened.configured(1)];
const stages = [...before, happened.planned(['dev', 'test'], ['prod']), happened.started(0, 'dev', 'test')];
const last = (...locations: string[]): ReleaseEvent[] => [
  ...before,
  happened.planned(locations),
  happened.started(0, ...locations),
];

describe('the outcome of a location', () => {
  it('is recorded while others of its stage are waited for', () => {
    given(...stages)
      .when(asks.conclude('dev', 'healthy'))
      .then(happened.concluded('dev', 'healthy'));
  });

  it('starts the next stage when it was the last of its own', () => {
    given(...stages, happened.concluded('dev', 'delivered'))
      .when(asks.conclude('test', 'superseded'))
      .then(happened.concluded('test', 'superseded'), happened.started(1, 'prod'));
  });

  it('is the first one: what comes later stands with the deployment', () => {
    for (const outcome of ['delivered', 'healthy', 'failed'] as const) {
      given(...stages, happened.concluded('dev', 'delivered'))
        .when(asks.conclude('dev', outcome))
        .thenNothing();
    }
    const over = [...last('dev'), happened.concluded('dev', 'healthy'), happened.completed('healthy')];
    given(...over)
      .when(asks.conclude('dev', 'failed'))
      .thenNothing();
  });

  it('is refused for a location that is not being deployed to', () => {
    for (const location of ['prod', 'nowhere', 'constructor']) {
      given(...stages)
        .when(asks.conclude(location, 'healthy'))
        .thenThrows('INVALID_STATE', new RegExp(location));
    }
    given(...before)
      .when(asks.conclude('dev', 'healthy'))
      .thenThrows('INVALID_STATE');
  });
});

describe('the outcome of a release', () => {
  it.each<[LocationOutcome, LocationOutcome, 'healthy' | 'delivered' | 'superseded']>([
    ['healthy', 'healthy', 'healthy'],
    ['superseded', 'superseded', 'superseded'],
    ['superseded', 'cancelled', 'superseded'],
    ['delivered', 'delivered', 'delivered'],
    ['healthy', 'delivered', 'delivered'],
    ['healthy', 'superseded', 'healthy'],
    ['healthy', 'cancelled', 'healthy'],
    ['delivered', 'superseded', 'delivered'],
  ])('of %s and %s is %s', (first, second, outcome) => {
    given(...last('dev', 'prod'), happened.concluded('dev', first))
      .when(asks.conclude('prod', second))
      .then(happened.concluded('prod', second), happened.completed(outcome));
  });

  it('takes all stages into account', () => {
    given(
      ...stages,
      happened.concluded('dev', 'delivered'),
      happened.concluded('test', 'healthy'),
      happened.started(1, 'prod'),
    )
      .when(asks.conclude('prod', 'healthy'))
      .then(happened.concluded('prod', 'healthy'), happened.completed('delivered'));
  });

  it.each(['failed', 'rejected'] as const)(
    'is a failure when a location is %s, once its stage is finished',
    (outcome) => {
      given(...stages)
        .when(asks.conclude('dev', outcome, 'no'))
        .then(happened.concluded('dev', outcome, 'no'));
      given(...stages, happened.concluded('dev', outcome, 'no'))
        .when(asks.conclude('test', 'healthy'))
        .then(happened.concluded('test', 'healthy'), happened.failed('dev'));
      given(...stages, happened.concluded('dev', outcome, 'no'))
        .when(asks.conclude('test', 'failed'))
        .then(happened.concluded('test', 'failed'), happened.failed('dev', 'test'));
    },
  );

  it('leaves the locations of later stages cancelled, for good', () => {
    const events = [
      ...stages,
      happened.concluded('dev', 'failed', 'no'),
      happened.concluded('test', 'healthy'),
      happened.failed('dev'),
    ];
    const state = events.reduce(releaseDecider.evolve, releaseDecider.initialState);
    expect(state.locations).toEqual({
      dev: { stage: 0, outcome: 'failed', generation: 1, message: 'no' },
      test: { stage: 0, outcome: 'healthy', generation: 1, message: null },
      prod: { stage: 1, outcome: 'cancelled' },
    });
    given(...events)
      .when(asks.conclude('prod', 'healthy'))
      .thenThrows('INVALID_STATE');
  });
});
