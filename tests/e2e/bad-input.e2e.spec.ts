import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readdirSync } from 'node:fs';
import { commitNamed, imageOf, type Kit, onboard, startKit, temporaryFolder } from './harness/kit.js';
import { startFailing, startLedger } from './harness/ledger-process.js';
import { givenProject, PLAIN } from './harness/project.js';
import { releaseHeld, releaseIn, requestRelease } from './harness/releases.js';

let kit: Kit;
let eventsBefore: number;
beforeAll(async () => {
  kit = await startKit();
  await onboard(kit, 'dev');
  await givenProject(kit, 'shop');
  eventsBefore = await countEvents();
});
afterAll(() => kit.close());

async function countEvents(): Promise<number> {
  const { events } = await kit.admin.ask<{ events: { totalCount: number } }>(
    `query Count { events(first: 1) { totalCount } }`,
  );
  return events.totalCount;
}

const at = (commit: string, image: string): string[] => ['--commit', commit, '--image', image];
const GOOD = at(commitNamed('bad'), imageOf('bad'));

const rule = (more: object): string =>
  JSON.stringify([{ name: 'x', branch: '^x$', resources: ['kubernetes-dev'], tier: 'dev', ...more }]);

describe('one clear error each, nothing written', () => {
  const cases: [string, string[], string, number, RegExp][] = [
    ['unknown project', ['release', 'nope', '--ref', 'dev', ...GOOD], '', 1, /nope/],
    ['unknown project, read', ['project', 'show', 'nope'], '', 1, /no project nope/],
    ['unknown release', ['approve', 'ffffffff'], '', 1, /no release/],
    ['unknown location', ['resource', 'onboard', 'kubernetes-x', '--location', 'x'], '', 1, /x/],
    ['unknown environment', ['status', 'shop.dev@nowhere'], '', 1, /no environment/],
    ['unknown subject', ['why', 'nothing-of-that-name'], '', 1, /nothing/],
    [
      'unknown resource in a rule',
      ['rules', 'set', 'shop', '-f', '-'],
      rule({ resources: ['kubernetes-moon'] }),
      2,
      /kubernetes-moon/,
    ],
    ['unknown role', ['token', 'create', '--role', 'king'], '', 2, /king/],
    ['a ref with a space', ['release', 'shop', '--ref', 'my branch', ...GOOD], '', 2, /ref/],
    ['a ref with control characters', ['release', 'shop', '--ref', 'dev\u001b[31m', ...GOOD], '', 2, /ref/],
    ['a ref that climbs', ['release', 'shop', '--ref', '../../etc/passwd', ...GOOD], '', 2, /ref/],
    ['a ref that looks like an option', ['release', 'shop', '--ref=--upload-pack=x', ...GOOD], '', 2, /ref/],
    ['a branch name of 10 KB', ['release', 'shop', '--ref', 'x'.repeat(10_240), ...GOOD], '', 2, /250/],
    [
      'a regex bomb that RE2 cannot take',
      ['rules', 'set', 'shop', '-f', '-'],
      rule({ branch: '((a{1000}){1000}){1000}' }),
      2,
      /pattern|branch/,
    ],
    [
      'a regex with a look-behind',
      ['rules', 'set', 'shop', '-f', '-'],
      rule({ branch: '(?<=a)b' }),
      2,
      /pattern|branch/,
    ],
    ['a regex that is broken', ['rules', 'set', 'shop', '-f', '-'], rule({ branch: '^(dev$' }), 2, /pattern|branch/],
    [
      'an unreachable rule',
      ['rules', 'set', 'shop', '-f', '-'],
      JSON.stringify([
        { name: 'all', branch: '.*', resources: ['kubernetes-dev'], tier: 'dev' },
        { name: 'dev', branch: '^dev$', resources: ['kubernetes-dev'], tier: 'dev' },
      ]),
      2,
      /earlier rule all/,
    ],
    [
      'a digest of the wrong form',
      ['release', 'shop', '--ref', 'dev', ...at(commitNamed('bad'), 'registry.example/shop@sha256:abc')],
      '',
      2,
      /digest/,
    ],
    [
      'a digest of another algorithm',
      ['release', 'shop', '--ref', 'dev', ...at(commitNamed('bad'), 'registry.example/shop@md5:abc')],
      '',
      2,
      /digest/,
    ],
    ['a short commit', ['release', 'shop', '--ref', 'dev', ...at('abc1234', imageOf('bad'))], '', 2, /commit/],
    [
      'a password in a repository address',
      ['location', 'onboard', 'leak', '--repository', 'https://me:secret@git.example/x.git'],
      '',
      2,
      /password/,
    ],
    [
      'metadata with an unknown field',
      ['project', 'set', 'shop', 'devops', '-f', '-'],
      'quotas:\n  maxReplicas: 5\n  maxReplica: 6\n',
      2,
      /maxReplica/,
    ],
    [
      'metadata with a wrong value',
      ['project', 'set', 'shop', 'devops', '-f', '-'],
      'quotas:\n  maxReplicas: many\n',
      2,
      /quotas\.maxReplicas/,
    ],
    ['metadata that is no object', ['project', 'set', 'shop', 'business', '-f', '-'], '42\n', 2, /./],
    ['a project key of the wrong form', ['project', 'create', 'Shop--1'], '', 2, /project: letters/],
    ['a project that is there', ['project', 'create', 'shop', '--name', 'Another'], '', 1, /shop/],
    [
      'a location that is there',
      ['location', 'onboard', 'dev', '--repository', '/elsewhere'],
      '',
      1,
      /dev is onboarded/,
    ],
  ];
  it.each(cases)('%s', async (_, args, stdin, code, words) => {
    const { runWaybill } = await import('./harness/cli.js');
    const env = { WAYBILL_URL: kit.ledger.url, WAYBILL_TOKEN: kit.ledger.adminToken };
    const ran = await runWaybill(args, env, stdin);
    expect({ code: ran.code, err: ran.code === code ? '' : ran.err }).toEqual({ code, err: '' });
    expect(ran.out).toBe('');
    expect(ran.err).toMatch(words);
    expect(ran.err).toMatch(/^waybill: /);
    expect(ran.err).not.toMatch(/\n\s+at |node_modules|INTERNAL|\bundefined\b|secret@/);
    expect(ran.err.length).toBeLessThan(2000);
    expect(await countEvents()).toBe(eventsBefore);
  });

  it('a hostile pattern that RE2 takes is matched in linear time', async () => {
    await givenProject(kit, 'hostile', {
      rules: [{ name: 'x', branch: '^(a+)+$', resources: ['kubernetes-dev'], tier: 'dev' }],
    });
    const started = Date.now();
    expect((await kit.cli('rules', 'test', 'hostile', `${'a'.repeat(240)}!`)).code).toBe(1);
    expect(Date.now() - started).toBeLessThan(10_000);
    eventsBefore = await countEvents();
  });

  it('a query that is too deep or not GraphQL at all gets an error and no internals', async () => {
    const post = async (body: string): Promise<string> =>
      (
        await fetch(`${kit.ledger.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${kit.ledger.adminToken}` },
          body,
        })
      ).text();
    for (const body of [
      '{',
      '{"query":"{ nope }"}',
      '{"query":42}',
      JSON.stringify({ query: `{ projects { nodes ${'{ releases { nodes { deployments { release '.repeat(1)}` }),
    ]) {
      const text = await post(body);
      expect(text).not.toMatch(/stack|node_modules/);
    }
  });
});

it('a config repository that is gone holds the release and says which', async () => {
  const config = await givenProject(kit, 'lost');
  renameSync(config, `${config}.away`);
  const asked = await requestRelease(kit.admin, 'lost', 'dev');
  const held = await releaseHeld(kit.admin, asked.id, 'config');
  expect(held.holds[0]?.message).toContain(config);
  renameSync(`${config}.away`, config);
  await releaseIn(kit.admin, asked.id, 'COMPLETED');
});

it('a config repository that asks for too much names the file', async () => {
  const asked = await givenProject(kit, 'heavy', {
    files: { 'heavy/dev/waybill.yaml': PLAIN, 'heavy/dev/big.txt': 'x'.repeat(800 * 1024) },
  }).then(() => requestRelease(kit.admin, 'heavy', 'dev'));
  const held = await releaseHeld(kit.admin, asked.id, 'config');
  expect(held.holds[0]?.message).toContain('big.txt');
});

describe('a start that cannot be', () => {
  it('says that the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    const folder = temporaryFolder();
    const ended = await startFailing(join(folder, 'data'), { WAYBILL_LISTEN: `127.0.0.1:${port}` });
    server.close();
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(String(port));
    expectOneSentence(ended.stderr);
    rmSync(folder, { recursive: true });
  });

  it('names the process that has the data folder', async () => {
    const ended = await startFailing(kit.ledger.data);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(String(kit.ledger.pid));
    expectOneSentence(ended.stderr);
    expect((await kit.cli('status')).code).toBe(0);
  });

  it.each([
    ['WAYBILL_LISTEN', 'here'],
    ['WAYBILL_ROLES', 'api,king'],
    ['WAYBILL_EVENT_STORE', 'oracle://x'],
    ['WAYBILL_CONFIG_INTERVAL', 'often'],
  ])('%s=%s ends it with code 2', async (name, value) => {
    const folder = temporaryFolder();
    const ended = await startFailing(join(folder, 'data'), { [name]: value });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(name);
    expectOneSentence(ended.stderr);
    rmSync(folder, { recursive: true });
  });

  it('says that the database is corrupted, and leaves it as it is', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    const ledger = await startLedger(data);
    await ledger.stop();
    const files = readdirSync(data).filter((name) => /\.(sqlite|db)$/.test(name));
    const file = join(data, files.find((name) => /event|ledger/.test(name)) ?? files[0] ?? '');
    expect(existsSync(file)).toBe(true);
    const broken = readFileSync(file);
    broken.fill(0x5a, 0, 4096);
    writeFileSync(file, broken);
    const ended = await startFailing(data);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(file);
    expectOneSentence(ended.stderr);
    expect(readFileSync(file).equals(broken)).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it('says that the data folder cannot be written', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'x'));
    writeFileSync(join(folder, 'x', 'data'), 'a file, not a folder');
    const ended = await startFailing(join(folder, 'x', 'data'));
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(join(folder, 'x', 'data'));
    expectOneSentence(ended.stderr);
    rmSync(folder, { recursive: true });
  });
});

function expectOneSentence(stderr: string): void {
  expect(stderr).not.toMatch(/\n\s+at |node_modules/);
  expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
}
