import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import { runGit } from './git-program.js';

/**
 * Throws `INVALID_STATE` when a work tree has the branch checked out: a commit made behind its back would look there
 * like everything in it being undone, and the next `git commit` in it would do just that.
 */
export async function assertNotCheckedOut(gitDir: string, branch: string): Promise<void> {
  const main = await commonDirOf(gitDir);
  const heads = (await isBare(main)) ? [] : [join(main, 'HEAD')];
  const worktrees = join(main, 'worktrees');
  for (const worktree of existsSync(worktrees) ? await readdir(worktrees).catch(() => []) : []) {
    heads.push(join(worktrees, worktree, 'HEAD'));
  }
  for (const head of heads) {
    const text = await readFile(head, 'utf8').catch(() => '');
    if (text.trim() !== `ref: refs/heads/${branch}`) continue;
    throw new WaybillError('INVALID_STATE', `branch ${branch} of ${gitDir} is checked out in a work tree`, {
      hint: 'Use a bare repository (git clone --bare), or check out another branch there.',
    });
  }
}

async function commonDirOf(gitDir: string): Promise<string> {
  const file = join(gitDir, 'commondir');
  return existsSync(file) ? resolve(gitDir, (await readFile(file, 'utf8')).trim()) : gitDir;
}

const bare = new Map<string, boolean>();

/** Remembered: what makes a repository bare does not change while somebody uses it. */
async function isBare(gitDir: string): Promise<boolean> {
  const known = bare.get(gitDir);
  if (known !== undefined) return known;
  const { stdout } = await runGit(['config', '--local', '--type=bool', '--default', '', 'core.bare'], { gitDir });
  const says = stdout.toString('utf8').trim();
  const found = says === '' ? basename(gitDir) !== '.git' : says === 'true';
  bare.set(gitDir, found);
  return found;
}
