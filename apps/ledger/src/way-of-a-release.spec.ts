import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { ROLES } from './configuration.js';
import { COMMIT, IMAGE, commitFiles, done, git, requestRelease, setUpShop } from './testing/example-project.js';
import { type RunningLedger, startRunningLedger } from './testing/running-ledger.js';

let ledger: RunningLedger;
beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
}, 60_000);
afterAll(() => ledger.stop());

const RELEASE = `query ($id: ID!) {
  release(id: $id) {
    id project ref refKind commit state reason outcome trigger reuses order slot rulesRevision deliverable
    rule { name pattern resources tier }
    config { repository directory fallback commit digest committedAt author { id name login } }
    holds { kind message frees details } approvals { approver { login } at current }
    requestedBy { id kind name } requestedAt finishedAt durationMs via pipelineId jobId url attributes correlationId
    locations { location stage generation state message }
    deployments { name state generation deliveredCommit objects release { id } drift { paths } durationMs }
  }
}`;

interface Release {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly [field: string]: unknown;
}

/** The release as it stands when the log says `type` of it for the first time behind `after`. */
async function releaseAt(id: string, type: RegExp, after?: string): Promise<Release> {
  const position = await positionOf(`release-${id}`, type, after);
  const { data, errors } = await ledger.ask(RELEASE, {
    variables: { id },
    headers: { 'waybill-read-after': position },
  });
  expect(errors).toEqual([]);
  return data!['release'] as Release;
}

/** Follows the log, not the clock. */
async function positionOf(stream: string, type: RegExp, after?: string): Promise<string> {
  const stop = new AbortController();
  for await (const batch of ledger.process.parts.store.subscribe({ after, signal: stop.signal })) {
    const found = batch.find((event) => event.stream === stream && type.test(event.type));
    if (found) return found.position;
  }
  throw new Error('the log ended');
}

const OVER = /^(ReleaseCompleted|ReleaseFailed|BranchUnmatched)$/;

describe('the way of one release', () => {
  it('ends delivered, with everything told', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev' }, pipelineId: '17', jobId: '4', via: 'cli' });
    expect(await releaseAt(id, OVER)).toMatchObject({
      state: 'COMPLETED',
      outcome: 'delivered',
      reason: 'Delivered to the repository of dev; whether it runs is seen there.',
      refKind: 'BRANCH',
      trigger: 'push',
      via: 'cli',
      slot: 'dev',
      deliverable: IMAGE,
      rule: { name: 'dev', pattern: '^dev$', resources: ['kubernetes-dev', 'istio-dev'], tier: 'DEV' },
      config: { directory: 'shop/dev', fallback: false, author: { name: 'Dev', login: 'dev@example.test' } },
      requestedBy: { kind: 'SERVICE', name: 'first admin' },
      locations: [{ location: 'dev', stage: 0, generation: 1, state: 'delivered', message: null }],
      deployments: [{ name: 'shop.dev@dev.1', state: 'delivered', release: { id } }],
    });
  });

  it('is explained from the request to the commit in the repository', async () => {
    const { data } = await ledger.ask(
      `{ why(subject: "shop.dev@dev") { subject summary steps { sentence depth event { type } } } }`,
    );
    const { summary, steps } = data!['why'] as {
      summary: string;
      steps: { sentence: string; depth: number; event: { type: string } }[];
    };
    expect(summary).toBe('shop.dev@dev is delivered at generation 1.');
    const types = steps.map(({ event }) => event.type);
    expect(types).toEqual(expect.arrayContaining(['ReleaseRequested', 'BranchMatched', 'ConfigResolved']));
    expect(types.at(-1)).toBe('DeploymentDelivered');
    expect(steps[types.indexOf('ReleaseRequested')]).toMatchObject({
      depth: 0,
      sentence: `first admin asked for a release of shop at branch dev, commit ${COMMIT.slice(0, 8)} (push from pipeline 17).`,
    });
    expect(steps.at(-1)!.depth).toBeGreaterThan(2);
  });

  it('is explained for a release by a prefix, a deployment and an event, too', async () => {
    const { data } = await ledger.ask('{ releases(filter: { ref: "dev" }) { nodes { id } } }');
    const id = (data!['releases'] as { nodes: { id: string }[] }).nodes[0]!.id;
    for (const subject of [id.slice(0, 8), 'shop.dev@dev.1']) {
      const why = await ledger.ask('query ($s: String!) { why(subject: $s) { summary steps { event { id } } } }', {
        variables: { s: subject },
      });
      const { steps } = why.data!['why'] as { steps: { event: { id: string } }[] };
      expect(steps.length).toBeGreaterThan(4);
      const last = steps.at(-1)!.event.id;
      const ofEvent = await ledger.ask('query ($s: String!) { why(subject: $s) { subject steps { depth } } }', {
        variables: { s: last },
      });
      expect(ofEvent.data!['why']).toMatchObject({ subject: last });
    }
  });

  it('is recorded also when no rule matches', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'hotfix-x' } });
    expect(await releaseAt(id, OVER)).toMatchObject({
      state: 'UNMATCHED',
      reason: 'No branch rule matches branch hotfix-x.',
      locations: [],
    });
  });

  it('waits for its deliverable and goes on when it is provided', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'feature-pay' }, deliverable: null });
    const held = await releaseAt(id, /^ReleaseHeld$/);
    expect(held).toMatchObject({ state: 'HELD', holds: [{ kind: 'awaiting-deliverable' }] });
    await done(
      ledger,
      'mutation ($input: ProvideDeliverableInput!) { provideDeliverable(input: $input) { position } }',
      {
        release: id.slice(0, 8),
        deliverable: IMAGE,
      },
    );
    expect(await releaseAt(id, OVER)).toMatchObject({
      state: 'COMPLETED',
      slot: 'feature-pay',
      config: { directory: 'shop/feature', fallback: true },
    });
  });

  it('shows a configuration that changed as pending', async () => {
    commitFiles(join(ledger.folder, 'repositories', 'config'), { 'shop/dev/waybill.yaml': 'replicas: 2\n' });
    const { data } = await ledger.ask('mutation { checkConfig(project: "shop") { noticed } }');
    expect(data).toEqual({ checkConfig: { noticed: 1 } });
    const position = await positionOf('environment-shop.dev@dev', /^ConfigChangeNoticed$/);
    const environment = await ledger.ask(
      '{ environment(name: "shop.dev@dev") { pendingConfig { directory } current { name } lastGood { generation } } }',
      { headers: { 'waybill-read-after': position } },
    );
    expect(environment.data).toEqual({
      environment: {
        pendingConfig: { directory: 'shop/dev' },
        current: { name: 'shop.dev@dev.1' },
        lastGood: { generation: 1 },
      },
    });
  });

  it('renders what would be applied, and exactly that is applied', async () => {
    const { data, errors } = await ledger.ask(
      `query ($input: RenderInput!) {
        render(input: $input) { rule slot directory configDigest locations { location files { path text } } }
      }`,
      { variables: { input: { project: 'shop', ref: { name: 'dev' }, commit: COMMIT, deliverable: IMAGE } } },
    );
    expect(errors).toEqual([]);
    const rendered = data!['render'] as { locations: { location: string; files: { path: string; text: string }[] }[] };
    expect(rendered.locations.map(({ location }) => location)).toEqual(['dev']);
    const { files } = rendered.locations[0]!;
    expect(files.find(({ path }) => path.startsWith('deployment'))?.text).toContain('replicas: 2');

    const id = await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'd'.repeat(40) });
    await releaseAt(id, OVER);
    const repository = join(ledger.folder, 'repositories', 'dev.git');
    const written = git(repository, 'ls-tree', '-r', '--name-only', 'main');
    for (const { path } of files) expect(written).toContain(path);
  });

  it('rolls an environment back to what was good before, once for a repeated command', async () => {
    const mutation =
      'mutation ($input: RollbackInput!) { rollback(input: $input) { release { id trigger reuses commit } position } }';
    const input = {
      environment: 'shop.dev@dev',
      reason: 'It is slow',
      commandId: '0190f0d2-0000-7000-8000-00000000aaaa',
    };
    const first = await done<{ rollback: { release: { id: string } } }>(ledger, mutation, input);
    expect(first.rollback.release).toMatchObject({ trigger: 'rollback', commit: COMMIT });
    const { id } = first.rollback.release;
    expect(await releaseAt(id, OVER)).toMatchObject({ state: 'COMPLETED' });
    const again = await done<{ rollback: { release: { id: string } } }>(ledger, mutation, input);
    expect(again.rollback.release.id).toBe(id);
  });

  it('removes the environments of a branch that was deleted', async () => {
    const payload = await done<{ deleteBranch: { slot: string; environments: string[] } }>(
      ledger,
      'mutation ($input: DeleteBranchInput!) { deleteBranch(input: $input) { branch slot environments position } }',
      { project: 'shop', branch: 'feature-pay' },
    );
    expect(payload.deleteBranch).toMatchObject({
      slot: 'feature-pay',
      environments: ['shop.feature-pay@feature'],
    });
    const position = await positionOf('environment-shop.feature-pay@feature', /^EnvironmentRemoved$/);
    const { data } = await ledger.ask('{ environments(filter: { project: "shop" }) { nodes { name state } } }', {
      headers: { 'waybill-read-after': position },
    });
    expect(data).toEqual({ environments: { nodes: [{ name: 'shop.dev@dev', state: 'delivered' }] } });
  });

  it('removes one environment when asked to, once for a repeated command', async () => {
    const mutation =
      'mutation ($input: RemoveEnvironmentInput!) { removeEnvironment(input: $input) { environment { generation } position } }';
    const input = { name: 'shop.dev@dev', commandId: '0190f0d2-0000-7000-8000-00000000bbbb' };
    const first = await done(ledger, mutation, input);
    await positionOf('environment-shop.dev@dev', /^EnvironmentRemoved$/);
    expect(await done(ledger, mutation, input)).toEqual(first);
  });

  it('told nothing to the log that was not expected', () => {
    expect(ledger.lines).toEqual([]);
  });
});
