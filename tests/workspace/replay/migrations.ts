import type { EnvironmentCommand, LocationCommand, LocationState } from '@waybill/domain';
import { locationDecider } from '@waybill/domain';
import type { CommandMetadata } from '@waybill/kernel';
import fc from 'fast-check';
import { commit, commits, deliverables, digests, metadata, uuid } from './values.js';

const environment = { project: 'a', slot: 'dev', location: 'dev' };
const migratedFrom = { ...environment, location: 'old' };
const migration = fc.constantFrom(1, 1, 1, 2);
const devops: CommandMetadata = {
  commandId: '00000000-0000-4000-8000-00000000000a',
  actor: { kind: 'person', id: 'p-00000001', roles: ['devops'] },
  now: '2026-01-05T10:00:00.000Z',
  correlationId: 'correlation',
  causationId: 'cause',
};
const releases = fc.integer({ min: 1, max: 9 });

/** The same environment as the one that is left and as a copy of another one. */
export const environmentMigrationCommands: fc.Arbitrary<EnvironmentCommand> = fc.oneof(
  fc
    .record({
      n: releases,
      migration,
      commit: commits,
      deliverable: deliverables,
      desired: digests,
      counts: fc.boolean(),
      metadata,
    })
    .map(({ n, metadata, ...data }): EnvironmentCommand => ({
      type: 'CopyEnvironment',
      data: {
        environment,
        migratedFrom,
        release: uuid(n),
        order: n * 2,
        generation: n,
        configDigest: commit(n),
        ref: { kind: 'branch', name: 'dev' },
        tier: 'dev',
        ...data,
      },
      context: undefined,
      metadata,
    })),
  fc.record({ n: releases, migration, metadata }).map(({ n, migration, metadata }): EnvironmentCommand => ({
    type: 'CutOverEnvironment',
    data: { environment, migration, to: 'new', release: uuid(n), generation: 1 },
    context: undefined,
    metadata,
  })),
  fc.record({ n: releases, migration, metadata }).map(({ n, migration, metadata }): EnvironmentCommand => ({
    type: 'RefuseCopy',
    data: { environment, migration, to: 'new', release: uuid(n), message: 'no content' },
    context: undefined,
    metadata,
  })),
  fc.record({ n: releases, migration, metadata }).map(({ n, migration, metadata }): EnvironmentCommand => ({
    type: 'RemoveMigratedEnvironment',
    data: { environment, migration, release: uuid(n) },
    context: undefined,
    metadata,
  })),
  fc.record({ migration, metadata }).map(({ migration, metadata }): EnvironmentCommand => ({
    type: 'CutBackEnvironment',
    data: { environment, migration, to: 'new' },
    context: undefined,
    metadata,
  })),
  fc.record({ migration, metadata }).map(({ migration, metadata }): EnvironmentCommand => ({
    type: 'RemoveCopy',
    data: { environment, migration },
    context: undefined,
    metadata,
  })),
);

const target: LocationState = {
  ...locationDecider.initialState,
  delivery: { kind: 'git', repository: 'https://git.example/new.git', branch: 'main' },
  resources: {
    'kubernetes-new': { kind: 'kubernetes', parameters: {}, connection: null, retired: false },
    'apig-new': { kind: 'apig', parameters: {}, connection: null, retired: false },
  },
};

export const migrationCommands: fc.Arbitrary<LocationCommand> = fc.oneof(
  fc
    .record({ when: fc.constantFrom('after-healthy' as const, 'by-hand' as const), metadata })
    .map(({ when, metadata }): LocationCommand => ({
      type: 'StartMigration',
      data: { location: 'dev', to: 'new', map: {}, removal: { when } },
      context: { target, arriving: [], occupied: [] },
      metadata,
    })),
  fc
    .record({
      type: fc.constantFrom(
        'StopMigration' as const,
        'ResumeMigration' as const,
        'RequestMigrationRemoval' as const,
        'RevertMigration' as const,
      ),
      metadata,
    })
    .map(({ type, metadata }): LocationCommand => ({
      type,
      data: { location: 'dev' },
      context: undefined,
      metadata,
    })),
  fc.record({ migration, metadata }).map(({ migration, metadata }): LocationCommand => ({
    type: 'BeginMigrationRemoval',
    data: { location: 'dev', migration },
    context: undefined,
    metadata,
  })),
  fc.record({ migration, metadata }).map(({ migration, metadata }): LocationCommand => ({
    type: 'CompleteMigration',
    data: { location: 'dev', migration, environments: 1 },
    context: undefined,
    metadata,
  })),
);

const location = 'dev';
const asDevops = (type: string, data: object, context?: unknown): LocationCommand =>
  ({ type, data: { location, ...data }, context, metadata: devops }) as LocationCommand;

/** A location with a resource that is being migrated, and what happens then. */
export const migrating: fc.Arbitrary<readonly LocationCommand[]> = fc
  .array(
    migrationCommands.map((command): LocationCommand => ({ ...command, metadata: devops })),
    { minLength: 4, maxLength: 20 },
  )
  .map((commands) => [
    asDevops('OnboardLocation', {
      delivery: { kind: 'git', repository: 'https://git.example/dev.git', branch: 'main' },
    }),
    asDevops(
      'OnboardResource',
      { resource: 'kubernetes-dev', kind: 'kubernetes', parameters: {}, connection: null },
      { elsewhere: null },
    ),
    ...commands,
  ]);

/** A release for an environment that has moved, among others. */
export const moving: fc.Arbitrary<readonly EnvironmentCommand[]> = fc
  .tuple(commits, deliverables, digests, fc.array(environmentMigrationCommands, { maxLength: 4 }))
  .map(([commit, deliverable, desired, others]) => {
    const request = (n: number): EnvironmentCommand => ({
      type: 'RequestDeployment',
      data: {
        environment,
        release: uuid(n),
        order: n * 2,
        commit,
        deliverable,
        desired,
        configDigest: commit,
        ref: { kind: 'branch', name: 'dev' },
        tier: 'dev',
      },
      context: undefined,
      metadata: devops,
    });
    const of = { environment, migration: 1, release: uuid(1) };
    const steps: EnvironmentCommand[] = [
      { type: 'CutOverEnvironment', data: { ...of, to: 'new', generation: 1 }, context: undefined, metadata: devops },
      { type: 'RemoveMigratedEnvironment', data: of, context: undefined, metadata: devops },
    ];
    return [request(1), ...steps, request(3), request(2), ...others];
  });
