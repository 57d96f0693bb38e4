import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { ROLES } from '../configuration.js';
import { commitFiles, done, requestRelease, setUpShop } from '../testing/example-project.js';
import { answerTo } from '../testing/questions.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

interface Change {
  readonly path: string;
  readonly [field: string]: unknown;
}

interface Comparison {
  readonly subject: string;
  readonly from: { readonly name: string } | null;
  readonly to: { readonly name: string } | null;
  readonly image: Change | null;
  readonly config: readonly Change[];
  readonly metadata: readonly Change[];
  readonly rule: readonly Change[];
  readonly desired: readonly Change[];
  readonly objects: readonly Change[];
}

let ledger: RunningLedger;
let between: string;

/** `dev` twice, with another image, file, quota and rule in between; `feature-x` once. */
beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
  between = await settled(await requestRelease(ledger, { ref: { name: 'dev' } }));
  const config = join(ledger.folder, 'repositories', 'config');
  commitFiles(config, { 'shop/dev/waybill.yaml': 'replicas: 3\n', 'shop/dev/app.properties': 'colour=red\n' });
  const submit = 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }';
  await done(ledger, submit, { project: 'shop', section: 'DEVOPS', metadata: { quotas: { maxReplicas: 9 } } });
  const deliverable = { kind: 'image', image: 'registry.example/shop', digest: `sha256:${'b'.repeat(64)}` };
  await settled(await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'd'.repeat(40), deliverable }));
  await settled(await requestRelease(ledger, { ref: { name: 'feature-x' }, commit: 'e'.repeat(40) }));
}, 60_000);
afterAll(() => ledger.stop());

async function settled(id: string): Promise<string> {
  await ledger.ask(`query ($id: ID!) { settledRelease(id: $id) { state } }`, { variables: { id } });
  const events = await ledger.process.parts.store.readStream(`release-${id}`);
  return events.at(-1)!.position;
}

async function diff(from: object, to: object): Promise<readonly Comparison[]> {
  return (await answerTo<{ diff: { nodes: readonly Comparison[] } }>(ledger, 'diff', { from, to })).diff.nodes;
}

function expectTheChange([comparison]: readonly Comparison[]): void {
  expect(comparison).toMatchObject({
    subject: expect.stringContaining('shop.dev@dev'),
    from: { name: 'shop.dev@dev.1' },
    to: { name: 'shop.dev@dev.2' },
    image: { from: { digest: expect.stringContaining('aaaa') }, to: { digest: expect.stringContaining('bbbb') } },
    config: [
      { path: 'app.properties', change: 'added' },
      { path: 'waybill.yaml', change: 'changed', patch: expect.stringContaining('-replicas: 1\n+replicas: 3\n') },
    ],
    metadata: [{ path: 'devops.quotas.maxReplicas', from: 5, to: 9 }],
    rule: [],
  });
  expect(comparison!.desired.find(({ path }) => path === 'service.replicas')).toMatchObject({ from: 1, to: 3 });
  const deployment = comparison!.objects.find(({ path }) => path.startsWith('deployment-'))!;
  expect(deployment).toMatchObject({ change: 'changed', patch: expect.stringContaining('+  replicas: 3') });
}

describe('diff', () => {
  it('compares two deployments in every layer', async () => {
    expectTheChange(await diff({ deployment: 'shop.dev@dev.1' }, { deployment: 'shop.dev@dev.2' }));
  });

  it('compares an environment, and all of a project, at two moments', async () => {
    const asOf = { position: between };
    expectTheChange(await diff({ environment: 'shop.dev@dev', asOf }, { environment: 'shop.dev@dev' }));
    const all = await diff({ project: 'shop', asOf }, { project: 'shop' });
    expect(all.map(({ subject }) => subject)).toEqual(['shop.dev@dev', 'shop.feature-x@feature']);
    expectTheChange(all);
    expect(all[1]).toMatchObject({ from: null, to: { name: 'shop.feature-x@feature.1' } });
  });

  it('compares two environments, and two locations by what stands there', async () => {
    const [environments] = await diff({ environment: 'shop.dev@dev' }, { environment: 'shop.feature-x@feature' });
    expect(environments!.rule).toContainEqual({ path: 'name', from: 'dev', to: 'feature' });
    const places = await diff({ location: 'dev' }, { location: 'feature' });
    expect(places.map(({ subject, from, to }) => [subject, from?.name ?? null, to?.name ?? null])).toEqual([
      ['shop.dev', 'shop.dev@dev.2', null],
      ['shop.feature-x', null, 'shop.feature-x@feature.1'],
    ]);
  });

  it('tells with a deployment what it changed', async () => {
    const { data } = await ledger.ask(
      '{ deployment(name: "shop.dev@dev.2") { changes { metadata { path } config { path } } } }',
    );
    expect(data!['deployment']).toEqual({
      changes: {
        metadata: [{ path: 'devops.quotas.maxReplicas' }],
        config: [{ path: 'app.properties' }, { path: 'waybill.yaml' }],
      },
    });
  });

  it.each([
    [{ environment: 'shop.dev@dev' }, { location: 'dev' }, 'to: compare one deployment'],
    [{ environment: 'shop.dev@dev', location: 'dev' }, {}, 'from: give one of'],
    [{ environment: 'nothing' }, {}, 'from: nothing is no name'],
    [{ environment: 'shop.none@dev' }, { environment: 'shop.dev@dev' }, 'no environment is called shop.none@dev'],
  ])('refuses %j beside %j', async (from, to, message) => {
    await expect(diff(from, to)).rejects.toThrow(message);
  });
});
