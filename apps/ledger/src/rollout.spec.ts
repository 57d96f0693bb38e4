import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import type { Observation } from '@waybill/domain';
import { join } from 'node:path';
import { ROLES } from './configuration.js';
import { type ClusterOperator, startClusterOperator } from './testing/cluster-operator.js';
import { commitFiles, done, requestRelease, setUpShop } from './testing/example-project.js';
import { type RunningLedger, startRunningLedger } from './testing/running-ledger.js';

const ENVIRONMENT = 'shop.dev@dev';
const hash = 'e'.repeat(64);
const applied: Observation[] = [
  { phase: 'accepted' },
  { phase: 'adapted', objects: [], inventoryHash: hash },
  { phase: 'applied', inventoryHash: hash, commit: null, durationMs: 12 },
];
const healthy: Observation[] = [...applied, { phase: 'rolled-out', durationMs: 2900 }, { phase: 'healthy' }];
const shifted = (step: number, weight: number): Observation => ({
  phase: 'traffic-shifted',
  step,
  of: 3,
  weight,
  track: 'green',
  durationMs: 410,
});
const canary = {
  type: 'canary',
  steps: [
    { weight: 10, pauseSeconds: null },
    { weight: 50, pauseSeconds: 60 },
    { weight: 100, pauseSeconds: 0 },
  ],
};
const rule = {
  name: 'dev',
  branch: '^dev$',
  resources: ['kubernetes-dev', 'istio-dev'],
  directory: 'dev',
  tier: 'dev',
  approvals: 0,
  strategy: canary,
  onFailure: 'rollback',
  onConfigChange: 'nothing',
};

let ledger: RunningLedger;
let operator: ClusterOperator;

const define = (rules: readonly Record<string, unknown>[]) =>
  ledger.ask('mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
    variables: { input: { project: 'shop', rules } },
  });

beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
}, 60_000);
afterAll(async () => {
  await operator?.stop();
  await ledger.stop();
});

/** Where the release is told so, as soon as it is. */
async function positionOf(release: string, told: string): Promise<string> {
  const stop = new AbortController();
  for await (const batch of ledger.process.parts.store.subscribe({ signal: stop.signal })) {
    const found = batch.find(({ stream, type }) => stream === `release-${release}` && type === told);
    if (found) return found.position;
  }
  throw new Error('the log ended');
}

describe('a strategy', () => {
  it('is refused at definition where its location cannot do it, by the field', async () => {
    const { errors } = await define([rule]);
    expect(errors).toMatchObject([
      {
        extensions: {
          code: 'BAD_USER_INPUT',
          fields: [
            {
              field: 'rules.0.strategy.type',
              message: expect.stringContaining('a canary cannot run at dev: it is delivered through a Git repository'),
            },
          ],
        },
      },
    ]);
  });

  it('is refused when its weights do not come to 100', async () => {
    const steps = [{ weight: 10, pauseSeconds: null }];
    const { errors } = await define([{ ...rule, strategy: { type: 'canary', steps } }]);
    expect(errors[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT', fields: [{ field: 'rules.0.strategy.steps.0.weight' }] },
    });
  });
});

describe('a strategy that waybill.yaml puts in place of the rule’s', () => {
  it('holds the release, by file and line, when the rule’s location or project does not allow it', async () => {
    const folder = join(ledger.folder, 'repositories', 'config');
    const strategy = 'strategy:\n  type: blue-green\n  autoPromote: true\n';
    commitFiles(folder, { 'shop/release/waybill.yaml': `replicas: 1\n${strategy}` });
    const held = await requestRelease(ledger, { ref: { name: 'release-1' } });
    const position = await positionOf(held, 'ReleaseHeld');
    const { data } = await ledger.ask('query ($id: ID!) { release(id: $id) { state holds { kind message } } }', {
      variables: { id: held },
      headers: { 'waybill-read-after': position },
    });
    expect(data!['release']).toMatchObject({
      state: 'HELD',
      holds: [
        {
          message: expect.stringMatching(
            /shop\/release\/waybill\.yaml:3: strategy\.type: a blue-green cannot run at release: it is delivered through a Git repository/,
          ),
        },
      ],
    });
  });
});

describe('a canary that is directed', () => {
  let second: string;

  const direct = (input: Record<string, unknown>) =>
    ledger.ask(
      `mutation ($input: DirectRolloutInput!) {
        directRollout(input: $input) {
          environment {
            state generation running { generation }
            rollout { step of weight paused { why until } directive { directive full by { id } } returned }
          }
        }
      }`,
      { variables: { input: { name: ENVIRONMENT, ...input } } },
    );

  const environment = async () => {
    const { data } = await ledger.ask(
      `{ environment(name: "${ENVIRONMENT}") {
        state generation running { generation } lastGood { generation }
        rollout { step of weight paused { why until } returned analysis { verdict message } }
      } }`,
      { headers: { 'waybill-read-after': (await ledger.process.parts.store.lastPosition())! } },
    );
    return data!['environment'];
  };

  beforeAll(async () => {
    await done(ledger, 'mutation ($input: LocationInput!) { changeLocation(input: $input) { position } }', {
      key: 'dev',
      delivery: { kind: 'cluster' },
    });
    expect((await define([rule])).errors).toEqual([]);
    operator = await startClusterOperator(ledger.process.parts.channel, 'dev');
    const first = await requestRelease(ledger, { ref: { name: 'dev' } });
    await operator.report(await operator.askedFor(first), ...healthy);
    second = await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'd'.repeat(40) });
  }, 60_000);

  let record: DesiredRecord;

  it('is shown with its step and what it waits for, the generation before running meanwhile', async () => {
    record = await operator.askedFor(second);
    expect(record).toMatchObject({ generation: 2, directive: null, desired: { strategy: canary } });
    await operator.report(record, ...applied, shifted(1, 10), {
      phase: 'rollout-paused',
      step: 1,
      until: null,
      why: 'step',
    });
    expect(await environment()).toMatchObject({
      state: 'deploying',
      generation: 2,
      running: { generation: 1 },
      rollout: { step: 1, of: 3, weight: 10, paused: { why: 'step', until: null }, returned: null },
    });
    const { data } = await ledger.ask('query ($id: ID!) { release(id: $id) { locations { message } } }', {
      variables: { id: second },
    });
    expect(data!['release']).toEqual({ locations: [{ message: 'pauses at step 1 until somebody promotes it' }] });
  });

  it('goes to the operator again with the directive, under the same digest', async () => {
    const { data, errors } = await direct({ directive: 'PROMOTE' });
    expect(errors).toEqual([]);
    expect(data!['directRollout']).toMatchObject({
      environment: {
        generation: 2,
        rollout: { directive: { directive: 'promote', full: false, by: { id: expect.any(String) } } },
      },
    });
    const again = await operator.askedFor(second, ({ directive }) => directive?.seq === 1);
    expect(again).toMatchObject({
      generation: 2,
      digest: record.digest,
      directive: { kind: 'promote', full: false, step: 1 },
    });
    // Somebody else who promotes the same pause ends no other one.
    expect((await direct({ directive: 'PROMOTE' })).errors).toEqual([]);
    expect((await direct({ directive: 'PROMOTE', step: 1 })).errors).toEqual([]);
    await operator.report(again, { phase: 'rollout-resumed', step: 1, why: 'directive' }, shifted(2, 50));
  });

  it('is refused what makes no sense, and says why', async () => {
    const refusals = [
      [{ directive: 'RESUME' }, 'INVALID_STATE', /nobody paused/],
      [{ directive: 'ABORT', generation: 1 }, 'INVALID_STATE', /generation 1 of shop\.dev@dev is not the newest: 2 is/],
      [{ directive: 'PAUSE', full: true }, 'BAD_USER_INPUT', /full/],
      [{ directive: 'PAUSE', step: 1 }, 'BAD_USER_INPUT', /step/],
      [{ directive: 'PROMOTE', step: 1 }, 'INVALID_STATE', /step 1 is not waited at: .* is at step 2 of 3$/],
      [{ name: 'shop.none@dev', directive: 'PAUSE' }, 'NOT_FOUND', /no environment is called/],
    ] as const;
    for (const [input, code, message] of refusals) {
      const { errors } = await direct(input);
      expect(errors).toMatchObject([{ message: expect.stringMatching(message), extensions: { code } }]);
    }
  });

  it('goes back on an abort, which is final, and shows what runs then', async () => {
    const commandId = '0198b6a0-0000-4000-8000-000000000001';
    expect((await direct({ directive: 'ABORT', commandId })).errors).toEqual([]);
    expect((await direct({ directive: 'ABORT', commandId })).errors).toEqual([]);
    const { errors } = await direct({ directive: 'PROMOTE', full: true });
    expect(errors).toMatchObject([{ message: expect.stringMatching(/was aborted/) }]);
    const aborted = await operator.askedFor(second, ({ directive }) => directive?.kind === 'abort');
    expect(aborted.directive).toEqual({ seq: 2, kind: 'abort', full: false });
    await operator.report(
      aborted,
      { phase: 'returned-to-stable', why: 'aborted', durationMs: 500 },
      { phase: 'failed', reason: 'Aborted', message: 'the rollout was aborted' },
    );
    expect(await environment()).toMatchObject({
      state: 'failed',
      generation: 2,
      running: { generation: 1 },
      lastGood: { generation: 1 },
      rollout: { weight: 0, returned: 'aborted' },
    });
  });

  it('is told in plain words', async () => {
    const { data } = await ledger.ask(`{ why(subject: "${second}") { steps { sentence } } }`);
    const { steps } = data!['why'] as { steps: { sentence: string }[] };
    expect(steps.map(({ sentence }) => sentence)).toEqual(
      expect.arrayContaining([
        'Generation 2 of shop.dev@dev takes 10 % of the traffic, on track green: step 1 of 3, in 410 ms.',
        'Generation 2 of shop.dev@dev pauses at step 1 until somebody promotes it.',
        expect.stringMatching(/promoted the rollout of generation 2 of shop\.dev@dev: the pause at step 1 ends\.$/),
        'Generation 2 of shop.dev@dev gave all traffic back to what ran before, which never left, in 500 ms: the rollout was aborted.',
      ]),
    );
  });
});

describe('a preview host', () => {
  beforeAll(async () => {
    const submit = 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }';
    await done(ledger, submit, {
      project: 'shop',
      section: 'BUSINESS',
      metadata: { owner: 'olga', productLine: 'retail', domains: ['{slot}.shop.example'] },
    });
    const strategy = { type: 'blue-green', autoPromote: false, previewHost: '{slot}-next.shop.example' };
    expect((await define([{ ...rule, branch: '^dev', strategy, onFailure: 'nothing' }])).errors).toEqual([]);
  });

  it('is refused as the domain of another project, by the field', async () => {
    await done(ledger, 'mutation ($input: RegisterProjectInput!) { registerProject(input: $input) { position } }', {
      key: 'till',
      name: 'Till',
    });
    await done(ledger, 'mutation ($input: SubmitMetadataInput!) { submitMetadata(input: $input) { position } }', {
      project: 'till',
      section: 'BUSINESS',
      metadata: { owner: 'olga', productLine: 'retail', domains: ['till.example'] },
    });
    const strategy = { type: 'blue-green', autoPromote: false, previewHost: 'till.example' };
    expect((await define([{ ...rule, strategy, onFailure: 'nothing' }])).errors).toMatchObject([
      {
        extensions: {
          fields: [
            {
              field: 'rules.0.strategy.previewHost',
              message: 'clashes with the domain till.example of project till',
            },
          ],
        },
      },
    ]);
  });

  it('reaches the operator with the slot filled in', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev-a' } });
    expect((await operator.askedFor(id)).desired).toMatchObject({
      strategy: { type: 'blue-green', autoPromote: false, previewHost: 'dev-a-next.shop.example' },
      service: { domains: ['dev-a.shop.example'] },
    });
  });

  it('is not deployed a second time as the domain of a branch that is called so', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev-a-next' } });
    const position = await positionOf(id, 'ReleaseFailed');
    const { data } = await ledger.ask('query ($id: ID!) { release(id: $id) { locations { state message } } }', {
      variables: { id },
      headers: { 'waybill-read-after': position },
    });
    expect(data!['release']).toEqual({
      locations: [
        {
          state: 'rejected',
          message: expect.stringContaining('the domain dev-a-next.shop.example is the preview host of slot dev-a'),
        },
      ],
    });
  });
});
