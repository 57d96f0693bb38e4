import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CommitRequest,
  type Repository,
  commitFiles,
  isLocalRepository,
  openMirror,
  openRepository,
  runGit,
} from './index.js';

let folder: string;
let gitDir: string;
let mirrors: string;
const opened: Repository[] = [];
const before = process.env['GIT_SSH_COMMAND'];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-git-'));
  gitDir = join(folder, 'remote.git');
  mirrors = join(folder, 'mirrors');
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', gitDir]);
  // The other end of ssh, without a network: the host name is dropped and the command run here.
  const ssh = join(folder, 'ssh');
  writeFileSync(ssh, '#!/bin/sh\necho x >> "$(dirname "$0")/connections"\nfor last; do :; done\nexec sh -c "$last"\n');
  chmodSync(ssh, 0o755);
  process.env['GIT_SSH_COMMAND'] = ssh;
});

afterEach(async () => {
  for (const repository of opened.splice(0)) await repository.close();
  if (before === undefined) delete process.env['GIT_SSH_COMMAND'];
  else process.env['GIT_SSH_COMMAND'] = before;
  rmSync(folder, { recursive: true, force: true });
});

const open = async (url: string): Promise<Repository> => {
  const repository = await openRepository({ url, folder: mirrors });
  opened.push(repository);
  return repository;
};

const remote = (): string => `ssh://git@host.example${gitDir}`;

const request = (path: string, changes: Partial<CommitRequest> = {}): CommitRequest => ({
  branch: 'main',
  message: path,
  author: { name: 'a', email: 'a@b' },
  date: '2024-01-01T00:00:00.000Z',
  edits: [{ path, content: path }],
  ...changes,
});

const connections = (): number => readFileSync(join(folder, 'connections'), 'utf8').length / 2;

const subjects = async (): Promise<string[]> =>
  (await runGit(['log', '--format=%s', 'main'], { gitDir })).stdout.toString().trim().split('\n');

describe('openRepository of a local repository', () => {
  it.each([
    ['its path', () => gitDir],
    ['its path without .git', () => gitDir.slice(0, -4)],
    ['a file URL', () => `file://${gitDir}`],
  ])('reads and writes in place, given %s', async (_, url) => {
    const repository = await open(url());
    expect(repository).toMatchObject({ local: true, gitDir });
    expect(await repository.tip('main')).toBeNull();
    const commit = await repository.commit(request('a'));
    expect(await repository.tip('main')).toBe(commit);
    await commitFiles(gitDir, request('b'));
    await repository.refresh();
    expect((await repository.reader.read('main:b'))?.content.toString()).toBe('b');
    expect(readdirSync(folder)).not.toContain('mirrors');
  });

  it('finds the tip of a branch wherever Git keeps it, and of nothing else', async () => {
    const repository = await open(gitDir);
    const first = await repository.commit(request('a'));
    await runGit(['update-ref', 'refs/tags/v1', first!], { gitDir });
    expect(await repository.tip('../tags/v1')).toBeNull();
    await runGit(['pack-refs', '--all', '--prune'], { gitDir });
    expect(await repository.tip('main')).toBe(first);
    const second = await repository.commit(request('b'));
    expect(await repository.tip('main')).toBe(second);
    await runGit(['symbolic-ref', 'refs/heads/alias', 'refs/heads/main'], { gitDir });
    expect(await repository.tip('alias')).toBe(second);
    await runGit(['update-ref', '-d', 'refs/heads/main'], { gitDir });
    expect(await repository.tip('main')).toBeNull();
  });

  it('reads a repository with a work tree, and one of its linked work trees', async () => {
    const work = join(folder, 'work');
    await runGit(['init', '--quiet', '--initial-branch=main', work]);
    const main = await open(work);
    await main.commit(request('a', { branch: 'config' }));
    await runGit(['worktree', 'add', '--quiet', join(folder, 'linked'), 'config'], { cwd: work });
    const linked = await open(join(folder, 'linked'));
    expect(await linked.tip('config')).toBe(await main.tip('config'));
    await expect(main.commit(request('b', { branch: 'config' }))).rejects.toMatchObject({ code: 'INVALID_STATE' });
    await expect(linked.commit(request('b', { branch: 'config' }))).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });

  it.each(['nowhere', '.'])('says what is wrong with %s', async (name) => {
    await expect(openRepository({ url: join(folder, name), folder: mirrors })).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining(folder),
    });
  });

  it('notices that it is gone', async () => {
    const repository = await open(gitDir);
    rmSync(gitDir, { recursive: true });
    await expect(repository.refresh()).rejects.toMatchObject({ code: 'GIT_FAILED' });
  });
});

describe('openRepository of a remote one', () => {
  it('follows the branches of the remote, also when they go away', async () => {
    await commitFiles(gitDir, request('a'));
    await commitFiles(gitDir, request('x', { branch: 'gone' }));
    const repository = await open(remote());
    expect(repository.local).toBe(false);
    await repository.refresh();
    expect((await repository.reader.read('main:a'))?.content.toString()).toBe('a');
    await commitFiles(gitDir, request('b'));
    await runGit(['update-ref', '-d', 'refs/heads/gone'], { gitDir });
    await repository.refresh();
    expect((await repository.reader.read('main:b'))?.content.toString()).toBe('b');
    expect(await repository.tip('gone')).toBeNull();
  });

  it('shares fetches between callers, and gives each what stood there when it asked', async () => {
    await commitFiles(gitDir, request('a'));
    const repository = await open(remote());
    const waiting = Array.from({ length: 20 }, () => repository.refresh());
    await waiting[0];
    const commit = await commitFiles(gitDir, request('b'));
    await repository.refresh();
    expect(await repository.tip('main')).toBe(commit);
    await Promise.all(waiting);
    expect(connections()).toBeLessThanOrEqual(3);
  });

  it('pushes commits, and makes them again when the remote has moved', async () => {
    const repository = await open(remote());
    const first = await repository.commit(request('a'));
    await commitFiles(gitDir, request('theirs'));
    const second = await repository.commit(request('b'));
    expect(await subjects()).toEqual(['b', 'theirs', 'a']);
    expect(await repository.tip('main')).toBe(second);
    expect(first).not.toBe(second);
  });

  it('lands what two mirrors commit at once', async () => {
    const [one, two] = [await open(remote()), await openRepository({ url: remote(), folder: join(folder, 'other') })];
    opened.push(two);
    const names = Array.from({ length: 5 }, (_, i) => i);
    await Promise.all([
      ...names.map((i) => one.commit(request(`one/${i}`))),
      ...names.map((i) => two.commit(request(`two/${i}`))),
    ]);
    expect((await subjects()).sort()).toEqual(
      [...names.map((i) => `one/${i}`), ...names.map((i) => `two/${i}`)].sort(),
    );
  }, 60_000);

  it('fails in the words of Git, without passwords', async () => {
    const repository = await open(`ssh://joe:hunter2@host.example${folder}/nowhere.git`);
    const error: unknown = await repository.refresh().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'GIT_FAILED', message: expect.stringContaining('nowhere.git') });
    expect(String(error)).not.toContain('hunter2');
  });

  it('refuses a push that the remote declines, without trying for ever', async () => {
    const hook = join(gitDir, 'hooks', 'pre-receive');
    writeFileSync(hook, '#!/bin/sh\necho "only on Fridays" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const repository = await open(remote());
    await expect(repository.commit(request('a'))).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('only on Fridays'),
    });
    expect(await repository.tip('main')).toBeNull();
  });

  it('makes a damaged mirror anew', async () => {
    await commitFiles(gitDir, request('a'));
    const mirror = await openMirror({ url: remote(), folder: mirrors });
    await mirror.fetch();
    writeFileSync(join(mirror.gitDir, 'HEAD'), 'garbage');
    await commitFiles(gitDir, request('b'));
    await mirror.fetch();
    const { stdout } = await runGit(['show', 'main:b'], { gitDir: mirror.gitDir });
    expect(stdout.toString()).toBe('b');
    await mirror.close();
  });

  it.each(['ext::sh -c date', '--upload-pack=date', 'ssh://a b/c'])('refuses the URL %s', async (url) => {
    await expect(openMirror({ url, folder: mirrors })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('isLocalRepository', () => {
  it.each([
    ['/srv/git/a.git', true],
    ['./a', true],
    ['a/b:c', true],
    ['file:///srv/a', true],
    ['FILE:///srv/a', true],
    ['https://host.example/a.git', false],
    ['ssh://host.example/a.git', false],
    ['git@host.example:team/a.git', false],
    ['host:a', false],
  ])('%s: %s', (url, local) => expect(isLocalRepository(url)).toBe(local));
});
