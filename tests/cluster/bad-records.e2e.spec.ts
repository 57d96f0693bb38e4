import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { environmentNamed } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';
import { conditionOf, getObject, namesIn, releaseWhen, type SeenRelease } from './harness/kubectl.js';
import { ended, eventsOf, givenShop, onboardCluster, type Shop } from './harness/shop.js';
import { type Place, type Stage, startStage, uniqueName } from './harness/stage.js';
import { createTopic, deleteTopic, putRecord } from './harness/topics.js';

const location = uniqueName('records');
const other = uniqueName('other');
const environment = `shop.dev@${location}`;
let stage: Stage;
let place: Place;
let shop: Shop;

beforeAll(async () => {
  stage = await startStage([location, other]);
  place = stage.place(location);
  shop = await givenShop(stage, location);
  await place.start();
  expect(await shop.release('dev', 'one')).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
});
afterAll(() => stage.close());

interface Letter {
  readonly reason: string;
  readonly topic: string;
}

/** Why records of a topic were put aside, once one was. */
async function putAside(topic: string): Promise<string[]> {
  const letters = await until(
    'it is put aside',
    async () => (await stage.kit.cli('dead-letters', 'list', '-o', 'json')).json<Letter[]>(),
    (all) => all.some((letter) => letter.topic === topic),
  );
  return letters.filter((letter) => letter.topic === topic).map(({ reason }) => reason);
}

it('a desired state of a newer schema is put aside, the Release says so, and nothing else is touched', async () => {
  const topic = `${stage.prefix}waybill.desired.${location}`;
  const before = await getObject<SeenRelease>(place.namespace, 'release', 'shop--dev');
  const deployment = await getObject(place.target, 'deployment', 'shop--dev');
  await putRecord(topic, environment, {
    schema: 'waybill.dev/desired-record/v2',
    environment: { project: 'shop', slot: 'dev', location },
    generation: 2,
    release: null,
    somethingNew: true,
  });
  expect(await putAside(topic)).toEqual(['newer-schema']);
  const refused = (release: SeenRelease): boolean => conditionOf(release, 'Refused') !== undefined;
  const after = await releaseWhen(place.namespace, 'shop--dev', 'says so', refused);
  expect(conditionOf(after, 'Refused')).toMatchObject({ status: 'True', reason: 'UnreadableRecord' });
  expect(conditionOf(after, 'Ready')).toMatchObject({ status: 'True' });
  expect(after.spec).toEqual(before!.spec);
  expect(await getObject(place.target, 'deployment', 'shop--dev')).toEqual(deployment);
  expect(await environmentNamed(stage.kit.admin, environment)).toMatchObject({ state: 'healthy', generation: 1 });
  // Put there by hand: a generation that the ledger never gave has no deployment that could tell of it.
  expect(await eventsOf(stage.kit.admin, `deployment-${environment}.2`)).toEqual([]);
  // The ledger's own second generation takes its place.
  expect(await shop.release('dev', 'two')).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
  const next = await releaseWhen(place.namespace, 'shop--dev', 'is the next', (release) => !refused(release));
  expect(next.spec).toMatchObject({ generation: 2 });
});

it('a report that speaks for another location is put aside, and nothing of it is believed', async () => {
  await onboardCluster(stage, other);
  const topic = `${stage.prefix}waybill.reports.${location}`;
  const target = { project: 'shop', slot: 'dev', location: other };
  await putRecord(topic, location, {
    schema: 'waybill.dev/report/v1',
    kind: 'deployment',
    environment: target,
    generation: 1,
    release: null,
    epoch: 9e12,
    seq: 1,
    occurredAt: new Date().toISOString(),
    observation: { phase: 'failed', reason: 'Forged', message: 'forged' },
  });
  expect(await putAside(topic)).toEqual(['wrong-location']);
  expect(await eventsOf(stage.kit.admin, `deployment-shop.dev@${other}.1`)).toEqual([]);
  expect(await eventsOf(stage.kit.admin, `environment-shop.dev@${other}`)).toEqual([]);
});

it('a topic with the wrong cleanup policy is not used; it goes on when it is right', async () => {
  const topic = `${stage.prefix}waybill.desired.${other}`;
  await deleteTopic(topic).catch(() => undefined);
  await createTopic(topic, 'delete');
  const operator = await stage.place(other).start();
  await until(
    'the operator says what is wrong',
    () => Promise.resolve(operator.lines.join('\n')),
    (text) => text.includes(topic) && text.includes('cleanup.policy=delete'),
  );
  expect(await namesIn(stage.place(other).target)).toEqual([]);
  await deleteTopic(topic);
  const { admin } = stage.kit;
  await admin.ask(`mutation Rules($input: DefineRulesInput!) { defineRules(input: $input) { position } }`, {
    input: {
      project: 'shop',
      rules: [{ name: 'any', branch: '^[a-z]+$', resources: [`kubernetes-${other}`], tier: 'dev', directory: 'any' }],
    },
  });
  const asked = await shop.ask('elsewhere', 'one');
  expect(await ended(stage.kit, asked.id)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
});
