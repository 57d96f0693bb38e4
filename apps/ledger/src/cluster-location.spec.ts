import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Observation } from '@waybill/domain';
import { ROLES } from './configuration.js';
import { type ClusterOperator, startClusterOperator } from './testing/cluster-operator.js';
import { done, requestRelease, setUpShop } from './testing/example-project.js';
import { type RunningLedger, startRunningLedger } from './testing/running-ledger.js';

const hash = 'e'.repeat(64);
const applied: Observation[] = [
  { phase: 'accepted' },
  { phase: 'adapted', objects: [], inventoryHash: hash },
  { phase: 'applied', inventoryHash: hash, commit: null, durationMs: 12 },
];
const healthy: Observation[] = [...applied, { phase: 'rolled-out', durationMs: 2900 }, { phase: 'healthy' }];
const failed: Observation[] = [
  ...applied,
  { phase: 'failed', reason: 'ProgressDeadlineExceeded', message: 'Back-off pulling image "shop"' },
];

let ledger: RunningLedger;
let operator: ClusterOperator;

/** `dev` through Git, as in the example; `feature` by an operator in its cluster, and rolled back when it fails. */
beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: LocationInput!) { changeLocation(input: $input) { position } }', {
    key: 'feature',
    delivery: { kind: 'cluster' },
  });
  const rule = {
    directory: 'dev',
    tier: 'dev',
    approvals: 0,
    strategy: { type: 'rolling' },
    onFailure: 'rollback',
    onConfigChange: 'nothing',
  };
  await done(ledger, 'mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
    project: 'shop',
    rules: [
      { ...rule, name: 'dev', branch: '^dev$', resources: ['kubernetes-dev', 'kubernetes-feature'] },
      { ...rule, name: 'one', branch: '^one$', resources: ['kubernetes-feature'] },
    ],
  });
  operator = await startClusterOperator(ledger.process.parts.channel, 'feature');
}, 60_000);
afterAll(async () => {
  await operator.stop();
  await ledger.stop();
});

const RELEASE = `query ($id: ID!) {
  release(id: $id) {
    state outcome reason trigger reuses attributes
    locations { location generation state message }
    deployments { name state message }
  }
}`;

const OVER = /^(ReleaseCompleted|ReleaseFailed)$/;

async function releaseAt(id: string, type = OVER): Promise<Readonly<Record<string, unknown>>> {
  const position = await positionOf((event) => event.stream === `release-${id}` && type.test(event.type));
  const { data, errors } = await ledger.ask(RELEASE, {
    variables: { id },
    headers: { 'waybill-read-after': position },
  });
  expect(errors).toEqual([]);
  return data!['release'] as Readonly<Record<string, unknown>>;
}

type Told = { readonly stream: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };

async function positionOf(matches: (event: Told) => boolean): Promise<string> {
  const stop = new AbortController();
  for await (const batch of ledger.process.parts.store.subscribe({ signal: stop.signal })) {
    const found = batch.find(matches);
    if (found) return found.position;
  }
  throw new Error('the log ended');
}

const commit = (digit: string): string => digit.repeat(40);

describe('a location with an operator in its cluster', () => {
  it('ends healthy beside one that is only delivered, and each says how', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev' } });
    await operator.report(await operator.askedFor(id), ...healthy);
    expect(await releaseAt(id)).toMatchObject({
      state: 'COMPLETED',
      outcome: 'delivered',
      reason: 'Healthy in feature. Delivered to the repository of dev; whether it runs is seen there.',
      locations: [
        { location: 'dev', state: 'delivered' },
        { location: 'feature', state: 'healthy' },
      ],
    });
    const { data } = await ledger.ask('{ why(subject: "shop.dev@feature") { summary steps { sentence } } }');
    const { summary, steps } = data!['why'] as { summary: string; steps: { sentence: string }[] };
    expect(summary).toBe('shop.dev@feature is healthy at generation 1.');
    expect(steps.map(({ sentence }) => sentence)).toContain(
      'Generation 1 of shop.dev@feature was rolled out in 2900 ms.',
    );
  });
});

describe('a failed rollout', () => {
  let good: string;
  let bad: string;

  it('is followed by one release of what ran before, which says why', async () => {
    good = await requestRelease(ledger, { ref: { name: 'one' } });
    await operator.report(await operator.askedFor(good), ...healthy);
    expect(await releaseAt(good)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });

    bad = await requestRelease(ledger, { ref: { name: 'one' }, commit: commit('d') });
    await operator.report(await operator.askedFor(bad), ...failed);
    expect(await releaseAt(bad)).toMatchObject({
      state: 'FAILED',
      reason: 'feature failed: Back-off pulling image "shop".',
    });
    const rollback = await rollbackOf(bad);
    await operator.report(await operator.askedFor(rollback), ...failed);
    expect(await releaseAt(rollback)).toMatchObject({
      state: 'FAILED',
      trigger: 'rollback',
      reuses: good,
      attributes: { rollbackOf: bad },
    });
    const { data } = await ledger.ask('query ($s: String!) { why(subject: $s) { steps { sentence } } }', {
      variables: { s: rollback },
    });
    const { steps } = data!['why'] as { steps: { sentence: string }[] };
    const sentences = steps.map(({ sentence }) => sentence).join('\n');
    expect(sentences).toContain('feature ended failed: Back-off pulling image "shop".');
    expect(sentences).toContain(`(rollback after release ${bad.slice(0, 8)} failed`);
  });

  it('is not rolled back again when the rollback fails, and a newer release goes on', async () => {
    const next = await requestRelease(ledger, { ref: { name: 'one' }, commit: commit('f') });
    const record = await operator.askedFor(next);
    await operator.report(record, ...healthy);
    expect(await releaseAt(next)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
    const asked = operator.asked.filter(({ environment }) => environment.slot === 'one').map(({ release }) => release);
    expect(asked).toHaveLength(4);
    expect(asked.at(-1)).toBe(next);
  });

  const rollbackOf = async (release: string): Promise<string> => {
    let found = '';
    await positionOf(({ type, data }) => {
      const source = data['source'] as { attributes: Record<string, string> } | undefined;
      if (type !== 'ReleaseRequested' || source?.attributes['rollbackOf'] !== release) return false;
      found = data['release'] as string;
      return true;
    });
    return found;
  };
});

describe('a newer generation', () => {
  it('supersedes a rollout in flight, whose late reports change nothing else', async () => {
    const first = await requestRelease(ledger, { ref: { name: 'one' }, commit: commit('1') });
    const old = await operator.askedFor(first);
    await operator.report(old, ...applied);
    const second = await requestRelease(ledger, { ref: { name: 'one' }, commit: commit('2') });
    const record = await operator.askedFor(second);
    await operator.report(record, ...healthy);
    expect(await releaseAt(second)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
    const superseded = { outcome: 'superseded', locations: [{ location: 'feature', state: 'superseded' }] };
    expect(await releaseAt(first)).toMatchObject(superseded);

    await operator.report(old, { phase: 'failed', reason: 'Late', message: 'too late' });
    const stream = `deployment-shop.one@feature.${old.generation}`;
    await positionOf((event) => event.stream === stream && event.type === 'DeploymentFailed');
    // A release after it: what follows from the late report would stand before.
    const third = await requestRelease(ledger, { ref: { name: 'one' }, commit: commit('3') });
    await operator.report(await operator.askedFor(third), ...healthy);
    expect(await releaseAt(third)).toMatchObject({ state: 'COMPLETED' });
    expect(await releaseAt(first)).toMatchObject(superseded);
    const { data } = await ledger.ask('{ environment(name: "shop.one@feature") { state generation } }');
    expect(data).toEqual({ environment: { state: 'healthy', generation: record.generation + 1 } });
  });
});

describe('what stands at the location', () => {
  it('is sent again where it is missing, taken over where the ledger missed it, and named where nobody asked', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'one' }, commit: commit('4') });
    const { environment, generation, digest } = await operator.askedFor(id);
    const { environment: other } = operator.asked.find((record) => record.environment.slot === 'dev')!;
    const before = operator.asked.length;
    const standing = { environment, generation, digest, phase: 'healthy' } as const;
    await operator.resync(standing, {
      ...standing,
      environment: { ...environment, project: 'stranger' },
    });
    expect(await releaseAt(id)).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
    let resynced: Told['data'] = {};
    await positionOf(({ type, data }) => type === 'LocationResynced' && ((resynced = data), true));
    expect(resynced).toMatchObject({
      location: 'feature',
      environments: 2,
      corrected: expect.arrayContaining([
        { environment, generation, by: 'recorded' },
        { environment: other, generation: 1, by: 'published' },
      ]),
      further: 0,
    });
    expect(operator.asked.slice(before)).toMatchObject([{ environment: other, generation: 1 }]);
    expect(ledger.lines).toEqual([expect.stringContaining('resync of feature: the operator has generation')]);
    const metrics = await (await fetch(`${ledger.url}/metrics`)).text();
    expect(metrics).toContain('waybill_resync_faults_total{location="feature",kind="unknown"} 1');
  });
});

describe('a location that cannot take what it is asked for', () => {
  it('tells who waits in vain what the operator waits for by then', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev' }, commit: commit('b') });
    const record = await operator.askedFor(id);
    const waiting = ledger.ask(
      `query ($id: ID!) { settledRelease(id: $id, timeoutSeconds: 3) { state locations { location message } } }`,
      { variables: { id } },
    );
    const message = 'failed to allocate a serviceIP: range is full';
    await operator.report(record, { phase: 'delayed', attempt: 1, reason: 'InternalError', message });
    expect((await waiting).data!['settledRelease']).toMatchObject({
      state: 'DEPLOYING',
      locations: expect.arrayContaining([{ location: 'feature', message }]),
    });
    await operator.report(record, ...healthy);
    expect(await releaseAt(id)).toMatchObject({ state: 'COMPLETED' });
  });
});
