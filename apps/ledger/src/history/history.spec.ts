import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES } from '../configuration.js';
import { done, requestRelease, setUpShop } from '../testing/example-project.js';
import { answerTo } from '../testing/questions.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

interface Estate {
  readonly environments: { readonly totalCount: number; readonly nodes: readonly Readonly<Record<string, unknown>>[] };
  readonly project: Readonly<Record<string, unknown>> | null;
  readonly resources: { readonly nodes: readonly Readonly<Record<string, unknown>>[] };
  readonly releases: { readonly nodes: readonly Readonly<Record<string, unknown>>[] };
}

let ledger: RunningLedger;
let first: string;
let second: string;
let between: string;
let end: string;

beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
  first = await requestRelease(ledger, { ref: { name: 'dev' } });
  between = await settled(first);
  const submit = 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }';
  await done(ledger, submit, { project: 'shop', section: 'DEVOPS', metadata: { quotas: { maxReplicas: 9 } } });
  await done(ledger, 'mutation ($input: ResourceInput!) { changeResource(input: $input) { position } }', {
    key: 'kubernetes-dev',
    location: 'dev',
    parameters: { namespace: 'other' },
  });
  second = await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'd'.repeat(40) });
  end = await settled(second);
}, 60_000);
afterAll(() => ledger.stop());

async function settled(id: string): Promise<string> {
  await ledger.ask(`query ($id: ID!) { settledRelease(id: $id) { state } }`, { variables: { id } });
  return (await eventOf('ReleaseCompleted', id)).position;
}

const estate = (asOf: Record<string, unknown>) => answerTo<Estate>(ledger, 'estate-as-of', { asOf, project: 'shop' });

async function eventOf(type: string, release: string) {
  const events = await ledger.process.parts.store.readStream(`release-${release}`);
  return events.find((event) => event.type === type)!;
}

describe('the estate as of a position', () => {
  it('is what it was, with the metadata, resources and releases of then', async () => {
    const then = await estate({ position: between });
    expect(then).toMatchObject({
      environments: {
        totalCount: 1,
        nodes: [
          {
            name: 'shop.dev@dev',
            state: 'delivered',
            generation: 1,
            lastGood: { name: 'shop.dev@dev.1' },
            current: { name: 'shop.dev@dev.1', state: 'delivered', release: { id: first, state: 'COMPLETED' } },
          },
        ],
      },
      project: { devops: { quotas: { maxReplicas: 5 } }, rulesRevision: 4 },
      releases: { nodes: [{ id: first, state: 'COMPLETED' }] },
    });
    const dev = (one: Estate) => one.resources.nodes.find(({ key }) => key === 'kubernetes-dev');
    expect(dev(then)).toMatchObject({ parameters: { namespace: 'shop' } });
    const now = await estate({ position: end });
    expect(now).toMatchObject({
      environments: { nodes: [{ generation: 2, current: { commit: 'd'.repeat(40) } }] },
      project: { devops: { quotas: { maxReplicas: 9 } } },
      releases: { nodes: [{ id: second }, { id: first }] },
    });
    expect(dev(now)).toMatchObject({ parameters: { namespace: 'other' } });
  });

  it('tells a release in the midst of its way', async () => {
    const { position } = await eventOf('BranchMatched', second);
    const then = await estate({ position });
    expect(then.releases.nodes[0]).toMatchObject({ id: second, state: 'PREPARING' });
    const { environments, project } = await estate({ position: '0' });
    expect(environments).toMatchObject({ totalCount: 0, nodes: [] });
    expect(project).toBeNull();
  });
});

describe('the estate as of an instant', () => {
  it.each(['RECORDED', 'HAPPENED'])('is that of the newest event %s by then', async (by) => {
    const { recordedAt } = await eventOf('ReleaseCompleted', first);
    const then = await estate({ instant: recordedAt, by });
    expect(then.environments.nodes).toMatchObject([{ generation: 1, state: 'delivered' }]);
    expect(then.releases.nodes).toMatchObject([{ id: first, state: 'COMPLETED' }]);
    expect((await estate({ instant: '2000-01-01T00:00:00Z', by })).environments.nodes).toEqual([]);
    expect((await estate({ instant: '2999-01-01T00:00:00Z', by })).environments.nodes).toMatchObject([
      { generation: 2 },
    ]);
  });

  it.each([
    [{}, 'asOf: give either instant or position'],
    [{ instant: '2026-01-01T00:00:00Z', position: '1' }, 'asOf: give either instant or position'],
    [{ position: '1', by: 'HAPPENED' }, 'asOf: what happened has an instant, no position'],
    [{ instant: '2026-02-30T00:00:00Z' }, 'is not an ISO 8601 instant'],
    [{ instant: 'yesterday' }, 'is not an ISO 8601 instant'],
  ])('refuses %j', async (asOf, message) => {
    await expect(estate(asOf)).rejects.toThrow(message);
  });

  it('refuses to filter by a state that only each release tells', async () => {
    const { errors } = await ledger.ask(
      '{ releases(asOf: { position: "5" }, filter: { states: [FAILED] }) { nodes { id } } }',
    );
    expect(errors[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});
