import { describe, expect, it } from '@jest/globals';
import { domainSpec } from '../testing/domain-spec.js';
import { POLICY, RELEASE, commit, metadataOf, sha } from '../testing/releases.js';
import type { DeploymentCommand, Observation } from './commands.js';
import { deploymentDecider } from './decide.js';
import type { DeploymentEvent } from './events.js';

const given = domainSpec(deploymentDecider);
const base = { environment: { project: 'a', slot: 'dev', location: 'dev' }, generation: 1, release: RELEASE };

const report = (seq: number, observation: Observation, epoch = 1): DeploymentCommand => ({
  type: 'RecordReport',
  data: { ...base, epoch, seq, observation },
  context: undefined,
  metadata: metadataOf(POLICY),
});

/** The event that a first report of this observation yields. */
function told(seq: number, observation: Observation, epoch = 1): DeploymentEvent {
  return deploymentDecider.decide(report(seq, observation, epoch), {
    ...deploymentDecider.initialState,
    drifted: { paths: [], commit: null },
  })[0]!;
}

const faults = { reason: 'Timeout', message: 'no answer' };
const object = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'a', name: 'a--dev' };
const adapted = (n: number): Observation => ({ phase: 'adapted', objects: [object], inventoryHash: sha(n) });
const applied = (n: number, at: string | null = null): Observation => ({
  phase: 'applied',
  inventoryHash: sha(n),
  commit: at,
  durationMs: 12.5,
});
const delivered: Observation = { phase: 'delivered', commit: commit(1) };
const rolledOut: Observation = { phase: 'rolled-out', durationMs: 2900 };
const pruned = (...names: string[]): Observation => ({
  phase: 'pruned',
  objects: names.map((name) => ({ ...object, name })),
  durationMs: 40,
});
const healthy: Observation = { phase: 'healthy' };
const failed: Observation = { phase: 'failed', ...faults };
const rejected: Observation = { phase: 'rejected', ...faults };
const delayed = (attempt: number): Observation => ({ phase: 'delayed', attempt, ...faults });
const drifted = (paths: string[], at: string | null = null): Observation => ({
  phase: 'drifted',
  paths,
  commit: at,
  noticedAt: '2026-01-05T10:00:00.000Z',
});
const healed: Observation = { phase: 'healed', commit: null };
const gone: Observation = { phase: 'removed', commit: null };

describe('a report', () => {
  const reported = { ...base, epoch: 1, seq: 1 };

  it.each<[Observation, DeploymentEvent]>([
    [{ phase: 'accepted' }, { type: 'DeploymentAccepted', data: reported }],
    [adapted(1), { type: 'ManifestsAdapted', data: { ...reported, objects: [object], inventoryHash: sha(1) } }],
    [
      applied(1, commit(1)),
      { type: 'ManifestsApplied', data: { ...reported, inventoryHash: sha(1), commit: commit(1), durationMs: 12.5 } },
    ],
    [delivered, { type: 'DeploymentDelivered', data: { ...reported, commit: commit(1) } }],
    [rolledOut, { type: 'DeploymentRolledOut', data: { ...reported, durationMs: 2900 } }],
    [
      pruned('old'),
      { type: 'ObjectsPruned', data: { ...reported, objects: [{ ...object, name: 'old' }], durationMs: 40 } },
    ],
    [healthy, { type: 'DeploymentHealthy', data: reported }],
    [delayed(1), { type: 'DeploymentDelayed', data: { ...reported, attempt: 1, ...faults } }],
    [failed, { type: 'DeploymentFailed', data: { ...reported, ...faults } }],
    [rejected, { type: 'DeploymentRejected', data: { ...reported, ...faults } }],
    [
      drifted(['a.yaml']),
      {
        type: 'DriftDetected',
        data: { ...reported, paths: ['a.yaml'], commit: null, noticedAt: '2026-01-05T10:00:00.000Z' },
      },
    ],
    [gone, { type: 'DeploymentRemoved', data: { ...reported, commit: null } }],
  ])('of something new is an event: %j', (observation, event) => {
    given().when(report(1, observation)).then(event);
  });

  it.each<[Observation]>([
    [{ phase: 'accepted' }],
    [adapted(1)],
    [applied(1, commit(1))],
    [delivered],
    [rolledOut],
    [pruned('old')],
    [healthy],
    [delayed(1)],
    [failed],
    [rejected],
    [drifted(['a.yaml'])],
    [gone],
  ])('of the same again is none, also from a restarted operator: %j', (observation) => {
    given(told(1, observation)).when(report(2, observation)).thenNothing();
    given(told(1, observation))
      .when(report(0, observation, 2))
      .thenNothing();
  });

  it('that is not newer than the last recorded one tells nothing', () => {
    const history = [told(5, { phase: 'accepted' }, 2)];
    given(...history)
      .when(report(5, healthy, 2))
      .thenNothing();
    given(...history)
      .when(report(4, healthy, 2))
      .thenNothing();
    given(...history)
      .when(report(9, healthy, 1))
      .thenNothing();
    given(...history)
      .when(report(6, healthy, 2))
      .then(told(6, healthy, 2));
    given(...history)
      .when(report(0, healthy, 3))
      .then(told(0, healthy, 3));
  });

  it('of other objects is news, and so is another commit with the same objects', () => {
    given(told(1, adapted(1)))
      .when(report(2, adapted(2)))
      .then(told(2, adapted(2)));
    given(told(1, applied(1)))
      .when(report(2, applied(2)))
      .then(told(2, applied(2)));
    given(told(1, applied(1, commit(1))))
      .when(report(2, applied(1, commit(2))))
      .then(told(2, applied(1, commit(2))));
  });

  it('after the removal tells nothing', () => {
    for (const observation of [
      { phase: 'accepted' } as const,
      adapted(1),
      healthy,
      failed,
      drifted(['a.yaml']),
      gone,
    ]) {
      given(told(1, gone)).when(report(2, observation)).thenNothing();
    }
  });
});

describe('the outcome', () => {
  const outcomes = { delivered, healthy, failed, rejected };

  it('may change for the better and for the worse', () => {
    for (const [from, to] of [
      ['failed', 'healthy'],
      ['failed', 'delivered'],
      ['rejected', 'healthy'],
      ['rejected', 'failed'],
      ['failed', 'rejected'],
      ['delivered', 'healthy'],
      ['delivered', 'failed'],
      ['healthy', 'failed'],
      ['healthy', 'rejected'],
    ] as const) {
      given(told(1, outcomes[from])).when(report(2, outcomes[to])).then(told(2, outcomes[to]));
    }
  });

  it('stays healthy when it is only known to be delivered', () => {
    given(told(1, healthy)).when(report(2, delivered)).thenNothing();
  });
});

describe('a rollout', () => {
  it('is told once for what was applied, and again when something else was', () => {
    given(told(1, applied(1)), told(2, rolledOut))
      .when(report(3, applied(1)))
      .thenNothing();
    given(told(1, applied(1)), told(2, rolledOut), told(3, applied(2)))
      .when(report(4, rolledOut))
      .then(told(4, rolledOut));
  });

  it('is no news when it is known to be healthy, and is when it failed in between', () => {
    given(told(1, healthy)).when(report(2, rolledOut)).thenNothing();
    given(told(1, rolledOut), told(2, failed)).when(report(3, rolledOut)).then(told(3, rolledOut));
  });

  it('ends in an outcome of its own, the same one as before it too', () => {
    for (const outcome of [healthy, delivered, failed, rejected]) {
      for (const step of [adapted(2), applied(2)]) {
        given(told(1, adapted(1)), told(2, applied(1)), told(3, outcome), told(4, step))
          .when(report(5, outcome))
          .then(told(5, outcome));
      }
    }
  });

  it('prunes each object once', () => {
    given(told(1, pruned('a', 'b')))
      .when(report(2, pruned('b', 'c')))
      .then({
        type: 'ObjectsPruned',
        data: { ...base, epoch: 1, seq: 2, objects: [{ ...object, name: 'c' }], durationMs: 40 },
      });
    given(told(1, pruned('a')), told(2, pruned('b')))
      .when(report(3, pruned('a', 'b')))
      .thenNothing();
  });

  it('may be told by an operator that restarts at any step and says everything again', () => {
    const way = [{ phase: 'accepted' } as const, adapted(1), applied(1), rolledOut, pruned('a'), healthy];
    const recorded = way.map((observation, n) => told(n, observation));
    for (let killed = 0; killed <= way.length; killed++) {
      let state = recorded.slice(0, killed).reduce(deploymentDecider.evolve, deploymentDecider.initialState);
      const types = way.flatMap((observation, n) => {
        const events = deploymentDecider.decide(report(n, observation, 2), state);
        state = events.reduce(deploymentDecider.evolve, state);
        return events.map(({ type }) => type);
      });
      expect(types).toEqual(recorded.slice(killed).map(({ type }) => type));
    }
  });
});

describe('a delay', () => {
  it('is told at its first, second, fourth, eighth attempt and so on', () => {
    const seen: number[] = [];
    let state = deploymentDecider.initialState;
    for (let attempt = 1; attempt <= 100; attempt++) {
      for (const event of deploymentDecider.decide(report(attempt, delayed(attempt)), state)) {
        if (event.type === 'DeploymentDelayed') seen.push(event.data.attempt);
        state = deploymentDecider.evolve(state, event);
      }
    }
    expect(seen).toEqual([1, 2, 4, 8, 16, 32, 64]);
  });

  it('is told at the next attempt when the report of one of these was lost', () => {
    given(told(1, delayed(1)))
      .when(report(2, delayed(3)))
      .then(told(2, delayed(3)));
    given(told(1, delayed(3)))
      .when(report(2, delayed(2)))
      .thenNothing();
  });

  it('is over with the next good outcome, which is told again, and counts from the start then', () => {
    given(told(1, healthy), told(2, delayed(1)))
      .when(report(3, healthy))
      .then(told(3, healthy));
    given(told(1, delivered), told(2, delayed(1)))
      .when(report(3, delivered))
      .then(told(3, delivered));
    given(told(1, delayed(4)), told(2, healthy))
      .when(report(3, delayed(1)))
      .then(told(3, delayed(1)));
  });

  it('does not make a failure news again', () => {
    given(told(1, failed), told(2, delayed(1)))
      .when(report(3, failed))
      .thenNothing();
    given(told(1, delayed(2)), told(2, failed))
      .when(report(3, delayed(2)))
      .thenNothing();
  });
});

describe('drift', () => {
  it('is news when its paths or its commit change', () => {
    const history = told(1, drifted(['a.yaml', 'b.yaml'], commit(1)));
    given(history)
      .when(report(2, drifted(['b.yaml', 'a.yaml'], commit(1))))
      .thenNothing();
    given(history)
      .when(report(2, drifted(['a.yaml'], commit(1))))
      .then(told(2, drifted(['a.yaml'], commit(1))));
    given(history)
      .when(report(2, drifted(['a.yaml', 'c.yaml'], commit(1))))
      .then(told(2, drifted(['a.yaml', 'c.yaml'], commit(1))));
    given(history)
      .when(report(2, drifted(['a.yaml', 'b.yaml'], commit(2))))
      .then(told(2, drifted(['a.yaml', 'b.yaml'], commit(2))));
  });

  it('is healed once, and may come back', () => {
    const history = [told(1, drifted(['a.yaml']))];
    given().when(report(1, healed)).thenNothing();
    given(...history)
      .when(report(2, healed))
      .then({ type: 'DriftHealed', data: { ...base, epoch: 1, seq: 2, commit: null } });
    given(...history, told(2, healed))
      .when(report(3, healed))
      .thenNothing();
    given(...history, told(2, healed))
      .when(report(3, drifted(['a.yaml'])))
      .then(told(3, drifted(['a.yaml'])));
  });

  it('ends with the removal', () => {
    given(told(1, drifted(['a.yaml'])), told(2, gone))
      .when(report(3, healed))
      .thenNothing();
  });
});
