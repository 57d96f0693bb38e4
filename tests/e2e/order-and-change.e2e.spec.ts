import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@waybill/example';
import { join } from 'node:path';
import { cliOf } from './harness/cli.js';
import { commitFiles, editByHand, filesAt, git, makeBareRepository, tip, trailersOf } from './harness/git.js';
import { deliveryOf, digestOf, type Kit, onboard, startKit } from './harness/kit.js';
import { devRule, givenPerson, givenProject, PLAIN } from './harness/project.js';
import { environmentNamed, environmentsOf, releaseHeld, releaseIn, requestRelease } from './harness/releases.js';
import { until } from './harness/until.js';

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
  await onboard(kit, 'dev', 'feature', 'prod1', 'prod2');
});
afterAll(() => kit.close());

const deployed = (project: string, slot: string, location = 'dev'): string =>
  filesAt(deliveryOf(kit, location), `${project}/${slot}`)[`${project}/${slot}/deployment-${project}--${slot}.yaml`] ??
  '';

async function deploy(project: string, ref: string, label: string) {
  const asked = await requestRelease(kit.admin, project, ref, label);
  return releaseIn(kit.admin, asked.id, 'COMPLETED');
}

it('an old release that is approved late never overwrites a newer one', async () => {
  const rules = [devRule({ approvals: 1 })];
  await givenProject(kit, 'late', { rules });
  const alice = connect(kit.ledger.url, await givenPerson(kit.admin, 'alice'));
  const bob = cliOf(kit.ledger, await givenPerson(kit.admin, 'bob'));
  const older = await requestRelease(alice, 'late', 'dev', 'older');
  await releaseHeld(kit.admin, older.id, 'approval-pending');
  const newer = await requestRelease(alice, 'late', 'dev', 'newer');
  await releaseHeld(kit.admin, newer.id, 'approval-pending');
  expect((await bob('approve', newer.id)).code).toBe(0);
  await releaseIn(kit.admin, newer.id, 'COMPLETED');
  await bob('approve', older.id);
  const overtaken = await releaseIn(kit.admin, older.id, 'SUPERSEDED', 'COMPLETED');
  expect(overtaken.locations).toMatchObject([{ location: 'dev', state: 'superseded', generation: null }]);
  expect(deployed('late', 'dev')).toContain(digestOf('newer'));
  expect((await environmentNamed(kit.admin, 'late.dev@dev'))?.generation).toBe(1);
});

it('a deleted branch takes its environments away, and generations go on when it comes back', async () => {
  const rules = [
    { name: 'feature', branch: '^feature-', resources: ['kubernetes-feature', 'istio-feature'], tier: 'feature' },
  ];
  await givenProject(kit, 'branchy', { rules, files: { 'branchy/feature/waybill.yaml': PLAIN } });
  await deploy('branchy', 'feature-login', 'login');
  await deploy('branchy', 'feature-pay', 'pay');
  const deleted = await kit.cli('branch', 'delete', 'branchy', 'feature-login', '-o', 'json');
  expect(deleted.json()).toMatchObject({ slot: 'feature-login', environments: ['branchy.feature-login@feature'] });
  await until(
    'the environment is gone',
    () => environmentNamed(kit.admin, 'branchy.feature-login@feature'),
    (row) => row?.state === 'removed',
  );
  expect(Object.keys(filesAt(deliveryOf(kit, 'feature'), 'branchy/feature-login'))).toEqual([]);
  expect(deployed('branchy', 'feature-pay', 'feature')).toContain(digestOf('pay'));
  expect((await environmentsOf(kit.admin, 'branchy')).map(({ name }) => name)).toEqual(['branchy.feature-pay@feature']);

  await deploy('branchy', 'feature-login', 'login-again');
  expect((await environmentNamed(kit.admin, 'branchy.feature-login@feature'))?.generation).toBe(3);
  const removed = await kit.cli('environment', 'remove', 'branchy.feature-pay@feature');
  expect(removed.code).toBe(0);
  await until(
    'the other is gone',
    () => environmentNamed(kit.admin, 'branchy.feature-pay@feature'),
    (row) => row?.state === 'removed',
  );
});

describe('a commit that touches only the configuration', () => {
  it('is shown as pending where the rule says nothing', async () => {
    const config = await givenProject(kit, 'calm');
    await deploy('calm', 'dev', 'calm');
    const commit = commitFiles(config, { 'calm/dev/waybill.yaml': PLAIN.replace('replicas: 1', 'replicas: 2') });
    const checked = await kit.cli('config', 'check', 'calm');
    expect(checked.code).toBe(0);
    const pending = await until(
      'it is pending',
      () => environmentNamed(kit.admin, 'calm.dev@dev'),
      (row) => row?.pendingConfig != null,
    );
    expect(pending?.pendingConfig).toMatchObject({ directory: 'calm/dev', commit });
    expect((await kit.cli('status', 'calm')).out).toContain('pending');
    expect(deployed('calm', 'dev')).toContain('replicas: 1');
    await deploy('calm', 'dev', 'calm-2');
    expect(deployed('calm', 'dev')).toContain('replicas: 2');
    expect((await environmentNamed(kit.admin, 'calm.dev@dev'))?.pendingConfig).toBeNull();
  });

  it('is deployed where the rule says so', async () => {
    const config = await givenProject(kit, 'eager', { rules: [devRule({ onConfigChange: 'redeploy' })] });
    await deploy('eager', 'dev', 'eager');
    commitFiles(config, { 'eager/dev/waybill.yaml': PLAIN.replace('replicas: 1', 'replicas: 3') });
    await until(
      'it is deployed',
      () => Promise.resolve(deployed('eager', 'dev')),
      (text) => text.includes('replicas: 3'),
    );
    const [latest] = (await kit.cli('history', 'eager', '-o', 'json')).json<{ trigger: string }[]>();
    expect(latest?.trigger).toBe('config-change');
  });
});

it('a hand edit in a location’s repository is noticed as drift, and as healed when it is taken back', async () => {
  await givenProject(kit, 'drifty');
  await deploy('drifty', 'dev', 'drifty');
  const repository = deliveryOf(kit, 'dev');
  const path = 'drifty/dev/deployment-drifty--dev.yaml';
  const before = filesAt(repository, 'drifty/dev')[path] ?? '';
  const clone = join(kit.folder, 'clone');
  const commit = editByHand(repository, clone, { [path]: before.replace('replicas: 1', 'replicas: 9') });
  const drifted = await until(
    'drift is noticed',
    () => environmentNamed(kit.admin, 'drifty.dev@dev'),
    (row) => row?.drift != null,
  );
  expect(drifted?.drift).toMatchObject({ paths: [path], commit });
  expect((await kit.cli('status', 'drifty')).out).toContain('drifted');
  editByHand(repository, clone, { [path]: before }, 'taken back');
  await until(
    'it is healed',
    () => environmentNamed(kit.admin, 'drifty.dev@dev'),
    (row) => row?.drift === null,
  );
});

it('a rollback is a new release with the deliverable and configuration as they stood', async () => {
  const config = await givenProject(kit, 'back');
  const first = await deploy('back', 'dev', 'back-1');
  commitFiles(config, { 'back/dev/waybill.yaml': PLAIN.replace('replicas: 1', 'replicas: 4') });
  await deploy('back', 'dev', 'back-2');
  expect(deployed('back', 'dev')).toContain('replicas: 4');
  const ran = await kit.cli(
    'rollback',
    'back.dev@dev',
    '--reason',
    'errors',
    '--wait',
    '--timeout',
    '60s',
    '-o',
    'json',
  );
  expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' });
  const release = await releaseIn(kit.admin, ran.json<{ id: string }>().id, 'COMPLETED');
  expect(release).toMatchObject({ trigger: 'rollback', reuses: first.id });
  expect(deployed('back', 'dev')).toContain(digestOf('back-1'));
  expect(deployed('back', 'dev')).toContain('replicas: 1');
  expect((await environmentNamed(kit.admin, 'back.dev@dev'))?.generation).toBe(3);
});

it('goes through its stages in order', async () => {
  const rules = [
    {
      name: 'tag',
      tag: true,
      resources: ['kubernetes-prod1', 'istio-prod1', 'kubernetes-prod2', 'istio-prod2'],
      tier: 'prod',
      stages: [['prod2'], ['prod1']],
    },
  ];
  await givenProject(kit, 'staged', { rules, files: { 'staged/tag/waybill.yaml': PLAIN } });
  const asked = await requestRelease(kit.admin, 'staged', 'tag:v1', 'staged');
  const release = await releaseIn(kit.admin, asked.id, 'COMPLETED');
  expect(release.locations).toHaveLength(2);
  const date = (location: string): string => {
    const commit = release.deployments.find((row) => row.location === location)?.deliveredCommit ?? '';
    return git(deliveryOf(kit, location), 'show', '--no-patch', '--format=%ct', commit);
  };
  expect(Number(date('prod2'))).toBeLessThanOrEqual(Number(date('prod1')));
  const prod1 = deliveryOf(kit, 'prod1');
  expect(trailersOf(prod1, tip(prod1) ?? '')).toMatchObject({ Tag: 'v1', Deployment: 'staged.prod@prod1.1' });
  const order = (await kit.cli('events', '--stream', `release-${release.id}`, '-o', 'json'))
    .json<{ type: string; data: { locations?: string[] } }[]>()
    .filter(({ type }) => type === 'StageStarted')
    .map(({ data }) => data.locations);
  expect(order).toEqual([['prod2'], ['prod1']]);
});

it('a stage that fails keeps the later ones untouched, and fails the release', async () => {
  const shared = makeBareRepository(deliveryOf(kit, 'shared'));
  for (const location of ['twin1', 'twin2']) {
    await kit.cli('location', 'onboard', location, '--repository', shared);
    await kit.cli('resource', 'onboard', `kubernetes-${location}`, '--location', location);
  }
  const resources = ['kubernetes-twin1', 'kubernetes-twin2', 'kubernetes-prod1'];
  const rules = [{ name: 'tag', tag: true, resources, tier: 'prod', stages: [['twin1'], ['twin2'], ['prod1']] }];
  await givenProject(kit, 'failing', { rules, files: { 'failing/tag/waybill.yaml': PLAIN } });
  const asked = await requestRelease(kit.admin, 'failing', 'tag:v1', 'failing');
  const release = await releaseIn(kit.admin, asked.id, 'FAILED');
  // Two locations in one branch would take turns overwriting each other: the second is rejected.
  expect(release.locations).toMatchObject([
    { location: 'twin1', state: 'delivered' },
    { location: 'twin2', state: 'rejected', message: expect.stringContaining('failing.prod@twin1') },
    { location: 'prod1', state: 'cancelled' },
  ]);
  expect(Object.keys(filesAt(deliveryOf(kit, 'prod1'), 'failing'))).toEqual([]);
  const watched = await kit.cli('watch', asked.id, '--exit-status');
  expect(watched.code).toBe(1);
  expect(watched.out).toContain('twin2');
});
