import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES } from '../configuration.js';
import { type ClusterOperator, startClusterOperator } from '../testing/cluster-operator.js';
import { done, requestRelease, setUpShop } from '../testing/example-project.js';
import { answerTo } from '../testing/questions.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

interface Push {
  readonly release: { readonly id: string; readonly state: string } | null;
  readonly deployments: readonly { readonly name: string }[];
  readonly reasons: readonly Readonly<Record<string, unknown>>[];
}

interface Step {
  readonly sentence: string;
  readonly because: readonly string[];
  readonly isSubject: boolean;
  readonly event: { readonly id: string; readonly type: string };
}

let ledger: RunningLedger;
let operator: ClusterOperator;

/** `lab` by an operator in its cluster, then `dev`; `held` wants an approval of anna. */
beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: LocationInput!) { changeLocation(input: $input) { position } }', {
    key: 'feature',
    delivery: { kind: 'cluster' },
  });
  const rule = { directory: 'dev', tier: 'dev', resources: ['kubernetes-feature'] };
  await done(ledger, 'mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
    project: 'shop',
    rules: [
      { ...rule, name: 'lab', branch: '^lab$' },
      { ...rule, name: 'held', branch: '^held$', approvals: 1 },
      {
        ...rule,
        name: 'staged',
        branch: '^staged$',
        resources: ['kubernetes-feature', 'kubernetes-dev'],
        stages: [['feature'], ['dev']],
      },
    ],
  });
  operator = await startClusterOperator(ledger.process.parts.channel, 'feature');
}, 60_000);
afterAll(async () => {
  await operator.stop();
  await ledger.stop();
});

async function whyNot(input: Record<string, unknown>): Promise<Push> {
  const { whyNot } = await answerTo<{ whyNot: readonly Push[] }>(ledger, 'why-not', {
    input: { project: 'shop', ...input },
  });
  return whyNot[0]!;
}

/** Follows the log, not the clock. */
async function after(release: string, type: RegExp): Promise<void> {
  const stop = new AbortController();
  for await (const batch of ledger.process.parts.store.subscribe({ signal: stop.signal })) {
    const found = batch.find((event) => event.stream === `release-${release}` && type.test(event.type));
    if (!found) continue;
    await ledger.process.parts.views.waitFor(found.position, 10_000);
    return;
  }
}

const commit = (digit: string): string => digit.repeat(40);

describe('why a push did not deploy', () => {
  it('no rule took it, and this one came closest', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'labs' }, commit: commit('1') });
    await after(id, /^BranchUnmatched$/);
    const { reasons, deployments } = await whyNot({ ref: 'labs' });
    expect(deployments).toEqual([]);
    expect(reasons).toMatchObject([
      {
        __typename: 'NoRuleMatched',
        location: null,
        event: { type: 'BranchUnmatched' },
        rulesRevision: 5,
        explanations: [{ rule: 'lab', matches: false }, { rule: 'held' }, { rule: 'staged' }],
      },
    ]);
  });

  it('it is held, and for whom it waits', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'held' }, commit: commit('2') });
    await after(id, /^ReleaseHeld$/);
    expect(await whyNot({ commit: commit('2') })).toMatchObject({
      release: { id, state: 'HELD' },
      reasons: [
        {
          __typename: 'HeldBack',
          event: { type: 'ReleaseHeld' },
          holds: [{ kind: 'approval-pending', message: 'It has 0 of 1 approval.' }],
          waitsFor: [{ login: 'anna' }, { login: 'olga' }],
          roles: [],
        },
      ],
    });
    const cancel = 'mutation ($input: ReleaseActionInput!) { cancelRelease(input: $input) { position } }';
    await done(ledger, cancel, { release: id, reason: 'not today' });
    expect((await whyNot({ commit: commit('2') })).reasons).toMatchObject([
      { __typename: 'CancelledBefore', by: { name: 'first admin' }, cause: 'requested', reason: 'not today' },
    ]);
  });

  it('something newer is there', async () => {
    const older = await requestRelease(ledger, { ref: { name: 'lab' }, commit: commit('3') });
    await operator.askedFor(older);
    const newer = await requestRelease(ledger, { ref: { name: 'lab' }, commit: commit('4') });
    await operator.report(await operator.askedFor(newer), { phase: 'accepted' });
    await after(older, /^ReleaseCompleted$/);
    expect(await whyNot({ commit: commit('3'), location: 'feature' })).toMatchObject({
      release: { id: older, state: 'SUPERSEDED' },
      reasons: [{ __typename: 'SupersededBefore', location: 'feature', by: { id: newer }, byGeneration: 2 }],
    });
  });

  it('the cluster refused it, in its own words, and the stage behind it was not started', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'staged' }, commit: commit('5') });
    const words = 'admission webhook "policy" denied the request';
    await operator.report(await operator.askedFor(id), { phase: 'failed', reason: 'Forbidden', message: words });
    await after(id, /^ReleaseFailed$/);
    expect((await whyNot({ commit: commit('5') })).reasons).toMatchObject([
      {
        __typename: 'RefusedByCluster',
        location: 'feature',
        outcome: 'failed',
        reason: 'Forbidden',
        words,
        deployment: 'shop.staged@feature.1',
        event: { type: 'DeploymentFailed' },
      },
      { __typename: 'StageNotStarted', location: 'dev', earlier: ['feature'] },
    ]);
    expect((await whyNot({ commit: commit('5'), location: 'prod1' })).reasons).toMatchObject([
      { __typename: 'NotPlannedThere', planned: ['feature', 'dev'] },
    ]);
    const { steps } = (await answerTo<{ why: { steps: readonly Step[] } }>(ledger, 'why', { subject: id })).why;
    expect(steps.map(({ sentence }) => sentence)).toContainEqual(expect.stringContaining(words));
  });

  it('nobody ever asked for it', async () => {
    expect(await whyNot({ ref: 'nowhere' })).toMatchObject({
      release: null,
      reasons: [{ __typename: 'NeverAsked', explanations: [{ rule: 'lab', matches: false }, {}, {}] }],
    });
  });
});

describe('the chain of a release', () => {
  let id: string;
  beforeAll(async () => {
    id = await requestRelease(ledger, { ref: { name: 'lab' }, commit: commit('6') });
    await operator.report(await operator.askedFor(id), { phase: 'accepted' }, { phase: 'healthy' });
    await after(id, /^ReleaseCompleted$/);
  });

  const chain = async (subject: string, direction: string): Promise<readonly Step[]> =>
    (await answerTo<{ why: { steps: readonly Step[] } }>(ledger, 'why', { subject, direction })).why.steps;

  it('leads back to the metadata of each role and to the rules', async () => {
    const steps = await chain('shop.lab@feature', 'CAUSES');
    const of = (type: string) => steps.find(({ event }) => event.type === type)!;
    expect(of('BranchMatched').because).toEqual([of('ReleaseRequested').event.id, of('BranchRulesDefined').event.id]);
    const sections = ['DeveloperMetadataSubmitted', 'BusinessMetadataSubmitted', 'DevopsMetadataSubmitted'];
    expect(of('ReleasePlanned').because).toEqual(expect.arrayContaining(sections.map((type) => of(type).event.id)));
    expect(of('DeploymentHealthy')).toMatchObject({ isSubject: true, because: [of('DeploymentRequested').event.id] });
    expect(of('ReleaseRequested').isSubject).toBe(false);
  });

  it('leads on from a submission, a push and a decision to what the cluster did', async () => {
    const causes = await chain('shop.lab@feature', 'CAUSES');
    const idOf = (type: string) => causes.find(({ event }) => event.type === type)!.event.id;
    for (const type of ['DevopsMetadataSubmitted', 'BranchRulesDefined', 'ReleaseRequested', 'DeploymentRequested']) {
      const steps = await chain(idOf(type), 'EFFECTS');
      expect(steps[0]).toMatchObject({ isSubject: true, event: { type } });
      const healthy = steps.findLast(({ event }) => event.type === 'DeploymentHealthy')!;
      expect(healthy.because).toEqual([idOf('DeploymentRequested')]);
    }
    const open = 'mutation ($input: OpenIncidentInput!) { openIncident(input: $input) { incident { id } position } }';
    const input = { project: 'shop', environment: 'shop.lab@feature', severity: 'high', cause: id };
    const { openIncident } = await done<{ openIncident: { incident: { id: string } } }>(ledger, open, input);
    const incident = openIncident.incident.id;
    const effects = await chain(id, 'EFFECTS');
    const caused = effects.findLast(({ event }) => event.type === 'IncidentCaused')!;
    expect(caused.because).toContain(idOf('ReleaseRequested'));
    const back = (await chain(incident, 'CAUSES')).map(({ event }) => event.type);
    expect(back).toEqual(expect.arrayContaining(['IncidentCaused', 'ReleaseRequested', 'BranchRulesDefined']));
    const { data } = await ledger.ask('{ environment(name: "shop.lab@feature") { current { name } } }');
    const { current } = data!['environment'] as { current: { name: string } };
    const { deployment } = await answerTo<{ deployment: { name: string; incidents: readonly unknown[] } }>(
      ledger,
      'deployment-trace',
      { name: current.name },
    );
    expect(deployment.incidents).toMatchObject([{ id: incident, severity: 'high' }]);
    const both = (await chain('shop.lab@feature', 'BOTH')).map(({ event }) => event.type);
    expect(both).toEqual(expect.arrayContaining(['BranchRulesDefined', 'DeploymentHealthy', 'ReleaseCompleted']));
  });
});
