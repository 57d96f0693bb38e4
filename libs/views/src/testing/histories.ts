import { isWaybillError } from '@waybill/kernel';
import { environmentStreamOf, presetRules, type EnvironmentId, type Observation } from '@waybill/domain';
import fc from 'fast-check';
import { hex, releaseId } from './samples.js';
import { initialLocation } from './location-story.js';
import { type Story } from './story.js';

const PROJECTS = ['a', 'b'];
const LOCATIONS = ['dev', 'prod1'];

const SLOTS = ['dev', 'feature-x'];

/** Where a migration goes to. */
const NEXT = 'prod2';

const release = fc.integer({ min: 1, max: 4 }).map(releaseId);
const project = fc.constantFrom(...PROJECTS);
const location = fc.constantFrom(...LOCATIONS);
const person = fc.constantFrom('p-person001', 's-service01');
const scope = fc.constantFrom('*', ...PROJECTS);
const environment: fc.Arbitrary<EnvironmentId> = fc.record({
  project,
  slot: fc.constantFrom(...SLOTS),
  location,
});
const outcome = fc.constantFrom('healthy', 'delivered', 'failed', 'superseded');
const generation = fc.integer({ min: 1, max: 3 });
const digest = fc.constantFrom('c', '7').map((digit) => hex(digit));
const NOTICED_AT = '2026-01-05T12:00:00.000Z';
const refs = [
  { kind: 'branch', name: 'dev' },
  { kind: 'branch', name: 'feature-x' },
  { kind: 'branch', name: 'hotfix-x' },
  { kind: 'tag', name: 'v1' },
] as const;

const OLD_OBJECT = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'old' };

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc.constantFrom<Observation>(
    { phase: 'accepted' },
    { phase: 'adapted', objects: [], inventoryHash: hex('1', 64) },
    { phase: 'applied', inventoryHash: hex('1', 64), commit: hex('2'), durationMs: 5 },
    { phase: 'rolled-out', durationMs: 2900 },
    { phase: 'pruned', objects: [OLD_OBJECT], durationMs: 40 },
    { phase: 'traffic-shifted', step: 1, of: 2, weight: 10, track: 'green', durationMs: 400 },
    { phase: 'traffic-shifted', step: 2, of: 2, weight: 100, track: 'green', durationMs: 400 },
    { phase: 'rollout-paused', step: 1, until: null, why: 'step' },
    { phase: 'rollout-resumed', step: 1, why: 'directive' },
    { phase: 'analysed', step: 1, measurement: 1, verdict: 'inconclusive', value: null, message: 'no answer' },
    { phase: 'returned-to-stable', why: 'analysis', durationMs: 500 },
    { phase: 'delivered', commit: hex('2') },
    { phase: 'healthy' },
    { phase: 'failed', reason: 'push', message: 'refused' },
    { phase: 'rejected', reason: 'kind', message: 'not served' },
    { phase: 'drifted', paths: ['a.yaml'], commit: null, noticedAt: NOTICED_AT },
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

/** An arbitrary step of arbitrary arguments. */
const stepOf = <Arguments extends unknown[]>(
  arguments_: { [Index in keyof Arguments]: fc.Arbitrary<Arguments[Index]> },
  act: (story: Story, ...values: Arguments) => Promise<unknown>,
): fc.Arbitrary<Step> =>
  fc.tuple<Arguments>(...arguments_).map(
    (values): Step =>
      (story) =>
        act(story, ...values),
  );

const projectSteps = [
  stepOf([project], (story, key) => story.project(key)),
  stepOf([project], (story, key) => story.developer(key)),
  stepOf([project], (story, key) => story.business(key)),
  stepOf([project], (story, key) => story.devops(key)),
  stepOf([project], (story, key) => story.rules(key)),
  stepOf([project], (story, key) => story.deleteBranch(key, 'feature-x')),
];

const locationSteps = [
  stepOf([location], (story, key) => story.location(key)),
  stepOf([location, fc.constantFrom('main', 'other')], (story, key, branch) => story.changeLocation(key, branch)),
  stepOf([location], (story, key) => story.retireLocation(key)),
  stepOf([location], (story, key) => story.resource(key)),
  stepOf([location], (story, key) => story.changeResource(key, { namespace: 'other' })),
  stepOf([location], (story, key) => story.retireResource(key)),
  stepOf([location, generation], (story, key, epoch) => story.connect(key, epoch)),
  stepOf([location, generation], (story, key, epoch) => story.silence(key, epoch)),
  stepOf([location, generation], async (story, key, epoch) => {
    await story.silence(key, epoch);
    await story.hear(key, epoch);
    await story.resync(key, epoch);
  }),
];

const releaseSteps = [
  stepOf([release, project, fc.constantFrom(...refs), fc.boolean()], (story, id, key, ref, complete) =>
    story.request(id, key, ref, { rules, ...(complete ? {} : { deliverable: null }) }),
  ),
  // By chance alone hardly any release would get so far as to be deployed, and hardly any would fail.
  stepOf([release, project], async (story, id, key) => {
    await story.request(id, key, refs[0], { rules });
    await story.config(id);
    await story.evaluate(id, LOCATIONS);
  }),
  stepOf([release, project], async (story, id, key) => {
    await story.request(id, key, refs[1], { rules });
    await story.config(id);
    await story.approve(id);
    await story.evaluate(id, LOCATIONS);
  }),
  stepOf([release, outcome], async (story, id, first) => {
    await story.conclude(id, 'dev', first);
    await story.conclude(id, 'prod1', 'failed', 'refused');
  }),
  stepOf([release], (story, id) => story.provide(id)),
  stepOf([release, digest], (story, id, tree) => story.config(id, tree)),
  stepOf([release], (story, id) => story.configProblem(id)),
  stepOf([release], (story, id) => story.evaluate(id, LOCATIONS)),
  stepOf([release], (story, id) => story.approve(id)),
  stepOf([release], (story, id) => story.refuse(id)),
  stepOf([release], (story, id) => story.cancel(id)),
  stepOf([release, location, outcome], (story, id, key, how) => story.conclude(id, key, how)),
];

const environmentSteps = [
  stepOf([release, environment, digest], (story, id, where, tree) => story.deploy(id, where, tree)),
  stepOf([environment], (story, where) => story.remove(where)),
  stepOf([environment, generation], (story, where, number) => story.confirmRemoval(where, number)),
  stepOf([environment, digest], (story, where, tree) => story.noticeConfig(where, tree)),
];

const migrate = async (story: Story, key: string): Promise<void> => {
  await story.location(key).catch(refused);
  await story.resource(key).catch(refused);
  await story.migrate(key, NEXT, initialLocation(NEXT));
};

const migrationSteps = [
  stepOf([location], migrate),
  stepOf([location], async (story, key) => {
    await migrate(story, key);
    await story.migration(key, 'StopMigration');
    await story.migration(key, 'ResumeMigration');
    await story.migration(key, 'RevertMigration');
    await story.completeMigration(key);
  }),
  stepOf([location], async (story, key) => {
    await migrate(story, key);
    await story.migration(key, 'RequestMigrationRemoval');
    await story.beginRemoval(key);
    await story.completeMigration(key);
  }),
  stepOf([release, environment, fc.boolean()], (story, id, where, counts) => story.copy(id, where, NEXT, counts)),
  stepOf([release, environment], async (story, id, where) => {
    await story.deploy(id, where);
    await story.refuseCopy(id, where, NEXT);
    await story.copy(id, where, NEXT);
    await story.cutOver(id, where, NEXT);
  }),
  stepOf([environment], (story, where) => story.cutBack(where, NEXT)),
  stepOf([release, environment], (story, id, where) => story.removeMigrated(id, where)),
  stepOf([environment], (story, where) => story.removeCopy({ ...where, location: NEXT })),
  stepOf([release, location], (story, id, key) => story.redirect(id, key, NEXT)),
];

/** Nobody reports of a generation that was not asked for. */
async function isAskedFor(story: Story, where: EnvironmentId, number: number): Promise<boolean> {
  const events = await story.store.readStream(environmentStreamOf(where));
  return events.some(({ data }) => data['generation'] === number);
}

const reportSteps = [
  stepOf([environment, generation, release, observation], async (story, where, number, id, what) => {
    if (await isAskedFor(story, where, number)) await story.report(where, number, id, what);
  }),
  stepOf([environment, generation], async (story, where, number) => {
    if (!(await isAskedFor(story, where, number))) return;
    await story.report(where, number, null, { phase: 'drifted', paths: ['b'], commit: null, noticedAt: NOTICED_AT });
    await story.report(where, number, null, { phase: 'healed', commit: null });
  }),
  stepOf([release, environment, fc.constantFrom('promote', 'pause', 'abort')], async (story, id, where, directive) => {
    const { state } = await story.deploy(id, where);
    await story.direct(where, state.generation, directive);
    await story.report(where, state.generation, id, { phase: 'accepted' });
    await story.report(where, state.generation, id, { phase: 'rollout-paused', step: 1, until: null, why: 'step' });
    await story.report(where, state.generation, id, { phase: 'rollout-resumed', step: 1, why: 'directive' });
  }),
];

const instant = fc
  .integer({ min: 0, max: 59 })
  .map((minute) => new Date(Date.UTC(2026, 0, 5, 11, minute)).toISOString());

const incidentSteps = [
  stepOf([release, project, instant], (story, id, key, at) => story.openIncident(id, key, at)),
  stepOf([release, project, release], (story, id, key, cause) => story.nameCause(id, key, cause)),
  stepOf([release, project, instant], (story, id, key, at) => story.resolveIncident(id, key, at)),
  stepOf([release, project, fc.boolean(), instant], (story, id, key, dismissed, openedAt) =>
    story.correctIncident(id, key, { dismissed, openedAt }),
  ),
];

const accessSteps = [
  stepOf([person, scope], (story, id, where) => story.grant(id, 'developer', where)),
  stepOf([person, scope], (story, id, where) => story.revoke(id, 'developer', where)),
  stepOf([person, release], (story, id, token) => story.token(id, token)),
  stepOf([person, release], (story, id, token) => story.revokeToken(id, token)),
];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.oneof(...projectSteps) },
  { weight: 4, arbitrary: fc.oneof(...locationSteps) },
  { weight: 6, arbitrary: fc.oneof(...releaseSteps) },
  { weight: 3, arbitrary: fc.oneof(...environmentSteps) },
  { weight: 4, arbitrary: fc.oneof(...reportSteps) },
  { weight: 2, arbitrary: fc.oneof(...migrationSteps) },
  { weight: 1, arbitrary: fc.oneof(...incidentSteps) },
  { weight: 1, arbitrary: fc.oneof(...accessSteps) },
);

/** Anything in any order: what is not allowed is refused by the deciders and leaves no event. */
export const histories = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(step, { maxLength, size: 'max' });

export async function tell(story: Story, steps: readonly Step[]): Promise<void> {
  for (const one of steps) await one(story).catch(refused);
}

function refused(error: unknown): void {
  if (!isWaybillError(error)) throw error;
}
