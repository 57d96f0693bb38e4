import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES } from '../configuration.js';
import { COMMIT, IMAGE, done, requestRelease, setUpShop } from '../testing/example-project.js';
import { answerTo } from '../testing/questions.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

interface Hit {
  readonly foundBy: readonly string[];
  readonly release: { readonly id: string; readonly state: string } | null;
  readonly deployments: readonly { readonly name: string }[];
}

let ledger: RunningLedger;
let first: string;
let second: string;
let strange: string;

beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
  const attributes = { ticket: 'SHOP-7' };
  first = await requestRelease(ledger, { ref: { name: 'dev' }, pipelineId: '17', jobId: '4', via: 'cli', attributes });
  await settled(first);
  second = await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'd'.repeat(40), pipelineId: '18' });
  await settled(second);
  strange = await requestRelease(ledger, { ref: { name: 'elsewhere' }, commit: 'e'.repeat(40) });
}, 60_000);
afterAll(() => ledger.stop());

async function settled(id: string): Promise<void> {
  const { errors } = await ledger.ask(`query ($id: ID!) { settledRelease(id: $id) { state } }`, { variables: { id } });
  expect(errors).toEqual([]);
}

async function hits(variables: Record<string, unknown>): Promise<readonly Hit[]> {
  const { search } = await answerTo<{ search: { nodes: readonly Hit[] } }>(ledger, 'search', variables);
  return search.nodes;
}

const idsOf = (found: readonly Hit[]) => found.map(({ release }) => release?.id ?? null);

describe('search', () => {
  it('finds a release by whatever is typed, and says by what', async () => {
    const byTicket = await hits({ text: 'ticket=SHOP-7' });
    expect(byTicket).toMatchObject([
      { foundBy: ['attribute'], release: { id: first, state: 'COMPLETED' }, deployments: [{ name: 'shop.dev@dev.1' }] },
    ]);
    expect(idsOf(await hits({ text: COMMIT.slice(0, 9) }))).toEqual([first]);
    expect(idsOf(await hits({ text: IMAGE.digest }))).toEqual([strange, second, first]);
    expect(idsOf(await hits({ text: 'Shop' }))).toEqual([strange, second, first]);
    expect(idsOf(await hits({ text: '17' }))).toEqual([first]);
    expect(idsOf(await hits({ text: first.slice(0, 8) }))).toEqual([first]);
    expect(idsOf(await hits({ text: 'shop.dev@dev' }))).toEqual([second, first]);
    expect(idsOf(await hits({ text: 'shop.dev@dev.2' }))).toEqual([second]);
    expect(idsOf(await hits({ text: 'dev' }))).toEqual([second, first]);
    expect((await hits({ text: 'dev' }))[0]!.foundBy.toSorted()).toEqual(['location', 'ref']);
    expect(await hits({ text: 'nothing is called so' })).toEqual([]);
  });

  it('finds what all of several facts are true of', async () => {
    const [hit] = await hits({ by: { project: 'shop', pipelineId: '18', location: 'dev' } });
    expect(hit).toMatchObject({ release: { id: second }, deployments: [{ name: 'shop.dev@dev.2' }] });
    expect(await hits({ by: { project: 'shop', pipelineId: '18', jobId: '4' } })).toEqual([]);
    expect(idsOf(await hits({ by: { person: 'dev@example.test' } }))).toEqual([second, first]);
    const attributes = [{ name: 'ticket', value: 'SHOP-7' }];
    expect(idsOf(await hits({ by: { attributes, release: first.slice(0, 8) } }))).toEqual([first]);
  });

  it('finds what an event belongs to, whichever stream it is in', async () => {
    const { data } = await ledger.ask('{ events(first: 100) { nodes { id type stream revision } } }');
    const { nodes } = data!['events'] as { nodes: { id: string; type: string; stream: string }[] };
    const of = async (type: string) => idsOf(await hits({ by: { event: nodes.find((it) => it.type === type)!.id } }));
    expect(await of('DeploymentRequested')).toEqual([first]);
    expect(await of('ManifestsApplied')).toEqual([first]);
    expect(await of('ConfigResolved')).toEqual([first]);
    expect(await of('BranchRulesDefined')).toEqual([strange, second, first]);
    expect(await of('ResourceOnboarded')).toEqual([second, first]);
  });

  it.each([
    [{}, 'give either text or by'],
    [{ text: ' ' }, 'text: give 1 to 600 characters'],
    [{ text: 'a', by: { project: 'shop' } }, 'give either text or by'],
    [{ by: {} }, 'by: give something to search for'],
    [{ by: { commit: 'xyz' } }, 'by.commit: give 7 or more hex digits'],
    [{ by: { digest: 'sha256:1' } }, 'by.digest'],
    [{ by: { environment: 'shop' } }, 'by.environment'],
    [{ by: { deployment: 'shop.dev@dev' } }, 'by.deployment'],
    [{ by: { event: 'no id' } }, 'by.event: give the id of an event'],
    [{ by: { person: 'nobody-here' } }, 'nobody is known as'],
  ])('refuses %j', async (variables, message) => {
    await expect(hits(variables)).rejects.toThrow(message);
  });
});

describe('a deployment', () => {
  it('tells everything that belongs to it in one query', async () => {
    const { deployment } = await answerTo<{ deployment: Record<string, unknown> }>(ledger, 'deployment-trace', {
      name: 'shop.dev@dev.1',
    });
    expect(deployment).toMatchObject({
      state: 'delivered',
      release: {
        id: first,
        requestedBy: { name: 'first admin' },
        via: 'cli',
        pipelineId: '17',
        jobId: '4',
        attributes: { ticket: 'SHOP-7' },
        rule: { name: 'dev', pattern: '^dev$' },
        rulesRevision: 4,
        metadata: {
          developer: { revision: 1, value: { ports: [{ name: 'http', port: 8080 }] } },
          business: { revision: 2, submittedBy: { name: 'first admin' }, value: { productLine: 'retail' } },
          devops: { revision: 3, value: { quotas: { maxReplicas: 5 } } },
        },
        config: { directory: 'shop/dev', author: { name: 'Dev' } },
      },
      desired: { environment: { project: 'shop', slot: 'dev', location: 'dev' }, deliverable: IMAGE },
      previous: null,
      next: { name: 'shop.dev@dev.2', commit: 'd'.repeat(40), state: 'delivered' },
    });
    const actions = deployment['actions'] as readonly { kind: string; durationMs: number | null; sentence: string }[];
    expect(actions.map(({ kind }) => kind)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentDelivered',
    ]);
    expect(actions[2]!.durationMs).toBeGreaterThanOrEqual(0);
    expect(actions[3]!.sentence).toMatch(/^Generation 1 of shop.dev@dev stands in the repository/);
  });

  it('tells the metadata as it stood, not as it is', async () => {
    const submit = 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }';
    const metadata = { quotas: { maxReplicas: 9 } };
    await done(ledger, submit, { project: 'shop', section: 'DEVOPS', metadata });
    const query = `query { release(id: "${first}") { metadata { devops { value } } } }`;
    expect((await ledger.ask(query)).data).toMatchObject({
      release: { metadata: { devops: { value: { quotas: { maxReplicas: 5 } } } } },
    });
  });
});
