import type { DeploymentCommand, EnvironmentCommand, ObjectReference, Observation } from '@waybill/domain';
import fc from 'fast-check';
import { commit, commits, deliverables, digests, metadata, people, uuid } from './values.js';

const environment = { project: 'a', slot: 'dev', location: 'dev' };

/** Orders grow with the release, as positions do; what arrives first is left to chance. */
const requests = fc
  .integer({ min: 1, max: 9 })
  .map((n) => ({ release: uuid(n), order: n * 2, configDigest: commit(n) }));

export const environmentCommands: fc.Arbitrary<EnvironmentCommand> = fc.oneof(
  fc
    .record({ request: requests, commit: commits, deliverable: deliverables, desired: digests, metadata })
    .map(({ request, metadata, ...data }): EnvironmentCommand => ({
      type: 'RequestDeployment',
      data: { environment, ...request, ...data, ref: { kind: 'branch', name: 'dev' }, tier: 'dev' },
      context: undefined,
      metadata,
    })),
  fc
    .record({
      order: fc.integer({ min: 1, max: 20 }),
      cause: fc.constantFrom('branch-deleted' as const, 'requested' as const),
      metadata,
    })
    .map(({ metadata, ...data }): EnvironmentCommand => ({
      type: 'RemoveEnvironment',
      data: { environment, ...data },
      context: undefined,
      metadata,
    })),
  fc
    .record({ generation: fc.integer({ min: 1, max: 6 }), metadata })
    .map(({ generation, metadata }): EnvironmentCommand => ({
      type: 'ConfirmRemoval',
      data: { environment, generation },
      context: undefined,
      metadata,
    })),
  fc
    .record({
      generation: fc.integer({ min: 1, max: 6 }),
      directive: fc.constantFrom('promote' as const, 'pause' as const, 'resume' as const, 'abort' as const),
      full: fc.boolean(),
      outcome: fc.constantFrom(null, null, null, 'healthy' as const, 'failed' as const),
      metadata,
    })
    .map(({ generation, directive, full, outcome, metadata }): EnvironmentCommand => ({
      type: 'DirectRollout',
      data: { environment, generation, directive, full },
      context: { strategy: 'canary', outcome, returned: false, step: 1, of: 3 },
      metadata,
    })),
  fc
    .record({ n: fc.integer({ min: 1, max: 9 }), author: fc.option(people), metadata })
    .map(({ n, author, metadata }): EnvironmentCommand => ({
      type: 'NoticeConfigChange',
      data: { environment, directory: 'a/dev', commit: commit(n), digest: commit(n), author },
      context: undefined,
      metadata,
    })),
);

const fault = { reason: fc.constant('Timeout'), message: fc.constantFrom('no answer', '🚀 no answer') };
const optionalCommit = fc.option(commits);

const objects = fc.constantFrom('old', 'older').map((name): ObjectReference => ({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  namespace: 'shop',
  name,
}));

const observations: fc.Arbitrary<Observation> = fc.oneof(
  fc.constant<Observation>({ phase: 'accepted' }),
  fc.record({
    phase: fc.constant('adapted' as const),
    objects: fc.constant<ObjectReference[]>([]),
    inventoryHash: digests,
  }),
  fc.record({
    phase: fc.constant('applied' as const),
    inventoryHash: digests,
    commit: optionalCommit,
    durationMs: fc.nat(),
  }),
  fc.record({ phase: fc.constant('delivered' as const), commit: commits }),
  fc.record({ phase: fc.constant('rolled-out' as const), durationMs: fc.nat() }),
  fc.record({
    phase: fc.constant('pruned' as const),
    objects: fc.uniqueArray(objects, { minLength: 1, selector: ({ name }) => name }),
    durationMs: fc.nat(),
  }),
  fc.record({
    phase: fc.constant('traffic-shifted' as const),
    step: fc.integer({ min: 1, max: 4 }),
    of: fc.constant(4),
    weight: fc.integer({ min: 0, max: 100 }),
    track: fc.constantFrom('blue' as const, 'green' as const),
    durationMs: fc.nat(),
  }),
  fc.record({
    phase: fc.constant('rollout-paused' as const),
    step: fc.nat(1),
    until: fc.constantFrom(null, '2026-01-05T10:05:00.000Z'),
    why: fc.constantFrom('step' as const, 'directive' as const, 'preview' as const),
  }),
  fc.record({
    phase: fc.constant('rollout-resumed' as const),
    step: fc.nat(1),
    why: fc.constantFrom('time' as const, 'directive' as const, 'analysis' as const),
  }),
  fc.record({
    phase: fc.constant('analysed' as const),
    step: fc.nat(4),
    measurement: fc.integer({ min: 1, max: 3 }),
    verdict: fc.constantFrom('passed' as const, 'failed' as const, 'inconclusive' as const),
    value: fc.constantFrom(null, 0, 0.25),
    message: fc.constant('measured'),
  }),
  fc.constant<Observation>({ phase: 'returned-to-stable', why: 'aborted', durationMs: 12 }),
  fc.constant<Observation>({ phase: 'healthy' }),
  fc.record({ phase: fc.constant('delayed' as const), attempt: fc.integer({ min: 1, max: 20 }), ...fault }),
  fc.record({ phase: fc.constant('failed' as const), ...fault }),
  fc.record({ phase: fc.constant('rejected' as const), ...fault }),
  fc.record({
    phase: fc.constant('drifted' as const),
    paths: fc.uniqueArray(fc.constantFrom('a.yaml', 'b.yaml', 'c.yaml'), { minLength: 1 }),
    commit: optionalCommit,
    noticedAt: fc.constant('2026-01-05T10:00:00.000Z'),
  }),
  fc.record({ phase: fc.constant('healed' as const), commit: optionalCommit }),
);

const gone: fc.Arbitrary<Observation> = fc.record({ phase: fc.constant('removed' as const), commit: optionalCommit });

export const deploymentCommands: fc.Arbitrary<DeploymentCommand> = fc
  .record({
    epoch: fc.integer({ min: 1, max: 3 }),
    seq: fc.integer({ min: 0, max: 12 }),
    observation: fc.oneof({ weight: 30, arbitrary: observations }, { weight: 1, arbitrary: gone }),
    metadata,
  })
  .map(({ metadata, ...data }) => ({
    type: 'RecordReport',
    data: { environment, generation: 1, release: uuid(1), ...data },
    context: undefined,
    metadata,
  }));
