import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { digestOf } from '../e2e/harness/kit.js';
import { verifyChains } from '../e2e/harness/verify-chains.js';
import { getObject, releaseWhen } from './harness/kubectl.js';
import type { OperatorProcess } from './harness/operator-process.js';
import { fated, givenPodFates } from './harness/pod-fates.js';
import { ended, givenShop, type Shop } from './harness/shop.js';
import { type Place, type Stage, startStage, uniqueName } from './harness/stage.js';

const location = uniqueName('kills');
const environment = `shop.dev@${location}`;
let stage: Stage;
let place: Place;
let shop: Shop;
let operator: OperatorProcess;

beforeAll(async () => {
  await givenPodFates();
  stage = await startStage([location]);
  place = stage.place(location);
  shop = await givenShop(stage, location, { files: { 'shop/dev/waybill.yaml': fated('slow') } });
  operator = await place.start();
  expect(await shop.release('dev', 'one')).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
});
afterAll(() => stage.close());

const EACH_ONCE = [
  'DeploymentAccepted',
  'ManifestsAdapted',
  'ManifestsApplied',
  'DeploymentRolledOut',
  'DeploymentHealthy',
];

async function isAt(label: string, generation: number): Promise<void> {
  const live = await getObject(place.target, 'deployment', 'shop--dev');
  expect(live!.metadata.annotations).toMatchObject({ 'waybill.dev/generation': String(generation) });
  expect(JSON.stringify(live!.spec)).toContain(digestOf(label));
  expect(await shop.told(environment, generation)).toEqual(EACH_ONCE);
  const release = await releaseWhen(
    place.namespace,
    'shop--dev',
    'has told everything',
    ({ status }) => status?.step === 'Steady' && status.actions.length === 0,
  );
  expect(release.spec.generation).toBe(generation);
}

// Milliseconds from the request: before the record, in the middle of the work, while the pods come up, near the end.
it.each([
  [2, 0],
  [3, 120],
  [4, 700],
])('an operator that is killed during generation %i leaves no trace but time (after %i ms)', async (generation, ms) => {
  const label = `operator-${generation}`;
  const asked = await shop.ask('dev', label);
  await after(ms);
  await operator.kill();
  operator = await place.start();
  expect(await ended(stage.kit, asked.id)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
  await isAt(label, generation);
});

it('a ledger that is killed during a rollout hears of everything once, when it is back', async () => {
  const asked = await shop.ask('dev', 'ledger');
  await after(500);
  await stage.kit.ledger.kill();
  await stage.kit.restart();
  expect(await ended(stage.kit, asked.id)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
  await isAt('ledger', 5);
  await stage.kit.ledger.stop();
  expect(await verifyChains(stage.kit.ledger.data)).toMatchObject({ problems: [] });
});

/** The moment of a kill is what is tested, so here time passes on purpose. */
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
