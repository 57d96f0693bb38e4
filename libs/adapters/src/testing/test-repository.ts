import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGit } from '@waybill/git';

/** A location's repository in a folder of its own, as a test looks at it and as a person edits it. */
export interface TestRepository {
  /** Path of the bare repository, in which there is nothing yet. */
  readonly path: string;
  /** Runs Git in it and gives what it says, without the last line break. */
  git(...args: string[]): Promise<string>;
  files(): Promise<string[]>;
  /** Subjects of the commits of `main`, oldest first. */
  subjects(): Promise<string[]>;
  /** A person's commit, made in a clone and pushed. Returns its id. */
  edit(change: (clone: string) => Promise<void>): Promise<string>;
  /** A person takes a commit back. */
  revert(commit: string): Promise<void>;
  dispose(): Promise<void>;
}

const PERSON = ['-c', 'user.name=Somebody', '-c', 'user.email=somebody@example.com'];

export async function testRepository(): Promise<TestRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-repository-'));
  const path = join(folder, 'deployed.git');
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', '--', path], { cwd: folder });

  const git = async (...args: string[]): Promise<string> =>
    (await runGit(args, { gitDir: path })).stdout.toString('utf8').trimEnd();
  const lines = async (...args: string[]): Promise<string[]> => {
    const text = await git(...args);
    return text === '' ? [] : text.split('\n');
  };

  async function inClone(work: (clone: string) => Promise<unknown>): Promise<string> {
    const clone = await mkdtemp(join(folder, 'clone-'));
    await runGit(['clone', '--quiet', '--branch', 'main', path, clone]);
    await work(clone);
    await runGit(['push', '--quiet', 'origin', 'main'], { cwd: clone });
    return git('rev-parse', 'main');
  }

  return {
    path,
    git,
    files: () => lines('ls-tree', '-r', '--name-only', 'main'),
    subjects: () => lines('log', '--reverse', '--format=%s', 'main'),
    edit: (change) =>
      inClone(async (clone) => {
        await change(clone);
        await runGit(['add', '--all'], { cwd: clone });
        await runGit([...PERSON, 'commit', '--quiet', '-m', 'By hand'], { cwd: clone });
      }),
    async revert(commit) {
      await inClone((clone) => runGit([...PERSON, 'revert', '--no-edit', commit], { cwd: clone }));
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
