import type { Actor } from '@waybill/kernel';
import {
  presetRules,
  type AccessCommand,
  type DeveloperMetadata,
  type LocationCommand,
  type ProjectCommand,
} from '@waybill/domain';
import fc from 'fast-check';
import { migrating, migrationCommands } from './migrations.js';
import { metadata, people, rule, uuid } from './values.js';

const project = 'a';
const resources = ['dev', 'feature', 'release', 'lt', 'prod1', 'prod2'].flatMap((location) => [
  { resource: `kubernetes-${location}`, kind: 'kubernetes' as const, location, delivery: 'cluster' as const },
  { resource: `istio-${location}`, kind: 'istio' as const, location, delivery: 'cluster' as const },
]);

const ports = fc.constantFrom<DeveloperMetadata['ports'][]>(
  [],
  [{ name: 'http', port: 8080, protocol: 'http' as const }],
);

export const projectCommands: fc.Arbitrary<readonly ProjectCommand[]> = fc.array(
  fc.oneof(
    fc.record({ name: fc.constantFrom('A', 'B'), metadata }).map(({ name, metadata }): ProjectCommand => ({
      type: 'RegisterProject',
      data: { project, name },
      context: undefined,
      metadata,
    })),
    fc.record({ ports, metadata }).map(({ ports, metadata }): ProjectCommand => ({
      type: 'SubmitDeveloperMetadata',
      data: {
        project,
        metadata: {
          sourceRepository: 'https://git.example/a.git',
          deliverable: { kind: 'image', repository: 'registry.example/a' },
          ports,
          healthChecks: {},
          config: { repository: 'https://git.example/config.git', branch: 'main' },
        },
      },
      context: undefined,
      metadata,
    })),
    fc.record({ owner: people, metadata }).map(({ owner, metadata }): ProjectCommand => ({
      type: 'SubmitBusinessMetadata',
      data: {
        project,
        metadata: { owner, productLine: 'shop', domains: [], trafficPolicy: {}, approvers: [], notify: [] },
      },
      context: undefined,
      metadata,
    })),
    fc
      .record({ maxReplicas: fc.integer({ min: 1, max: 2 }), metadata })
      .map(({ maxReplicas, metadata }): ProjectCommand => ({
        type: 'SubmitDevopsMetadata',
        data: { project, metadata: { quotas: { maxReplicas }, resources: {}, strategies: {} } },
        context: undefined,
        metadata,
      })),
    fc
      .record({
        preset: fc.constantFrom('gitflow' as const, 'trunk' as const, null),
        pattern: fc.constantFrom('^dev$', '(', '^feature-.*$'),
        resources: fc.constantFrom(resources, []),
        metadata,
      })
      .map(({ preset, pattern, resources, metadata }): ProjectCommand => ({
        type: 'DefineBranchRules',
        data: { project, preset, rules: preset ? presetRules(preset) : [rule({ pattern })] },
        context: { resources },
        metadata,
      })),
    fc
      .record({ branch: fc.constantFrom('dev', 'Feature/Login'), metadata })
      .map(({ branch, metadata }): ProjectCommand => ({
        type: 'DeleteBranch',
        data: { project, branch },
        context: undefined,
        metadata,
      })),
  ),
  { maxLength: 25 },
);

const location = 'dev';
const operator: Actor = { kind: 'operator', id: location, roles: [] };
const delivery = fc.constantFrom(
  { kind: 'cluster' as const },
  { kind: 'gateway' as const },
  { kind: 'git' as const, repository: 'https://git.example/dev.git', branch: 'main' },
);
const onboarded = fc.record({
  location: fc.constant(location),
  resource: fc.constantFrom('kubernetes-dev', 'apig-dev', 'constructor'),
  kind: fc.constantFrom('kubernetes' as const, 'apig' as const),
  parameters: fc.constantFrom({}, { namespace: 'a' }),
  connection: fc.constantFrom(null, 'vault/dev'),
});

const anyOfLocation: fc.Arbitrary<readonly LocationCommand[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: migrationCommands },
    fc
      .record({ type: fc.constantFrom('OnboardLocation' as const, 'ChangeLocation' as const), delivery, metadata })
      .map(({ type, delivery, metadata }): LocationCommand => ({
        type,
        data: { location, delivery },
        context: undefined,
        metadata,
      })),
    fc
      .record({ data: onboarded, elsewhere: fc.constantFrom(null, null, 'prod'), metadata })
      .map(({ data, elsewhere, metadata }): LocationCommand => ({
        type: 'OnboardResource',
        data,
        context: { elsewhere },
        metadata,
      })),
    fc
      .record({ data: onboarded, metadata })
      .map(({ data, metadata }): LocationCommand => ({ type: 'ChangeResource', data, context: undefined, metadata })),
    fc
      .record({ resource: onboarded.map((r) => r.resource), metadata })
      .map(({ resource, metadata }): LocationCommand => ({
        type: 'RetireResource',
        data: { location, resource },
        context: undefined,
        metadata,
      })),
    metadata.map((metadata): LocationCommand => ({
      type: 'RetireLocation',
      data: { location },
      context: undefined,
      metadata,
    })),
    fc.record({ epoch: fc.integer({ min: 0, max: 3 }), metadata }).map(({ epoch, metadata }): LocationCommand => ({
      type: 'RecordOperatorConnected',
      data: { location, epoch, software: 'operator 1', capabilities: ['kubernetes'] },
      context: undefined,
      metadata: { ...metadata, actor: operator },
    })),
    fc
      .record({
        type: fc.constantFrom('RecordOperatorSilent' as const, 'RecordOperatorHeard' as const),
        epoch: fc.integer({ min: 0, max: 3 }),
        metadata,
      })
      .map(({ type, epoch, metadata }): LocationCommand => ({
        type,
        data: { location, epoch },
        context: undefined,
        metadata: { ...metadata, actor: operator },
      })),
    fc.record({ epoch: fc.integer({ min: 0, max: 3 }), metadata }).map(({ epoch, metadata }): LocationCommand => ({
      type: 'RecordLocationResynced',
      data: {
        location,
        epoch,
        digest: 'd'.repeat(64),
        environments: 1,
        corrected: [{ environment: { project, slot: 'dev', location }, generation: 1, by: 'published' }],
        further: 0,
      },
      context: undefined,
      metadata: { ...metadata, actor: operator },
    })),
  ),
  { maxLength: 30, size: 'large' },
);

/** Also what happens to a location that is migrated, which chance alone hardly ever gets to. */
export const locationCommands: fc.Arbitrary<readonly LocationCommand[]> = fc.oneof(
  { weight: 9, arbitrary: anyOfLocation },
  { weight: 1, arbitrary: migrating },
);

const principal = 'p-00000009';
const tokens = fc.integer({ min: 1, max: 3 }).map(uuid);

export const accessCommands: fc.Arbitrary<readonly AccessCommand[]> = fc.array(
  fc.oneof(
    fc
      .record({
        type: fc.constantFrom('GrantAccess' as const, 'RevokeAccess' as const),
        role: fc.constantFrom('admin' as const, 'developer' as const),
        scope: fc.constantFrom('*', project),
        metadata,
      })
      .map(({ type, role, scope, metadata }): AccessCommand => ({
        type,
        data: { principal, role, scope },
        context: undefined,
        metadata,
      })),
    fc
      .record({ token: tokens, expiresAt: fc.constantFrom(null, '2026-01-05T10:02:00.000Z'), metadata })
      .map(({ token, expiresAt, metadata }): AccessCommand => ({
        type: 'CreateToken',
        data: { principal, token, expiresAt },
        context: undefined,
        metadata,
      })),
    fc.record({ token: tokens, metadata }).map(({ token, metadata }): AccessCommand => ({
      type: 'RevokeToken',
      data: { principal, token },
      context: undefined,
      metadata,
    })),
  ),
  { maxLength: 30 },
);
