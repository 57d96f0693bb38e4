import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/** Name of the branch checked out in a folder; undefined outside a repository or with a detached head. */
export function currentBranch(folder: string): Promise<string | undefined> {
  return git(folder, 'symbolic-ref', '--quiet', '--short', 'HEAD');
}

/**
 * Root of the repository a folder is in, when it is a copy of `repository`: the same path, or a remote that names it.
 * Without a `repository` to compare with, any repository will do.
 */
export async function openWorkingCopy(folder: string, repository: string | undefined): Promise<string | undefined> {
  const root = await git(folder, 'rev-parse', '--show-toplevel');
  if (root === undefined || repository === undefined) return root;
  const wanted = placeOf(repository, folder);
  if (placeOf(root, folder) === wanted) return root;
  const remotes = (await git(folder, 'config', '--get-regexp', '^remote\\..*\\.url$')) ?? '';
  const places = remotes.split('\n').map((line) => placeOf(line.slice(line.indexOf(' ') + 1), root));
  return places.includes(wanted) ? root : undefined;
}

/** Commit of a branch or tag in a local repository; for a branch, that of its remote when there is none of its own. */
export async function commitOf(root: string, kind: 'BRANCH' | 'TAG', ref: string): Promise<string | undefined> {
  const names = kind === 'TAG' ? [`refs/tags/${ref}`] : [`refs/heads/${ref}`, `refs/remotes/origin/${ref}`];
  for (const name of names) {
    const commit = await git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`);
    if (commit !== undefined) return commit;
  }
  return undefined;
}

/** When a commit was made (ISO 8601); undefined when this folder's repository does not have it. */
export async function authoredAt(folder: string, commit: string): Promise<string | undefined> {
  const told = await git(folder, 'show', '--no-patch', '--format=%aI', '--end-of-options', `${commit}^{commit}`);
  return told !== undefined && /^\d{4}-\d\d-\d\dT\S+$/.test(told) ? told : undefined;
}

/** Commit of a branch or tag as its server has it; a tag's own object is peeled to its commit. */
export async function remoteCommitOf(
  repository: string,
  kind: 'BRANCH' | 'TAG',
  ref: string,
): Promise<string | undefined> {
  if (/[*?[\]\\]/.test(ref)) return undefined;
  const name = kind === 'TAG' ? `refs/tags/${ref}` : `refs/heads/${ref}`;
  const lines = (await git(undefined, 'ls-remote', '--', repository, name, `${name}^{}`)) ?? '';
  const found = new Map(lines.split('\n').map((line) => line.split('\t').reverse() as [string, string]));
  return found.get(`${name}^{}`) ?? found.get(name);
}

/** Host and path of a repository however it is written; the real path of a local one. */
export function placeOf(repository: string, folder: string): string {
  const trimmed = repository
    .trim()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const url = /^([a-z][a-z0-9+.-]*):\/\/(?:[^@/]*@)?([^/:]*)(?::[0-9]+)?\/(.*)$/i.exec(trimmed);
  if (url && url[1]?.toLowerCase() !== 'file') return `${url[2]?.toLowerCase() ?? ''}/${url[3] ?? ''}`;
  // git's own short form of ssh: user@host:path
  const short = url ? null : /^(?:[^@/]+@)?([^/:]{2,}):(.*)$/.exec(trimmed);
  if (short) return `${short[1]?.toLowerCase() ?? ''}/${short[2] ?? ''}`;
  const path = resolve(folder, url ? `/${url[3] ?? ''}` : trimmed);
  for (const candidate of [path, `${path}.git`]) {
    try {
      return realpathSync(candidate).replace(/\.git$/, '');
    } catch {
      continue;
    }
  }
  return path;
}

/** Trimmed output of a git command; undefined when it fails or says nothing. Never asks for a password. */
function git(folder: string | undefined, ...args: string[]): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(
      'git',
      args,
      {
        ...(folder === undefined ? {} : { cwd: folder }),
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' },
        timeout: 20_000,
        maxBuffer: 8 * 1024 * 1024,
      },
      (error, stdout) => done(error ? undefined : stdout.trim() || undefined),
    );
  });
}
