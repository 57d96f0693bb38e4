import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../e2e/harness/kit.js';
import { environmentNamed } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';
import { conditionOf, getObject, kubectl, releaseWhen } from './harness/kubectl.js';
import { fated, givenPodFates } from './harness/pod-fates.js';
import { ended, eventsOf, givenShop, type Shop } from './harness/shop.js';
import { type Place, type Stage, startStage, uniqueName } from './harness/stage.js';

const location = uniqueName('rollouts');
const environmentOf = (slot: string): string => `shop.${slot}@${location}`;
let stage: Stage;
let place: Place;
let shop: Shop;

beforeAll(async () => {
  await givenPodFates();
  stage = await startStage([location]);
  place = stage.place(location);
  shop = await givenShop(stage, location, {
    files: {
      'shop/failing/waybill.yaml': fated(),
      'shop/back/waybill.yaml': fated(),
      'shop/newer/waybill.yaml': fated(),
    },
  });
  await place.start({ WAYBILL_PROGRESS_DEADLINE: '4' });
});
afterAll(() => stage.close());

/** Images of the pods that are ready, without their repository. */
async function readyImages(slot: string): Promise<string[]> {
  const selector = `waybill.dev/slot=${slot}`;
  const text = await kubectl('get', 'pods', '-n', place.target, '-l', selector, '-o', 'json');
  const { items } = JSON.parse(text) as {
    items: {
      spec: { containers: { image: string }[] };
      status: { conditions?: { type: string; status: string }[] };
    }[];
  };
  const ready = items.filter(({ status }) =>
    status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
  );
  return [...new Set(ready.map(({ spec }) => spec.containers[0]!.image.split('@')[1]!))];
}

describe('a rollout whose pods fail', () => {
  it('ends failed in the pods’ own words, and the version before it still runs', async () => {
    expect(await shop.release('failing', 'good')).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
    shop.configure({ 'shop/failing/waybill.yaml': fated('pull-fails') });
    const failed = await shop.release('failing', 'bad');
    expect(failed).toMatchObject({ state: 'FAILED', locations: [{ location, state: 'failed', generation: 2 }] });
    expect(failed.locations[0]!.message).toContain('ImagePullBackOff');
    const release = await releaseWhen(
      place.namespace,
      'shop--failing',
      'is failed',
      ({ status }) => status?.step === 'Failed',
    );
    expect(conditionOf(release, 'Ready')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(conditionOf(release, 'Stalled')?.message).toContain(digestOf('bad').slice(0, 20));
    expect(await readyImages('failing')).toEqual([digestOf('good')]);
    expect(await shop.told(environmentOf('failing'), 2)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentFailed',
    ]);
  });

  it('is rolled back once where the rule says so', async () => {
    const rule = { onFailure: 'rollback' };
    const { admin } = stage.kit;
    await admin.ask(`mutation Rules($input: DefineRulesInput!) { defineRules(input: $input) { position } }`, {
      input: {
        project: 'shop',
        rules: [
          {
            name: 'any',
            branch: '^[a-z]+$',
            resources: [`kubernetes-${location}`],
            tier: 'dev',
            directory: 'any',
            ...rule,
          },
        ],
      },
    });
    expect(await shop.release('back', 'good')).toMatchObject({ state: 'COMPLETED' });
    shop.configure({ 'shop/back/waybill.yaml': fated('crash-loops') });
    const failed = await shop.release('back', 'bad');
    expect(failed.locations[0]!.message).toContain('CrashLoopBackOff');
    await until(
      'the earlier version runs again',
      () => environmentNamed(admin, environmentOf('back')),
      (seen) => seen?.state === 'healthy' && seen.generation === 3,
    );
    const live = await getObject(place.target, 'deployment', 'shop--back');
    expect(live!.metadata.annotations).toMatchObject({ 'waybill.dev/generation': '3' });
    expect(JSON.stringify(live!.spec)).toContain(digestOf('good'));
    const history = (await stage.kit.cli('history', 'shop', '--ref', 'back', '-o', 'json')).json<
      { state: string; trigger: string }[]
    >();
    expect(history.map(({ state, trigger }) => `${state} ${trigger}`)).toEqual([
      expect.stringMatching(/^COMPLETED rollback/),
      expect.stringMatching(/^FAILED/),
      expect.stringMatching(/^COMPLETED/),
    ]);
  });
});

it('a newer generation takes the place of a rollout in flight', async () => {
  expect(await shop.release('newer', 'one')).toMatchObject({ state: 'COMPLETED' });
  shop.configure({ 'shop/newer/waybill.yaml': fated('unready') });
  const stuck = await shop.ask('newer', 'two');
  await releaseWhen(
    place.namespace,
    'shop--newer',
    'rolls out',
    ({ spec, status }) => spec.generation === 2 && status?.step === 'RollingOut',
  );
  shop.configure({ 'shop/newer/waybill.yaml': fated() });
  expect(await shop.release('newer', 'three')).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
  expect(await ended(stage.kit, stuck.id)).toMatchObject({ state: 'SUPERSEDED' });
  expect(await readyImages('newer')).toEqual([digestOf('three')]);
  const told = await eventsOf(stage.kit.admin, `deployment-${environmentOf('newer')}.2`);
  expect(told.map(({ type }) => type)).not.toContain('DeploymentFailed');
});
