import type { Actor, CommandMetadata } from '@waybill/kernel';
import type { BranchRule, Deliverable, Ref } from '@waybill/domain';
import fc from 'fast-check';

/** Few values of each kind, so that commands meet each other. */
export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
export const digest = (n: number): string => n.toString(16).padStart(64, '0');
export const commit = (n: number): string => n.toString(16).padStart(40, '0');

export const digests = fc.integer({ min: 1, max: 3 }).map(digest);
export const commits = fc.integer({ min: 1, max: 3 }).map(commit);
export const people = fc.constantFrom('p-00000001', 'p-00000002', 'p-00000003');
export const approvers = fc.uniqueArray(people, { maxLength: 3 });

export const deliverables: fc.Arbitrary<Deliverable> = fc.oneof(
  fc
    .integer({ min: 1, max: 2 })
    .map((n): Deliverable => ({ kind: 'image', image: 'registry.example/a', digest: `sha256:${digest(n)}` })),
  fc.constant<Deliverable>({ kind: 'rpm', package: 'a', version: '1.0-1' }),
);

export const refs: fc.Arbitrary<Ref> = fc.record({
  kind: fc.constantFrom<Ref['kind']>('branch', 'tag'),
  name: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('dev', 'feature-login', 'Feature/Login', 'v1.2') },
    fc.stringMatching(/^[a-z][a-z0-9-]{0,60}[a-z0-9]$/),
  ),
});

export const rule = (changes: Partial<BranchRule> = {}): BranchRule => ({
  name: 'dev',
  kind: 'branch',
  pattern: '^(dev|feature-.*)$',
  resources: ['kubernetes-dev', 'istio-dev'],
  tier: 'dev',
  directory: 'dev',
  strategy: { type: 'rolling' },
  approvals: 0,
  stages: [],
  onConfigChange: 'nothing',
  onFailure: 'nothing',
  ...changes,
});

const actors: fc.Arbitrary<Actor> = fc.oneof(
  { weight: 4, arbitrary: people.map((id): Actor => ({ kind: 'person', id, roles: ['admin'] })) },
  fc.constant<Actor>({ kind: 'service', id: 's-00000001', roles: ['developer'] }),
  fc.constant<Actor>({ kind: 'policy', id: 'releases', roles: [] }),
);

export const metadata: fc.Arbitrary<CommandMetadata> = fc.record({
  commandId: fc.uuid(),
  actor: actors,
  now: fc.constantFrom('2026-01-05T10:00:00.000Z', '2026-01-05T10:05:00.000Z'),
  correlationId: fc.constant('correlation'),
  causationId: fc.constant('cause'),
});
