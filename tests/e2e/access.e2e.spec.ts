import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Cli, cliOf, runWaybill } from './harness/cli.js';
import { commitNamed, imageOf, type Kit, onboard, startKit } from './harness/kit.js';
import { createToken, givenProject } from './harness/project.js';
import { releaseIn, requestRelease } from './harness/releases.js';

let kit: Kit;
const clis: Record<string, Cli> = {};
beforeAll(async () => {
  kit = await startKit();
  await onboard(kit, 'dev');
  await givenProject(kit, 'open');
  await givenProject(kit, 'other');
  const made: [string, Record<string, unknown>][] = [
    ['developer', { roles: ['DEVELOPER'], project: 'open', person: 'dana', name: 'Dana' }],
    ['business', { roles: ['BUSINESS'], project: 'open', person: 'ben', name: 'Ben' }],
    ['devops', { roles: ['DEVOPS'], project: 'open', person: 'olga', name: 'Olga' }],
    ['analyst', { roles: ['ANALYST'], person: 'ann', name: 'Ann' }],
    ['adapter', { roles: ['ADAPTER'], name: 'operator of dev' }],
  ];
  for (const [name, input] of made) clis[name] = cliOf(kit.ledger, await createToken(kit.admin, input));
});
afterAll(() => kit.close());

const RELEASE = ['release', 'open', '--ref', 'dev', '--commit', commitNamed('access'), '--image', imageOf('access')];

describe('without a good token', () => {
  it.each(['status', 'project list', 'whoami', 'events'])('%s is refused with exit code 4', async (line) => {
    for (const token of ['wb_wrong', '']) {
      const env = { WAYBILL_URL: kit.ledger.url, ...(token ? { WAYBILL_TOKEN: token } : {}), WAYBILL_DATA: kit.folder };
      const ran = await runWaybill(line.split(' '), env);
      expect(ran.code).toBe(4);
      expect(ran.out).toBe('');
      expect(ran.err).toMatch(/^waybill: .*token/);
    }
  });

  it('healthz and readyz answer, and metrics and graphql give nothing away', async () => {
    expect((await fetch(`${kit.ledger.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${kit.ledger.url}/readyz`)).status).toBe(200);
    const asked = await fetch(`${kit.ledger.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ ledger { id } }' }),
    });
    expect(await asked.text()).not.toMatch(/"id"/);
  });
});

describe('by role', () => {
  it.each([
    ['developer', 'status open', 0],
    ['developer', 'status other', 4],
    ['developer', 'rules set open --preset trunk', 4],
    ['developer', 'location retire dev', 4],
    ['developer', 'token create --role admin', 4],
    ['business', 'history open', 0],
    ['business', RELEASE.join(' '), 4],
    ['devops', 'location list', 0],
    // Locations belong to the whole ledger: devops of one project may not retire them.
    ['devops', 'location retire dev', 4],
    ['devops', 'rules show open', 0],
    ['analyst', 'status', 0],
    ['analyst', 'history other', 0],
    ['analyst', RELEASE.join(' '), 4],
    ['analyst', 'person list', 4],
    ['adapter', 'status open', 4],
    ['adapter', RELEASE.join(' '), 4],
  ])('%s: waybill %s ends with %d', async (who, line, code) => {
    const ran = await clis[who]?.(...line.split(' '));
    expect({ code: ran?.code, err: ran?.code === code ? '' : ran?.err }).toEqual({ code, err: '' });
    if (code === 4) expect(ran?.err).toMatch(/needs the role/);
  });

  it('a section is submitted by its own role only', async () => {
    const set = (who: string) =>
      runWaybill(
        ['project', 'set', 'open', 'devops', '-f', '-'],
        { WAYBILL_URL: kit.ledger.url, WAYBILL_TOKEN: tokenOf[who] ?? '' },
        'quotas:\n  maxReplicas: 7\n',
      );
    const tokenOf = {
      business: await createToken(kit.admin, { roles: ['BUSINESS'], project: 'open', person: 'ben' }),
      devops: await createToken(kit.admin, { roles: ['DEVOPS'], project: 'open', person: 'olga' }),
    } as Record<string, string>;
    expect((await set('business')).code).toBe(4);
    expect((await set('devops')).code).toBe(0);
  });

  it('a developer releases, and the ledger keeps who it was by an opaque id', async () => {
    const ran = await clis['developer']?.(...RELEASE, '--wait', '--timeout', '60s', '-o', 'json');
    expect(ran?.code).toBe(0);
    const release = ran?.json<{ id: string; requestedBy: { id: string; name: string } }>();
    expect(release?.requestedBy.name).toBe('Dana');
    const log = await kit.cli('events', '--stream', `release-${release?.id}`, '-o', 'json');
    const [first] = log.json<{ data: unknown; actor: { id: string } }[]>();
    expect(first?.actor.id).toMatch(/^p-/);
    expect(JSON.stringify(first?.data)).not.toMatch(/dana/i);
  });
});

it('a grant works at once, and so does taking it away', async () => {
  const token = await createToken(kit.admin, { roles: ['ANALYST'], project: 'open', person: 'gus', name: 'Gus' });
  const gus = cliOf(kit.ledger, token);
  expect((await gus(...RELEASE)).code).toBe(4);
  expect((await kit.cli('grant', 'gus', 'developer', '--project', 'open')).code).toBe(0);
  expect((await gus(...RELEASE)).code).toBe(0);
  expect((await kit.cli('revoke-role', 'gus', 'developer', '--project', 'open')).code).toBe(0);
  expect((await gus(...RELEASE)).code).toBe(4);
});

it('a revoked token is refused', async () => {
  const made = await kit.cli('token', 'create', '--role', 'analyst', '--name', 'short-lived', '-o', 'json');
  const { token, tokenId } = made.json<{ token: string; tokenId: string }>();
  expect((await cliOf(kit.ledger, token)('status')).code).toBe(0);
  expect((await kit.cli('token', 'revoke', tokenId)).code).toBe(0);
  expect((await cliOf(kit.ledger, token)('status')).code).toBe(4);
  await kit.restart();
  expect((await cliOf(kit.ledger, token)('status')).code).toBe(4);
});

it('the admin token is for the owner of the data folder alone', () => {
  expect(statSync(join(kit.ledger.data, 'admin-token')).mode & 0o777).toBe(0o600);
});

it('a login link logs in once', async () => {
  const { out } = await kit.cli('login-link');
  const first = await fetch(out.trim(), { redirect: 'manual' });
  expect(first.status).toBeLessThan(400);
  expect(first.headers.get('set-cookie')).toMatch(/httponly/i);
  const second = await fetch(out.trim(), { redirect: 'manual' });
  expect(second.status).toBeGreaterThanOrEqual(400);
});

it('the same command twice is done once', async () => {
  const commandId = '01990000-0000-7000-8000-000000000001';
  const first = await requestRelease(kit.admin, 'open', 'dev', 'twice', { commandId });
  const again = await requestRelease(kit.admin, 'open', 'dev', 'twice', { commandId });
  expect(again.id).toBe(first.id);
  await expect(requestRelease(kit.admin, 'open', 'dev', 'another', { commandId })).rejects.toMatchObject({
    code: 'COMMAND_ID_CONFLICT',
  });
  await releaseIn(kit.admin, first.id, 'COMPLETED');
  const job = { pipelineId: '4711', jobId: '9' };
  const asked = await requestRelease(kit.admin, 'open', 'dev', 'piped', job);
  expect((await requestRelease(kit.admin, 'open', 'dev', 'piped', job)).id).toBe(asked.id);
  expect((await requestRelease(kit.admin, 'open', 'dev', 'piped', { ...job, attempt: 2 })).id).not.toBe(asked.id);
});
