import { stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WaybillError } from '@waybill/kernel';
import { redact, runGit } from './git-program.js';

/**
 * True for a path and a `file://` URL. As Git decides it (git-clone(1), GIT URLS): `host:path` is ssh unless a slash
 * comes before the colon.
 */
export function isLocalRepository(url: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return /^file:\/\//i.test(url);
  return isAbsolute(url) || !/^[^/]*:/.test(url);
}

/** Path of a local repository. Throws `GIT_FAILED` for a `file://` URL that names another host. */
export function localPath(url: string): string {
  if (!/^file:\/\//i.test(url)) return resolve(url);
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new WaybillError('GIT_FAILED', `${url} is not the URL of a local repository`, {
      hint: 'Write file:///path/to/repository, with three slashes.',
      cause,
    });
  }
}

/**
 * Git directory of a repository on this machine, bare or with a work tree, found as `git clone` finds it: `<path>/.git`,
 * `<path>` or `<path>.git`. Throws `GIT_FAILED` when there is none.
 */
export async function gitDirOf(path: string): Promise<string> {
  for (const candidate of [join(path, '.git'), path, `${path}.git`]) {
    const found = await kindOfPath(candidate);
    if (found === 'file') {
      const { stdout } = await runGit(['rev-parse', '--absolute-git-dir'], { cwd: path });
      return stdout.toString('utf8').trim();
    }
    if (found === 'folder' && (await looksLikeGitDir(candidate))) return resolve(candidate);
  }
  const exists = (await kindOfPath(path)) !== null;
  throw new WaybillError('GIT_FAILED', exists ? `${path} is not a Git repository` : `there is no repository ${path}`, {
    hint: 'Give the path of a repository that this process may read, or a URL (file://, https://, ssh://).',
  });
}

async function looksLikeGitDir(path: string): Promise<boolean> {
  return (
    (await kindOfPath(join(path, 'HEAD'))) === 'file' &&
    (await kindOfPath(join(path, 'objects'))) === 'folder' &&
    (await kindOfPath(join(path, 'refs'))) === 'folder'
  );
}

async function kindOfPath(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return null;
  }
}

/** Throws `INVALID_INPUT` for a URL Git would take for an option or for a program to run. */
export function assertSafeUrl(url: string): void {
  if (url.startsWith('-') || /^[a-z0-9]+::/i.test(url) || /[\x00-\x20\x7f]/.test(url)) {
    throw new WaybillError('INVALID_INPUT', `${redact(url)} is not the URL of a Git repository`, {
      hint: 'Give a path or a file://, https:// or ssh:// URL.',
    });
  }
}
