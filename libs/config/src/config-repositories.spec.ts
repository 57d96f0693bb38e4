import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommitRequest, commitFiles, runGit } from '@waybill/git';
import { type ConfigQuery, type ConfigRepositories, type ConfigResult, createConfigRepositories } from './index.js';

let folder: string;
let repository: string;
let repositories: ConfigRepositories;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-config-'));
  repository = join(folder, 'config.git');
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  repositories = createConfigRepositories({ folder: join(folder, 'mirrors') });
});

afterEach(async () => {
  await repositories.close();
  rmSync(folder, { recursive: true, force: true });
});

const commit = (files: Record<string, string | Buffer | null>, changes: Partial<CommitRequest> = {}) =>
  commitFiles(repository, {
    branch: 'main',
    message: 'Configure',
    author: { name: 'Ada', email: 'ada@example.org' },
    date: '2024-05-01T10:00:00.000Z',
    edits: Object.entries(files).map(([path, content]) => ({ path, content })),
    ...changes,
  });

const read = (ref: string, changes: Partial<ConfigQuery> = {}): Promise<ConfigResult> =>
  repositories.read({
    project: 'a',
    ref: { kind: 'branch', name: ref },
    directory: 'feature',
    repository,
    branch: 'main',
    ...changes,
  });

const job = 'apiVersion: batch/v1\nkind: Job\nmetadata: { name: once }\n';
const settings = 'replicas: 2\nenv:\n  LOG_LEVEL: debug\n';

describe('finding the directory', () => {
  it('takes the one named after the branch', async () => {
    const tip = await commit({ 'a/dev/waybill.yaml': settings, 'a/feature/waybill.yaml': '' });
    expect(await read('dev')).toMatchObject({
      ok: true,
      repository,
      directory: 'a/dev',
      fallback: false,
      commit: tip,
      committedAt: '2024-05-01T10:00:00.000Z',
      author: { name: 'Ada', email: 'ada@example.org' },
      contents: { files: { 'waybill.yaml': settings } },
      parsed: { settings: { replicas: 2, env: { LOG_LEVEL: 'debug' } }, files: {}, manifests: [] },
    });
  });

  it('falls back to the rule’s directory, never to another branch’s', async () => {
    await commit({ 'a/feature/waybill.yaml': '', 'a/feature-pay/waybill.yaml': '' });
    expect(await read('feature-login')).toMatchObject({ ok: true, directory: 'a/feature', fallback: true });
    expect(await read('feature')).toMatchObject({ ok: true, directory: 'a/feature', fallback: false });
    expect(await read('feature-login', { directory: 'dev' })).toMatchObject({
      ok: false,
      problem: 'missing',
      directory: 'a/dev',
      file: 'a/dev/waybill.yaml',
      message: expect.stringContaining('no a/feature-login and no a/dev'),
    });
  });

  it('gives every tag the directory tag, which no branch gets', async () => {
    await commit({ 'a/tag/waybill.yaml': 'replicas: 3', 'a/feature/waybill.yaml': '' });
    const ref = { kind: 'tag', name: 'v1.2' } as const;
    expect(await read('', { ref, directory: 'tag' })).toMatchObject({ ok: true, directory: 'a/tag', fallback: false });
    expect(await read('tag')).toMatchObject({ ok: true, directory: 'a/feature', fallback: true });
  });

  it('falls back for tags too', async () => {
    await commit({ 'a/prod/waybill.yaml': '' });
    const ref = { kind: 'tag', name: 'v1.2' } as const;
    expect(await read('', { ref, directory: 'prod' })).toMatchObject({ directory: 'a/prod', fallback: true });
  });

  it('finds A/ for project a, prefers the exact spelling, and refuses to guess', async () => {
    await commit({ 'A/dev/waybill.yaml': '', 'Ab/dev/waybill.yaml': '' });
    expect(await read('dev')).toMatchObject({ ok: true, directory: 'A/dev' });
    await commit({ 'a/dev/waybill.yaml': '' });
    expect(await read('dev')).toMatchObject({ ok: true, directory: 'a/dev' });
    await commit({ 'AB/dev/waybill.yaml': '' });
    expect(await read('dev', { project: 'ab' })).toMatchObject({
      ok: false,
      problem: 'invalid',
      message: expect.stringContaining('AB/ and Ab/'),
    });
  });

  it('takes slashes of a branch for folders, and keeps nested directories apart', async () => {
    await commit({
      'a/feature/login/waybill.yaml': 'replicas: 7',
      'a/dev/waybill.yaml': '',
      'a/dev/app.conf': 'x',
      'a/dev/two/waybill.yaml': '',
    });
    expect(await read('feature/login')).toMatchObject({ ok: true, directory: 'a/feature/login', fallback: false });
    expect(await read('feature', { directory: 'dev' })).toMatchObject({ ok: true, directory: 'a/dev', fallback: true });
    expect(await read('dev')).toMatchObject({ ok: true, contents: { files: { 'waybill.yaml': '', 'app.conf': 'x' } } });
  });

  it.each(['..', '../b/dev', '.', '', 'dev/../dev', '/dev', 'dev/', 'feature-login~1', 'x\ny', '$(date)'])(
    'never leaves the project with the ref %j',
    async (name) => {
      await commit({
        'a/feature/waybill.yaml': '',
        'a/dev/waybill.yaml': '',
        'b/dev/waybill.yaml': '',
        'waybill.yaml': '',
      });
      expect(await read(name)).toMatchObject({ ok: true, directory: 'a/feature', fallback: true });
    },
  );

  it('says what is missing: repository empty, branch, project, waybill.yaml', async () => {
    expect(await read('dev')).toMatchObject({ problem: 'missing', message: expect.stringContaining('no branch main') });
    await commit({ 'b/dev/waybill.yaml': '' });
    expect(await read('dev')).toMatchObject({ problem: 'missing', file: 'a/feature/waybill.yaml' });
    expect(await read('dev', { branch: 'other' })).toMatchObject({ problem: 'missing' });
    await commit({ 'a/dev/waybill.yml': '' });
    expect(await read('dev')).toMatchObject({
      problem: 'missing',
      directory: 'a/dev',
      file: 'a/dev/waybill.yaml',
      message: expect.stringContaining('rename waybill.yml'),
    });
  });
});

describe('reading the directory', () => {
  it('separates settings, manifests and the service’s own files', async () => {
    await commit({
      'a/dev/waybill.yaml': settings,
      'a/dev/manifests/cron.yaml': 'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: nightly }\n---\n---\n' + job,
      'a/dev/app.properties': 'a=ä\n',
      'a/dev/conf.d/x.conf': '',
    });
    const found = await read('dev');
    expect(found).toMatchObject({
      parsed: {
        files: { 'app.properties': 'a=ä\n', 'conf.d/x.conf': '' },
        manifests: [
          { file: 'manifests/cron.yaml', object: { kind: 'CronJob' } },
          { file: 'manifests/cron.yaml', object: { kind: 'Job', metadata: { name: 'once' } } },
        ],
      },
    });
    expect(found.ok && Object.keys(found.contents.files).sort()).toEqual([
      'app.properties',
      'conf.d/x.conf',
      'manifests/cron.yaml',
      'waybill.yaml',
    ]);
  });

  it.each([
    ['waybill.yaml', 'replicas: 1\nreplica: 2\n', 2, 'unknown field replica'],
    ['waybill.yaml', 'replicas: 1\nenv:\n  PORT: 8080\n', 3, 'quotes'],
    ['waybill.yaml', '\nreplicas: many\n', 2, 'replicas: '],
    ['waybill.yaml', 'replicas: 1001\n', 1, 'replicas: '],
    ['waybill.yaml', 'a: [1\nb: 2\n', 2, ''],
    ['waybill.yaml', 'replicas: 1\nreplicas: 2\n', 2, 'unique'],
    [
      'waybill.yaml',
      'strategy:\n  type: canary\n  steps:\n    - { weight: 20, pauseSeconds: 1 }\n    - { weight: 200, pauseSeconds: 1 }\n',
      5,
      'weight',
    ],
    [
      'waybill.yaml',
      'strategy:\n  type: canary\n  steps:\n    - { weight: 20, pauseSeconds: 1 }\n    - { weight: 50, pauseSeconds: 1 }\n',
      5,
      'strategy.steps.1.weight: the weights end at 50 and must come to 100',
    ],
    [
      'waybill.yaml',
      'strategy:\n  type: blue-green\n  autoPromote: true\n  analysis:\n    type: http\n    url: http://a:b@c/\n    intervalSeconds: 1\n    count: 1\n    failureLimit: 0\n',
      6,
      'strategy.analysis.url: holds credentials',
    ],
    ['waybill.yaml', '- 1\n', 1, ''],
    ['waybill.yaml', 'autoscaling:\n  minReplicas: 3\n  maxReplicas: 2\n  targetCpuPercent: 50\n', 3, 'minReplicas'],
    ['manifests/x.yaml', job + '---\nkind: Job\nmetadata:\n  name: x\n', 5, 'apiVersion'],
    ['manifests/x.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {}\n', 3, 'metadata.name'],
    ['manifests/x.yaml', 'just text\n', 1, 'object'],
    ['manifests/x.yaml', job + 'spec: "\n', 4, ''],
    ['manifests/x.yaml', job + 'spec:\n  a: .nan\n', 5, 'spec.a'],
  ])('%s with %j is invalid on line %i', async (file, text, line, words) => {
    await commit({ 'a/dev/waybill.yaml': '', [`a/dev/${file}`]: text });
    expect(await read('dev')).toMatchObject({
      ok: false,
      problem: 'invalid',
      directory: 'a/dev',
      file: `a/dev/${file}`,
      line,
      message: expect.stringContaining(words),
    });
  });

  it('survives a text made of aliases of aliases', async () => {
    const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 25 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)];
    await commit({ 'a/dev/waybill.yaml': bomb.join('\n') });
    expect(await read('dev')).toMatchObject({ ok: false, problem: 'invalid', file: 'a/dev/waybill.yaml' });
  });

  it.each([
    ['manifests/db.yaml', 'apiVersion: v1\nkind: Secret\nmetadata: { name: db }\nstringData: { p: hunter2 }\n', 2],
    ['id_rsa', `x\n-----BEGIN ${'RSA '}PRIVATE KEY-----\n`, 2],
  ])('refuses a secret in %s and says where', async (file, text, line) => {
    await commit({ 'a/dev/waybill.yaml': '', [`a/dev/${file}`]: text });
    const result = await read('dev');
    expect(result).toMatchObject({ ok: false, problem: 'secret', file: `a/dev/${file}`, line });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it.each([
    ['binary', Buffer.from([1, 0, 2]), 'binary'],
    ['latin1', Buffer.from([0xe4, 0x0a]), 'UTF-8'],
    ['lfs', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\n', 'LFS'],
  ])('refuses a file that is %s', async (name, content, words) => {
    await commit({ 'a/dev/waybill.yaml': '', [`a/dev/${name}`]: content });
    expect(await read('dev')).toMatchObject({
      problem: 'invalid',
      file: `a/dev/${name}`,
      message: expect.stringContaining(words),
    });
  });

  it('names the biggest file of a directory that is too large', async () => {
    await commit({ 'a/dev/waybill.yaml': '', 'a/dev/small': 'x'.repeat(1000), 'a/dev/big': 'x'.repeat(700 * 1024) });
    expect(await read('dev')).toMatchObject({ problem: 'too-large', file: 'a/dev/big' });
    await commit({ 'a/dev/waybill.yaml': '', ...Object.fromEntries(many('a/dev/', 2001)), 'a/dev/big': null });
    expect(await read('dev')).toMatchObject({ problem: 'too-large', file: null });
  });

  it.each([
    ['120000', 'blob', 'symbolic link'],
    ['160000', 'commit', 'submodule'],
  ])('refuses what has mode %s', async (mode, type, words) => {
    const tip = await commit({ 'a/dev/waybill.yaml': '' });
    const blob = (await git(['hash-object', '-w', '--stdin'], 'waybill.yaml')).trim();
    const old = await git(['ls-tree', `${tip}:a/dev`]);
    const dev = (await git(['mktree'], `${old}${mode} ${type} ${type === 'blob' ? blob : tip}\todd\n`)).trim();
    const a = (await git(['mktree'], `040000 tree ${dev}\tdev\n120000 blob ${blob}\tlink\n`)).trim();
    const root = (await git(['mktree'], `040000 tree ${a}\ta\n`)).trim();
    const who = ['-c', 'user.name=Eve', '-c', 'user.email=eve@example.org'];
    const next = (await git([...who, 'commit-tree', '-m', 'odd', root], '')).trim();
    await git(['update-ref', 'refs/heads/main', next]);
    expect(await read('dev')).toMatchObject({
      problem: 'invalid',
      file: 'a/dev/odd',
      message: expect.stringContaining(words),
    });
    expect(await read('link')).toMatchObject({ problem: 'invalid', file: 'a/link' });
  });
});

describe('noticing changes', () => {
  it('gives another digest only when the directory itself changed', async () => {
    await commit({ 'a/dev/waybill.yaml': '', 'a/feature/waybill.yaml': '' });
    const first = await read('dev');
    const tip = await commit({ 'a/feature/waybill.yaml': 'replicas: 4', 'b/dev/waybill.yaml': '' }, { author: bob });
    const second = await read('dev');
    expect(second).toMatchObject({ ok: true, commit: tip, author: { name: 'Ada' } });
    expect(first.ok && second.ok && first.digest === second.digest).toBe(true);
    await commit({ 'a/dev/app.conf': 'y' }, { author: bob, date: '2024-06-01T00:00:00.000Z' });
    const third = await read('dev');
    expect(third).toMatchObject({ ok: true, author: { name: 'Bob' }, committedAt: '2024-06-01T00:00:00.000Z' });
    expect(first.ok && third.ok && first.digest !== third.digest).toBe(true);
  });

  it('tells digests without reading files', async () => {
    const tip = await commit({ 'a/dev/waybill.yaml': 'not: valid', 'a/file': 'x' });
    const found = await repositories.digests({
      repository,
      branch: 'main',
      directories: ['a/dev', 'a/gone', 'a/file', 'a/../a/dev'],
    });
    const digest = (await git(['rev-parse', 'main:a/dev'])).trim();
    expect(found).toEqual({
      ok: true,
      commit: tip,
      digests: { 'a/dev': digest, 'a/gone': null, 'a/file': null, 'a/../a/dev': null },
    });
    expect(await repositories.digests({ repository, branch: 'none', directories: [] })).toMatchObject({
      ok: false,
      problem: 'missing',
    });
  });
});

describe('a repository that cannot be reached', () => {
  it('is a problem in Git’s words, and is found again when it is back', async () => {
    await commit({ 'a/dev/waybill.yaml': '' });
    expect(await read('dev')).toMatchObject({ ok: true });
    renameSync(repository, `${repository}.away`);
    expect(await read('dev')).toMatchObject({
      ok: false,
      problem: 'unreachable',
      directory: null,
      message: expect.stringContaining(repository),
    });
    renameSync(`${repository}.away`, repository);
    expect(await read('dev')).toMatchObject({ ok: true });
  });

  it.each(['nowhere', 'ext::sh -c date', 'nohost.invalid:a.git'])('may be %s', async (url) => {
    const where = url === 'nowhere' ? join(folder, url) : url;
    expect(await read('dev', { repository: where })).toMatchObject({ ok: false, problem: 'unreachable' });
    expect(await repositories.digests({ repository: where, branch: 'main', directories: [] })).toMatchObject({
      problem: 'unreachable',
    });
  });

  it('rejects when it is aborted or closed', async () => {
    await expect(read('dev', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    await repositories.close();
    await expect(read('dev')).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });
});

const bob = { name: 'Bob', email: 'bob@example.org' };
const many = (prefix: string, count: number): [string, string][] =>
  Array.from({ length: count }, (_, i) => [`${prefix}f${i}`, '']);

async function git(args: string[], input?: string): Promise<string> {
  const { stdout } = await runGit(args, { gitDir: repository, ...(input === undefined ? {} : { input }) });
  return stdout.toString('utf8');
}
