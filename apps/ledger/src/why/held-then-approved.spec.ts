import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES } from '../configuration.js';
import { done, requestRelease, setUpShop } from '../testing/example-project.js';
import { type RunningLedger, startRunningLedger } from '../testing/running-ledger.js';

interface Step {
  readonly sentence: string;
  readonly depth: number;
  readonly event: { readonly type: string; readonly correlationId: string };
}
interface Decided {
  readonly id: string;
  readonly decisionReason: string | null;
  readonly correlationId: string;
  readonly holds: readonly { readonly frees: string }[];
  readonly approvals: readonly { readonly reason: string | null }[];
}

let ledger: RunningLedger;
let anna: string;
beforeAll(async () => {
  ledger = await startRunningLedger(ROLES);
  await setUpShop(ledger);
  await done(ledger, 'mutation ($input: DefineRulesInput!) { defineRules(input: $input) { position } }', {
    project: 'shop',
    rules: [{ name: 'dev', branch: '^dev$', resources: ['kubernetes-dev'], tier: 'dev', approvals: 1 }],
  });
  anna = await tokenOf('anna');
}, 60_000);
afterAll(() => ledger.stop());

async function tokenOf(person: string): Promise<string> {
  const { createToken } = await done<{ createToken: { token: string } }>(
    ledger,
    'mutation ($input: CreateTokenInput!) { createToken(input: $input) { token } }',
    { person, roles: ['BUSINESS', 'ANALYST'] },
  );
  return createToken.token;
}

const decide = (what: string, release: string, reason: string | null) =>
  done(
    ledger,
    `mutation ($input: ReleaseActionInput!) { ${what}(input: $input) { position } }`,
    { release, reason },
    anna,
  );

/** Resolves with the position of the event, from the log. */
async function follow(stream: RegExp, type: RegExp): Promise<string> {
  const stop = new AbortController();
  for await (const batch of ledger.process.parts.store.subscribe({ signal: stop.signal })) {
    const found = batch.find((event) => stream.test(event.stream) && type.test(event.type));
    if (found) return found.position;
  }
  throw new Error('the log ended');
}

async function shownAt(id: string, position: string): Promise<Decided> {
  const { data } = await ledger.ask(
    'query ($id: ID!) { release(id: $id) { id decisionReason correlationId holds { frees } approvals { reason } } }',
    { variables: { id }, headers: { 'waybill-read-after': position } },
  );
  return data!['release'] as Decided;
}

async function why(subject: string, position: string): Promise<readonly Step[]> {
  const { data, errors } = await ledger.ask(
    'query ($s: String!) { why(subject: $s) { steps { sentence depth event { type correlationId } } } }',
    { variables: { s: subject }, headers: { 'waybill-read-after': position } },
  );
  expect(errors).toEqual([]);
  return (data!['why'] as { steps: readonly Step[] }).steps;
}

const UP_TO_THE_STAGE = [
  'DeveloperMetadataSubmitted',
  'BusinessMetadataSubmitted',
  'DevopsMetadataSubmitted',
  'BranchRulesDefined',
  'ReleaseRequested',
  'BranchMatched',
  'ConfigResolved',
  'ReleaseHeld',
  'ReleaseApproved',
  'ReleasePlanned',
  'StageStarted',
  'DeploymentRequested',
];

describe('a release that was held and then approved', () => {
  let id: string;
  let over: string;
  beforeAll(async () => {
    id = await requestRelease(ledger, { ref: { name: 'dev' } });
    await follow(new RegExp(id), /^ReleaseHeld$/);
    await decide('approveRelease', id, 'Tested by hand.\nGo.');
    over = await follow(new RegExp(id), /^ReleaseCompleted$/);
  }, 30_000);

  it('is one story from the request to the outcome', async () => {
    const steps = await why(id, over);
    const types = steps.map(({ event }) => event.type);
    expect(types).toEqual(expect.arrayContaining([...UP_TO_THE_STAGE, 'DeploymentAccepted', 'ManifestsAdapted']));
    expect(types.slice(0, UP_TO_THE_STAGE.length)).toEqual(UP_TO_THE_STAGE);
    expect(types.at(-1)).toBe('ReleaseCompleted');
    const ofRelease = steps.slice(UP_TO_THE_STAGE.indexOf('ReleaseRequested'));
    expect(new Set(ofRelease.map(({ event }) => event.correlationId)).size).toBe(1);
    const depths = new Map(steps.map(({ event, depth }) => [event.type, depth]));
    expect(depths.get('ReleaseApproved')).toBe(0);
    expect(depths.get('ReleasePlanned')).toBe(1);
    expect(depths.get('DeploymentRequested')).toBeGreaterThan(1);
    expect(steps.map(({ sentence }) => sentence)).toContain(
      'anna approved exactly this deliverable, configuration and rules revision: "Tested by hand. Go.".',
    );
  });

  it('leads from its deployment back to who asked and which rule', async () => {
    const types = (await why('shop.dev@dev.1', over)).map(({ event }) => event.type);
    expect(types.slice(0, UP_TO_THE_STAGE.length)).toEqual(UP_TO_THE_STAGE);
    expect(types.at(-1)).toBe('DeploymentDelivered');
  });

  it('shows the words of the approver until they are erased', async () => {
    expect(await shownAt(id, over)).toMatchObject({
      approvals: [{ reason: 'Tested by hand.\nGo.' }],
      correlationId: expect.any(String),
    });
    const events = await ledger.process.parts.store.readStream(`release-${id}`);
    const { reason } = events.find(({ type }) => type === 'ReleaseApproved')!.data as { reason: string };
    await ledger.process.parts.blobs.erase(reason);
    expect(await shownAt(id, over)).toMatchObject({ approvals: [{ reason: null }] });
    expect((await why(id, over)).map(({ sentence }) => sentence)).toContain(
      'anna approved exactly this deliverable, configuration and rules revision.',
    );
  });
});

describe('an approval by somebody else', () => {
  it('is refused with the logins of those who may', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'b'.repeat(40) });
    await follow(new RegExp(id), /^ReleaseHeld$/);
    const { errors } = await ledger.ask(
      'mutation ($input: ReleaseActionInput!) { approveRelease(input: $input) { position } }',
      { variables: { input: { release: id } } },
    );
    expect(errors[0]).toMatchObject({
      message: 'first admin may not approve releases of shop',
      extensions: { code: 'FORBIDDEN', hint: 'One of its approvers may: anna, olga.' },
    });
  });
});

describe('a release that was refused', () => {
  it('says why, in the words of who did it', async () => {
    const id = await requestRelease(ledger, { ref: { name: 'dev' }, commit: 'e'.repeat(40) });
    const held = await follow(new RegExp(id), /^ReleaseHeld$/);
    const [hold] = (await shownAt(id, held)).holds;
    expect(hold!.frees).toContain(`waybill approve ${id.slice(0, 8)}`);
    expect(hold!.frees).toContain('anna');
    expect(hold!.frees).not.toMatch(/p-[0-9a-z]{8}/);
    await decide('refuseRelease', id, 'too risky before the weekend');
    const over = await follow(new RegExp(id), /^ReleaseRefused$/);
    expect(await shownAt(id, over)).toMatchObject({ decisionReason: 'too risky before the weekend' });
    const steps = await why(id, over);
    expect(steps.map(({ sentence }) => sentence)).toContainEqual(
      expect.stringContaining('asked for a release of shop'),
    );
    expect(steps.at(-1)!.sentence).toBe('anna refused the release: "too risky before the weekend".');
  });
});
