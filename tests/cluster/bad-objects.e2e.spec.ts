import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Files } from '../e2e/harness/git.js';
import { PLAIN } from '../e2e/harness/project.js';
import { until } from '../e2e/harness/until.js';
import { applyObjects, conditionOf, getObject, kubectl, namesIn, releaseWhen } from './harness/kubectl.js';
import { ended, eventsOf, givenShop, type Shop } from './harness/shop.js';
import { type Place, type Stage, startStage, uniqueName } from './harness/stage.js';

const location = uniqueName('objects');
let stage: Stage;
let place: Place;
let shop: Shop;

const REFUSED = `apiVersion: v1
kind: ConfigMap
metadata: { name: odd }
data: { a: { b: c } }
`;
const WIDGET = `apiVersion: example.dev/v1
kind: Widget
metadata: { name: w }
spec: {}
`;

const configured = (ref: string, manifest?: string): Files => ({
  [`shop/${ref}/waybill.yaml`]: PLAIN,
  ...(manifest !== undefined && { [`shop/${ref}/manifests/extra.yaml`]: manifest }),
});

beforeAll(async () => {
  stage = await startStage([location]);
  place = stage.place(location);
  shop = await givenShop(stage, location, {
    files: { ...configured('refused', REFUSED), ...configured('missing', WIDGET), ...configured('owned') },
  });
  await place.start({ WAYBILL_PROGRESS_DEADLINE: '3' });
});
afterAll(() => stage.close());

/** The one action that says why nothing came of it; fails when there are several. */
async function refusalOf(slot: string): Promise<{ type: string; data: Record<string, unknown> }> {
  const events = await eventsOf(stage.kit.admin, `deployment-shop.${slot}@${location}.1`);
  const ends = events.filter(
    ({ type }) => !['DeploymentAccepted', 'ManifestsAdapted', 'DeploymentDelayed'].includes(type),
  );
  expect(ends).toHaveLength(1);
  return ends[0]!;
}

const stalled = (slot: string, step = 'Rejected') =>
  releaseWhen(place.namespace, `shop--${slot}`, `is ${step}`, ({ status }) => status?.step === step);

const namedFor = async (slot: string) => (await namesIn(place.target)).filter((name) => name.includes(slot));

it('a manifest that the server refuses ends it in the server’s words, and nothing stands', async () => {
  const release = await shop.release('refused', 'one');
  expect(release).toMatchObject({ state: 'FAILED', locations: [{ state: 'rejected' }] });
  expect(release.locations[0]!.message).toContain('data.a');
  const ready = conditionOf(await stalled('refused'), 'Ready');
  expect(ready).toMatchObject({ status: 'False', reason: 'InvalidPatch' });
  const refusal = await refusalOf('refused');
  expect(refusal).toMatchObject({ type: 'DeploymentRejected', data: { reason: 'InvalidPatch' } });
  expect(refusal.data['message']).toBe(ready!.message);
  expect(await namedFor('refused')).toEqual([]);
});

it('a kind that is not installed is waited for, and ends it at the deadline', async () => {
  const release = await shop.release('missing', 'one');
  // Its Service and its Deployment were applied before.
  expect(release).toMatchObject({ state: 'FAILED', locations: [{ state: 'failed' }] });
  const ready = conditionOf(await stalled('missing', 'Failed'), 'Ready');
  expect(ready).toMatchObject({ status: 'False', reason: 'KindNotServed' });
  expect(ready!.message).toContain('Widget');
  expect(await refusalOf('missing')).toMatchObject({ type: 'DeploymentFailed', data: { reason: 'KindNotServed' } });
});

it('an object that belongs to somebody else is left as it is', async () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop--owned', namespace: place.target, labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    spec: { ports: [{ port: 1234 }] },
  };
  await applyObjects(object);
  const before = await getObject(place.target, 'service', 'shop--owned');
  const release = await shop.release('owned', 'one');
  expect(release).toMatchObject({ state: 'FAILED', locations: [{ state: 'rejected' }] });
  expect(release.locations[0]!.message).toContain('Helm');
  expect(conditionOf(await stalled('owned'), 'Ready')).toMatchObject({ reason: 'OwnedByAnother' });
  expect(await refusalOf('owned')).toMatchObject({ type: 'DeploymentRejected', data: { reason: 'OwnedByAnother' } });
  expect(await getObject(place.target, 'service', 'shop--owned')).toEqual(before);
  expect(await namedFor('owned')).toEqual(['Service shop--owned']);
});

it('a revoked token keeps it waiting, and it goes on once there is a new one', async () => {
  expect(await shop.release('token', 'one')).toMatchObject({ state: 'COMPLETED' });
  await place.revokeToken();
  const asked = await shop.ask('token', 'two');
  await until(
    'the ledger hears of it',
    () => eventsOf(stage.kit.admin, `deployment-shop.token@${location}.2`),
    (events) => events.some(({ data }) => data['reason'] === 'Unauthorized'),
    20_000,
  );
  await place.renewToken();
  expect(await ended(stage.kit, asked.id)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
});

it('a namespace that is being deleted is waited for, and ends it at the deadline', async () => {
  await applyObjects({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'holds', namespace: place.target, finalizers: ['example.dev/holds'] },
  });
  await kubectl('delete', 'namespace', place.target, '--wait=false');
  const release = await shop.release('leaving', 'one');
  expect(release).toMatchObject({ state: 'FAILED', locations: [{ state: 'rejected' }] });
  expect(conditionOf(await stalled('leaving'), 'Ready')).toMatchObject({ reason: 'NamespaceTerminating' });
  expect(await refusalOf('leaving')).toMatchObject({ data: { reason: 'NamespaceTerminating' } });
  await kubectl(
    'patch',
    'configmap',
    '-n',
    place.target,
    'holds',
    '--type=merge',
    '-p',
    '{"metadata":{"finalizers":null}}',
  );
});
