import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { plainEnvironment } from './ledger-process.js';

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Somebody',
  GIT_AUTHOR_EMAIL: 'somebody@example.test',
  GIT_COMMITTER_NAME: 'Somebody',
  GIT_COMMITTER_EMAIL: 'somebody@example.test',
};

export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    env: { ...plainEnvironment(), ...IDENTITY, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    encoding: 'utf8',
  }).trim();
}

export type Files = Readonly<Record<string, string | null>>;

/** Makes a repository with one commit on main that holds these files. */
export function makeRepository(folder: string, files: Files): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet', '--initial-branch=main');
  commitFiles(folder, files, 'first');
  return folder;
}

/** One commit; null removes a file. Gives its id. */
export function commitFiles(folder: string, files: Files, message = 'change'): string {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    if (text === null) rmSync(file);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
  return git(folder, 'rev-parse', 'HEAD');
}

export function makeBareRepository(folder: string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main');
  return folder;
}

/** Files below a folder at the tip of main of a bare repository: path to text. Empty when there is nothing. */
export function filesAt(repository: string, below = ''): Record<string, string> {
  if (tip(repository) === null) return {};
  const paths = git(repository, 'ls-tree', '-r', '--name-only', '-z', 'main', ...(below ? ['--', below] : [])).split(
    '\0',
  );
  return Object.fromEntries(
    paths.filter(Boolean).map((path) => [path, `${git(repository, 'show', `main:${path}`)}\n`]),
  );
}

export function tip(repository: string): string | null {
  try {
    return git(repository, 'rev-parse', '--verify', '--quiet', 'refs/heads/main');
  } catch {
    return null;
  }
}

/** Trailers of a commit: name to value. */
export function trailersOf(repository: string, commit: string): Record<string, string> {
  const text = git(repository, 'show', '--no-patch', '--format=%(trailers:only,unfold)', commit);
  return Object.fromEntries(
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  );
}

/** Edits files of a bare repository by hand, as a person with a clone would. */
export function editByHand(repository: string, clone: string, files: Files, message = 'edited by hand'): string {
  rmSync(clone, { recursive: true, force: true });
  git(repository, 'clone', '--quiet', repository, clone);
  const commit = commitFiles(clone, files, message);
  git(clone, 'push', '--quiet', 'origin', 'HEAD:main');
  return commit;
}
