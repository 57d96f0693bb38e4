import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authoredAt, commitOf, currentBranch, openWorkingCopy, placeOf, remoteCommitOf } from './git.js';

describe('placeOf', () => {
  it.each([
    ['https://git.example/shop/a.git', 'git.example/shop/a'],
    ['https://user@git.example:8443/shop/a/', 'git.example/shop/a'],
    ['git@git.example:shop/a.git', 'git.example/shop/a'],
    ['ssh://git@Git.Example/shop/a', 'git.example/shop/a'],
  ])('%s is %s', (written, place) => {
    expect(placeOf(written, '/')).toBe(place);
  });
});

describe('a local repository', () => {
  let folder: string;
  let repository: string;
  let commit: string;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example', ...args], {
      cwd: repository,
      encoding: 'utf8',
    }).trim();

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-cli-')));
    repository = join(folder, 'service');
    mkdirSync(repository);
    git('init', '--quiet', '--initial-branch=dev');
    git('commit', '--quiet', '--allow-empty', '-m', 'first');
    commit = git('rev-parse', 'HEAD');
    git('tag', '-a', 'v1.2.0', '-m', 'version');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('knows its branch, and the commits of branches and tags', async () => {
    expect(await currentBranch(repository)).toBe('dev');
    expect(await commitOf(repository, 'BRANCH', 'dev')).toBe(commit);
    expect(await commitOf(repository, 'TAG', 'v1.2.0')).toBe(commit);
    expect(await commitOf(repository, 'BRANCH', 'v1.2.0')).toBeUndefined();
    expect(await commitOf(repository, 'BRANCH', '--all')).toBeUndefined();
  });

  it('knows when a commit was made', async () => {
    expect(await authoredAt(repository, commit)).toBe(git('show', '-s', '--format=%aI', commit));
    expect(await authoredAt(repository, 'f'.repeat(40))).toBeUndefined();
    expect(await authoredAt(folder, commit)).toBeUndefined();
  });

  it('is asked from afar by path, tags peeled', async () => {
    expect(await remoteCommitOf(repository, 'BRANCH', 'dev')).toBe(commit);
    expect(await remoteCommitOf(repository, 'TAG', 'v1.2.0')).toBe(commit);
    expect(await remoteCommitOf(repository, 'BRANCH', 'nope')).toBeUndefined();
    expect(await remoteCommitOf(repository, 'BRANCH', 'd*')).toBeUndefined();
    expect(await remoteCommitOf(join(folder, 'gone'), 'BRANCH', 'dev')).toBeUndefined();
  });

  it('is a working copy of itself and of what it was cloned from, and of nothing else', async () => {
    const clone = join(folder, 'clone');
    git('clone', '--quiet', repository, clone);
    expect(await openWorkingCopy(repository, repository)).toBe(repository);
    expect(await openWorkingCopy(clone, repository)).toBe(clone);
    expect(await openWorkingCopy(clone, 'https://git.example/shop/a.git')).toBeUndefined();
    expect(await openWorkingCopy(folder, repository)).toBeUndefined();
  });
});
