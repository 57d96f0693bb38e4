import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CommitRequest, type ObjectReader, commitFiles, openObjectReader, readTree, runGit } from './index.js';

let folder: string;
let gitDir: string;
let reader: ObjectReader;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-git-'));
  gitDir = join(folder, 'state.git');
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', gitDir]);
  reader = openObjectReader(gitDir);
});

afterEach(async () => {
  await reader.close();
  if (existsSync(gitDir)) await runGit(['fsck', '--strict', '--no-dangling'], { gitDir });
  rmSync(folder, { recursive: true, force: true });
});

const request = (changes: Partial<CommitRequest> = {}): CommitRequest => ({
  branch: 'main',
  message: 'Deploy A\n\nRelease: r-1\n',
  author: { name: 'Ada', email: 'ada@example.org' },
  date: '2024-05-01T10:00:00.000Z',
  edits: [{ path: 'a/one.yaml', content: 'one: 1\n' }],
  ...changes,
});

const paths = async (): Promise<string[]> =>
  (await readTree(reader, 'refs/heads/main^{tree}')).map((entry) => entry.path);

const log = async (format: string): Promise<string[]> => {
  const { stdout } = await runGit(['log', `--format=${format}`, 'main'], { gitDir });
  return stdout.toString('utf8').trim().split('\n');
};

describe('commitFiles', () => {
  it('starts the branch, then stands on its tip', async () => {
    const first = await commitFiles(gitDir, request());
    const second = await commitFiles(gitDir, request({ edits: [{ path: 'b.yaml', content: 'b: 1\n' }] }));
    expect(await log('%H')).toEqual([second, first]);
    expect(await paths()).toEqual(['b.yaml', 'a/one.yaml']);
    expect((await reader.read('main:a/one.yaml'))?.content.toString()).toBe('one: 1\n');
  });

  it('keeps message, people and date as given', async () => {
    await commitFiles(
      gitDir,
      request({ author: { name: 'A <x>\nda', email: 'a@b' }, committer: { name: 'Waybill', email: 'w@b' } }),
    );
    expect(await log('%an|%ae|%cn|%ce|%aI|%cI|%s|%(trailers:key=Release,valueonly)')).toEqual([
      'A  x  da|a@b|Waybill|w@b|2024-05-01T10:00:00+00:00|2024-05-01T10:00:00+00:00|Deploy A|r-1',
    ]);
  });

  it('empties the folder first, so that nothing older stays in it', async () => {
    await commitFiles(gitDir, request({ edits: [file('env/a.yaml'), file('env/sub/b.yaml'), file('envy.yaml')] }));
    await commitFiles(gitDir, request({ removeFolder: 'env', edits: [file('env/c.yaml')] }));
    expect(await paths()).toEqual(['envy.yaml', 'env/c.yaml']);
    await commitFiles(gitDir, request({ removeFolder: 'env', edits: [{ path: 'envy.yaml', content: null }] }));
    expect(await paths()).toEqual([]);
  });

  it('commits even when nothing changes: a deployment is one commit', async () => {
    const first = await commitFiles(gitDir, request());
    const second = await commitFiles(gitDir, request({ message: 'Again' }));
    expect(second).not.toBe(first);
    expect(await log('%T')).toHaveLength(2);
    expect(new Set(await log('%T')).size).toBe(1);
  });

  it('keeps odd paths and any bytes', async () => {
    const odd = [
      'Umlaut-ä.yaml',
      'with space/tab\there',
      '"quoted"\\back',
      'line\nbreak',
      '日本/語.txt',
      "it's",
      '-n',
      '#x',
    ];
    const bytes = Buffer.from([0, 1, 2, 255, 10, 0]);
    await commitFiles(gitDir, request({ edits: odd.map((path) => ({ path, content: bytes })) }));
    expect((await paths()).sort()).toEqual([...odd].sort());
    const [entry] = await readTree(reader, 'main^{tree}');
    expect((await reader.read(entry!.oid))?.content).toEqual(bytes);
  });

  it.each(['', '/abs', 'a//b', '../up', 'a/../b', '.git/config', 'x/.GIT/hooks/post-commit', 'nul\0', 'a/'])(
    'refuses the path %j and leaves nothing behind',
    async (path) => {
      await expect(commitFiles(gitDir, request({ edits: [{ path, content: '' }] }))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      });
      expect(await reader.info('refs/heads/main')).toBeNull();
    },
  );

  it.each(['', 'a..b', 'x.lock', '-f', 'a b', 'a\nfrom b'])('refuses the branch name %j', async (branch) => {
    await expect(commitFiles(gitDir, request({ branch }))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('compares the tip with the expected one', async () => {
    const first = await commitFiles(gitDir, request({ expectedParent: null }));
    await expect(commitFiles(gitDir, request({ expectedParent: null }))).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
    });
    const second = await commitFiles(gitDir, request({ expectedParent: first }));
    await expect(commitFiles(gitDir, request({ expectedParent: first }))).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
    });
    expect(await log('%H')).toEqual([second, first]);
  });

  it('makes no commit when the caller declines the tip', async () => {
    const first = await commitFiles(gitDir, request());
    const asked: (string | null)[] = [];
    const accept = async (tip: string | null): Promise<boolean> => {
      asked.push(tip);
      return false;
    };
    expect(await commitFiles(gitDir, request({ accept }))).toBeNull();
    expect(asked).toEqual([first]);
    expect(await log('%H')).toEqual([first]);
  });

  it('makes the commit again when somebody moves the branch in between', async () => {
    const first = await commitFiles(gitDir, request());
    const tips: (string | null)[] = [];
    let intruder = '';
    const accept = async (tip: string | null): Promise<boolean> => {
      tips.push(tip);
      if (tips.length === 1) intruder = await commitByHand(first!, 'Intrude');
      return true;
    };
    const ours = await commitFiles(gitDir, request({ accept, edits: [file('ours.yaml')] }));
    expect(tips).toEqual([first, intruder]);
    expect(await log('%H')).toEqual([ours, intruder, first]);
  });

  it('lands every commit of two processes at once', async () => {
    const script = `
      const { spawnSync } = require('node:child_process');
      for (let i = 0; i < 15; i++) {
        for (;;) {
          const tip = spawnSync('git', ['rev-parse', '-q', '--verify', 'main^0']).stdout.toString().trim();
          const data = 'x' + i;
          const input = 'commit refs/heads/main\\ncommitter o <o@o> 1 +0000\\ndata ' + data.length + '\\n' + data + '\\n' +
            (tip ? 'from ' + tip + '\\n' : '') + 'M 100644 inline other/' + i + '\\ndata 1\\nx\\n\\ndone\\n';
          if (spawnSync('git', ['fast-import', '--quiet', '--done'], { input }).status === 0) break;
        }
      }`;
    const other = promisify(execFile)(process.execPath, ['-e', script], { env: { ...process.env, GIT_DIR: gitDir } });
    const ours = Array.from({ length: 15 }, (_, i) => commitFiles(gitDir, request({ edits: [file(`ours/${i}`)] })));
    await Promise.all([other, ...ours]);
    expect(await log('%H')).toHaveLength(30);
    expect(await paths()).toHaveLength(30);
  }, 60_000);

  it('refuses a branch that a work tree has checked out, and takes another', async () => {
    const work = join(folder, 'work');
    await runGit(['init', '--quiet', '--initial-branch=main', work]);
    const dir = join(work, '.git');
    await expect(commitFiles(dir, request())).rejects.toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringContaining('checked out'),
      hint: expect.stringContaining('bare'),
    });
    expect(await commitFiles(dir, request({ branch: 'deployed' }))).toMatch(/^[0-9a-f]{40}$/);
  });

  it('works in a SHA-256 repository', async () => {
    const dir = join(folder, 'sha256.git');
    await runGit(['init', '--quiet', '--bare', '--object-format=sha256', dir]);
    const commit = await commitFiles(dir, request());
    expect(commit).toMatch(/^[0-9a-f]{64}$/);
    const other = openObjectReader(dir);
    expect((await readTree(other, `${commit}^{tree}`)).map((entry) => entry.path)).toEqual(['a/one.yaml']);
    await other.close();
  });

  it('says so when the repository is gone', async () => {
    await commitFiles(gitDir, request());
    rmSync(gitDir, { recursive: true });
    await expect(commitFiles(gitDir, request())).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining(gitDir),
    });
  });

  it('stops when it is aborted', async () => {
    const stop = new AbortController();
    const accept = async (): Promise<boolean> => {
      stop.abort(new Error('shutting down'));
      return true;
    };
    await expect(commitFiles(gitDir, request({ accept, signal: stop.signal }))).rejects.toThrow('shutting down');
    expect(await reader.info('refs/heads/main')).toBeNull();
  });
});

const file = (path: string): { path: string; content: string } => ({ path, content: `${path}\n` });

async function commitByHand(parent: string, message: string): Promise<string> {
  const who = ['-c', 'user.name=Eve', '-c', 'user.email=eve@example.org'];
  const args = [...who, 'commit-tree', '-p', parent, '-m', message, `${parent}^{tree}`];
  const { stdout } = await runGit(args, { gitDir });
  const commit = stdout.toString('utf8').trim();
  await runGit(['update-ref', 'refs/heads/main', commit], { gitDir });
  return commit;
}
