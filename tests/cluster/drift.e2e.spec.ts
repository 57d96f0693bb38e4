import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { environmentNamed } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';
import { getObject, kubectl, releaseWhen } from './harness/kubectl.js';
import { eventsOf, givenShop, type Shop } from './harness/shop.js';
import { type Place, type Stage, startStage, uniqueName } from './harness/stage.js';

const location = uniqueName('drift');
const environment = `shop.dev@${location}`;
let stage: Stage;
let place: Place;
let shop: Shop;

beforeAll(async () => {
  stage = await startStage([location]);
  place = stage.place(location);
  shop = await givenShop(stage, location);
  await place.start();
  expect(await shop.release('dev', 'one')).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
});
afterAll(() => stage.close());

const told = async (type: string) =>
  (await eventsOf(stage.kit.admin, `deployment-${environment}.1`)).filter((event) => event.type === type);

const replicas = async () =>
  (await getObject<{ spec: { replicas: number } }>(place.target, 'deployment', 'shop--dev'))?.spec.replicas;

it('what somebody changes with kubectl is set right again, and both are recorded', async () => {
  await kubectl('scale', '-n', place.target, 'deployment', 'shop--dev', '--replicas=3');
  await until('it is set right', replicas, (count) => count === 1);
  const [noticed] = await until(
    'it is recorded',
    () => told('DriftHealed'),
    (events) => events.length === 1,
  ).then(() => told('DriftDetected'));
  expect(noticed!.data).toMatchObject({ paths: [expect.stringContaining('Deployment')] });
  expect(JSON.stringify(noticed!.data)).toContain('replicas');
  const release = await releaseWhen(
    place.namespace,
    'shop--dev',
    'is healed',
    ({ status }) => status?.heals?.total === 1,
  );
  expect(release.status).toMatchObject({ step: 'Steady' });
  const history = await stage.kit.cli('why', `${environment}.1`);
  expect(history.out).toContain('replicas');
});

it('a Service that somebody deletes comes back', async () => {
  const before = await getObject(place.target, 'service', 'shop--dev');
  await kubectl('delete', '-n', place.target, 'service', 'shop--dev');
  await until(
    'it is there again',
    () => getObject(place.target, 'service', 'shop--dev'),
    (service) => service !== null && service.metadata.uid !== before!.metadata.uid,
  );
  await until(
    'it is recorded',
    () => told('DriftHealed'),
    (events) => events.length === 2,
  );
  expect(await environmentNamed(stage.kit.admin, environment)).toMatchObject({ state: 'healthy', drift: null });
});

it('a Release that somebody deletes takes nothing down, and is written again', async () => {
  const running = await getObject(place.target, 'deployment', 'shop--dev');
  const before = await getObject(place.namespace, 'release', 'shop--dev');
  await kubectl('delete', '-n', place.namespace, 'release', 'shop--dev');
  const after = await releaseWhen(place.namespace, 'shop--dev', 'stands again', ({ status }) => status !== undefined);
  expect(after.metadata.uid).not.toBe(before!.metadata.uid);
  expect((await getObject(place.target, 'deployment', 'shop--dev'))!.metadata.uid).toBe(running!.metadata.uid);
});
