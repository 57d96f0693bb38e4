import { isWaybillError } from '@waybill/kernel';
import { presetRules, type EnvironmentId, type Observation } from '@waybill/domain';
import fc from 'fast-check';
import { hex, releaseId, type Story } from './story.js';

const PROJECTS = ['a', 'b'];
const LOCATIONS = ['dev', 'prod1'];
const PERSONS = ['p-person001', 's-service01'];
const SLOTS = ['dev', 'feature-x'];

const release = fc.integer({ min: 1, max: 4 }).map(releaseId);
const project = fc.constantFrom(...PROJECTS);
const location = fc.constantFrom(...LOCATIONS);
const environment: fc.Arbitrary<EnvironmentId> = fc.record({
  project,
  slot: fc.constantFrom(...SLOTS),
  location,
});
const generation = fc.integer({ min: 1, max: 3 });
const digest = fc.constantFrom('c', '7').map((digit) => hex(digit));
const refs = [
  { kind: 'branch', name: 'dev' },
  { kind: 'branch', name: 'feature-x' },
  { kind: 'branch', name: 'hotfix-x' },
  { kind: 'tag', name: 'v1' },
] as const;

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.constantFrom<Observation>(
    { phase: 'accepted' },
    { phase: 'adapted', objects: [], inventoryHash: hex('1', 64) },
    { phase: 'applied', inventoryHash: hex('1', 64), commit: hex('2'), durationMs: 5 },
    { phase: 'delivered', commit: hex('2') },
    { phase: 'healthy' },
    { phase: 'failed', reason: 'push', message: 'refused' },
    { phase: 'rejected', reason: 'kind', message: 'not served' },
    { phase: 'drifted', paths: ['a.yaml'], commit: null, noticedAt: '2026-01-05T12:00:00.000Z' },
    { phase: 'healed', commit: null },
    { phase: 'removed', commit: null },
  ),
  fc
    .integer({ min: 1, max: 9 })
    .map((attempt): Observation => ({ phase: 'delayed', attempt, reason: 'push', message: `attempt ${attempt}` })),
);

/** Something that somebody asks for or reports. */
export type Step = (story: Story) => Promise<unknown>;

const rules = presetRules('gitflow').map((rule, index) => ({
  ...rule,
  approvals: index % 2,
  stages: [['dev'], ['prod1']],
}));

const step: fc.Arbitrary<Step> = fc.oneof(
  project.map(
    (key): Step =>
      (story) =>
        story.project(key),
  ),
  project.map(
    (key): Step =>
      (story) =>
        story.developer(key),
  ),
  project.map(
    (key): Step =>
      (story) =>
        story.business(key),
  ),
  project.map(
    (key): Step =>
      (story) =>
        story.devops(key),
  ),
  project.map(
    (key): Step =>
      (story) =>
        story.rules(key),
  ),
  project.map(
    (key): Step =>
      (story) =>
        story.deleteBranch(key, 'feature-x'),
  ),
  location.map(
    (key): Step =>
      (story) =>
        story.location(key),
  ),
  location.map(
    (key): Step =>
      (story) =>
        story.resource(key),
  ),
  location.map(
    (key): Step =>
      (story) =>
        story.changeResource(key, { namespace: 'other' }),
  ),
  location.map(
    (key): Step =>
      (story) =>
        story.retireResource(key),
  ),
  location.map(
    (key): Step =>
      (story) =>
        story.retireLocation(key),
  ),
  fc.tuple(location, generation).map(
    ([key, epoch]): Step =>
      (story) =>
        story.connect(key, epoch),
  ),
  fc.tuple(location, generation).map(
    ([key, epoch]): Step =>
      (story) =>
        story.silence(key, epoch),
  ),
  fc.tuple(release, project, fc.constantFrom(...refs), fc.boolean()).map(
    ([id, key, ref, complete]): Step =>
      (story) =>
        story.request(id, key, ref, { rules, ...(complete ? {} : { deliverable: null }) }),
  ),
  release.map(
    (id): Step =>
      (story) =>
        story.provide(id),
  ),
  fc.tuple(release, digest).map(
    ([id, tree]): Step =>
      (story) =>
        story.config(id, tree),
  ),
  release.map(
    (id): Step =>
      (story) =>
        story.configProblem(id),
  ),
  release.map(
    (id): Step =>
      (story) =>
        story.evaluate(id, LOCATIONS),
  ),
  release.map(
    (id): Step =>
      (story) =>
        story.approve(id),
  ),
  release.map(
    (id): Step =>
      (story) =>
        story.refuse(id),
  ),
  release.map(
    (id): Step =>
      (story) =>
        story.cancel(id),
  ),
  fc.tuple(release, location, fc.constantFrom('healthy', 'delivered', 'failed', 'superseded')).map(
    ([id, key, outcome]): Step =>
      (story) =>
        story.conclude(id, key, outcome, outcome === 'failed' ? 'refused' : null),
  ),
  fc.tuple(release, environment, digest).map(
    ([id, where, tree]): Step =>
      (story) =>
        story.deploy(id, where, tree),
  ),
  environment.map(
    (where): Step =>
      (story) =>
        story.remove(where),
  ),
  fc.tuple(environment, generation).map(
    ([where, number]): Step =>
      (story) =>
        story.confirmRemoval(where, number),
  ),
  fc.tuple(environment, digest).map(
    ([where, tree]): Step =>
      (story) =>
        story.noticeConfig(where, tree),
  ),
  fc.tuple(environment, generation, release, observation).map(
    ([where, number, id, what]): Step =>
      (story) =>
        story.report(where, number, id, what),
  ),
  fc.tuple(fc.constantFrom(...PERSONS), fc.constantFrom('*', ...PROJECTS)).map(
    ([id, scope]): Step =>
      (story) =>
        story.grant(id, 'developer', scope),
  ),
  fc.tuple(fc.constantFrom(...PERSONS), fc.constantFrom('*', ...PROJECTS)).map(
    ([id, scope]): Step =>
      (story) =>
        story.revoke(id, 'developer', scope),
  ),
  fc.tuple(fc.constantFrom(...PERSONS), release).map(
    ([id, token]): Step =>
      (story) =>
        story.token(id, token),
  ),
  fc.tuple(fc.constantFrom(...PERSONS), release).map(
    ([id, token]): Step =>
      (story) =>
        story.revokeToken(id, token),
  ),
);

/** Anything in any order: what is not allowed is refused by the deciders and leaves no event. */
export const histories = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(step, { maxLength, size: 'max' });

export async function tell(story: Story, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    try {
      await one(story);
    } catch (error) {
      if (!isWaybillError(error)) throw error;
    }
  }
}
