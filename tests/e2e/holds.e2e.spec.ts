import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@waybill/example';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliOf } from './harness/cli.js';
import { commitFiles, filesAt } from './harness/git.js';
import { commitNamed, deliveryOf, digestOf, imageOf, type Kit, onboard, startKit } from './harness/kit.js';
import { businessSection, devRule, givenPerson, givenProject, PLAIN, submit } from './harness/project.js';
import { releaseHeld, releaseIn, requestRelease } from './harness/releases.js';

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
  await onboard(kit, 'dev');
});
afterAll(() => kit.close());

it('missing metadata holds a release until it is given, and says by whom', async () => {
  await givenProject(kit, 'gaps', { business: null, devops: null });
  const missing = (await kit.cli('project', 'missing', 'gaps', '-o', 'json')).json<
    { section: string; role: string; rules: string[] }[]
  >();
  expect(new Set(missing.map(({ section }) => section))).toEqual(new Set(['BUSINESS', 'DEVOPS']));
  expect(missing[0]?.rules).toEqual(['dev']);

  const asked = await requestRelease(kit.admin, 'gaps', 'dev');
  const held = await releaseHeld(kit.admin, asked.id, 'missing-metadata');
  expect(held.holds.map(({ frees }) => frees).join(' ')).toMatch(/business/);

  const file = join(kit.folder, 'devops.yaml');
  writeFileSync(file, 'quotas:\n  maxReplicas: 5\n');
  expect((await kit.cli('project', 'set', 'gaps', 'devops', '-f', file)).code).toBe(0);
  await submit(kit.admin, 'gaps', 'BUSINESS', businessSection());
  await releaseIn(kit.admin, asked.id, 'COMPLETED');
});

describe('configuration', () => {
  it('that is missing holds a release until it is committed', async () => {
    const config = await givenProject(kit, 'bare', { files: { 'README.md': 'nothing yet\n' } });
    const asked = await requestRelease(kit.admin, 'bare', 'dev');
    const held = await releaseHeld(kit.admin, asked.id, 'config');
    expect(held.holds[0]?.message).toContain('bare/dev');
    commitFiles(config, { 'bare/dev/waybill.yaml': PLAIN });
    await releaseIn(kit.admin, asked.id, 'COMPLETED');
  });

  it('that is not valid holds a release, naming file and line', async () => {
    const config = await givenProject(kit, 'wrong', {
      files: { 'wrong/dev/waybill.yaml': 'cpu: 100m\nreplicas: many\n' },
    });
    const asked = await requestRelease(kit.admin, 'wrong', 'dev');
    const held = await releaseHeld(kit.admin, asked.id, 'config');
    expect(held.holds[0]?.message).toMatch(/wrong\/dev\/waybill\.yaml.*2/s);
    commitFiles(config, { 'wrong/dev/waybill.yaml': PLAIN });
    await releaseIn(kit.admin, asked.id, 'COMPLETED');
  });

  it('that holds a secret is refused, and the secret is nowhere', async () => {
    const secret = 'c2VjcmV0LW9mLXRoZS1zaG9w';
    const manifest = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: shop\ndata:\n  password: ${secret}\n`;
    await givenProject(kit, 'leaky', {
      files: { 'leaky/dev/waybill.yaml': PLAIN, 'leaky/dev/manifests/secret.yaml': manifest },
    });
    const asked = await requestRelease(kit.admin, 'leaky', 'dev');
    const held = await releaseHeld(kit.admin, asked.id, 'config');
    expect(held.holds[0]?.message).toContain('manifests/secret.yaml');
    const log = await kit.cli('events', '--limit', '1000', '-o', 'json');
    expect(log.out).not.toContain(secret);
  });
});

it('a closed window holds a release until the window opens', async () => {
  const yesterday = new Date(Date.now() - 36 * 3_600_000)
    .toLocaleDateString('en', { weekday: 'short', timeZone: 'UTC' })
    .toLowerCase();
  const releaseWindow = { timeZone: 'UTC', days: [yesterday], from: '09:00', to: '10:00', tiers: ['dev'] };
  await givenProject(kit, 'patient', { business: { releaseWindow } });
  const asked = await requestRelease(kit.admin, 'patient', 'dev');
  const held = await releaseHeld(kit.admin, asked.id, 'window-closed');
  expect(held.holds[0]?.details).toHaveProperty('opensAt');
  const always = {
    ...releaseWindow,
    days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    from: '00:00',
    to: '23:59',
  };
  const open = { ...always, tiers: ['prod'] };
  await submit(kit.admin, 'patient', 'BUSINESS', businessSection({ releaseWindow: open }));
  await releaseIn(kit.admin, asked.id, 'COMPLETED');
});

describe('an approval', () => {
  let alice: string;
  let bob: string;
  let carol: string;
  beforeAll(async () => {
    await givenProject(kit, 'strict', { rules: [devRule({ approvals: 1 })] });
    alice = await givenPerson(kit.admin, 'alice');
    bob = await givenPerson(kit.admin, 'bob');
    carol = await givenPerson(kit.admin, 'carol');
  });

  it('is given by an approver, never by who asked', async () => {
    const asked = await requestRelease(connect(kit.ledger.url, bob), 'strict', 'dev', 'approved');
    await releaseHeld(kit.admin, asked.id, 'approval-pending');
    const own = await cliOf(kit.ledger, bob)('approve', asked.id);
    expect(own.code).not.toBe(0);
    const stranger = await cliOf(kit.ledger, alice)('approve', asked.id);
    expect(stranger.code).not.toBe(0);
    await releaseHeld(kit.admin, asked.id, 'approval-pending');
    const approved = await cliOf(kit.ledger, carol)('approve', asked.id.slice(0, 8));
    expect({ code: approved.code, err: approved.err }).toEqual({ code: 0, err: '' });
    await releaseIn(kit.admin, asked.id, 'COMPLETED');
  });

  it('may be refused, with a reason', async () => {
    const asked = await requestRelease(connect(kit.ledger.url, alice), 'strict', 'dev', 'refused');
    await releaseHeld(kit.admin, asked.id, 'approval-pending');
    const refused = await cliOf(kit.ledger, bob)('refuse', asked.id, '--reason', 'not before the campaign');
    expect(refused.code).toBe(0);
    expect((await releaseIn(kit.admin, asked.id, 'REFUSED')).deployments).toEqual([]);
    const watched = await kit.cli('watch', asked.id, '--exit-status');
    expect(watched.code).toBe(1);
    expect((await cliOf(kit.ledger, bob)('approve', asked.id)).code).toBe(1);
  });

  it('may be overtaken by a cancel', async () => {
    const asked = await requestRelease(connect(kit.ledger.url, alice), 'strict', 'dev', 'cancelled');
    await releaseHeld(kit.admin, asked.id, 'approval-pending');
    expect((await cliOf(kit.ledger, alice)('cancel', asked.id)).code).toBe(0);
    await releaseIn(kit.admin, asked.id, 'CANCELLED');
  });

  it('makes --wait end with 8 when it does not come in time', async () => {
    const ran = await cliOf(
      kit.ledger,
      alice,
    )(
      ...[
        'release',
        'strict',
        '--ref',
        'dev',
        '--commit',
        commitNamed('late'),
        '--image',
        imageOf('late'),
        '--wait',
        '--timeout',
        '2s',
      ],
    );
    expect(ran.code).toBe(8);
    expect(ran.err).toContain('approv');
  });
});

it('a release without a deliverable waits for it', async () => {
  await givenProject(kit, 'later');
  const asked = await requestRelease(kit.admin, 'later', 'dev', 'built-later', { deliverable: undefined });
  await releaseHeld(kit.admin, asked.id, 'awaiting-deliverable');
  const provided = await kit.cli(
    'provide',
    asked.id.slice(0, 8),
    '--image',
    imageOf('built-later'),
    '--wait',
    '--timeout',
    '60s',
  );
  expect({ code: provided.code, err: provided.code === 0 ? '' : provided.err }).toEqual({ code: 0, err: '' });
  const text = filesAt(deliveryOf(kit, 'dev'), 'later/dev')['later/dev/deployment-later--dev.yaml'];
  expect(text).toContain(digestOf('built-later'));
});
