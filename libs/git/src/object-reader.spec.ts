import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type FileEdit,
  type ObjectReader,
  commitFiles,
  openObjectReader,
  readFolder,
  readTree,
  runGit,
} from './index.js';

let folder: string;
let gitDir: string;
let reader: ObjectReader;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-git-'));
  gitDir = join(folder, 'r.git');
  await runGit(['init', '--quiet', '--bare', '--initial-branch=main', gitDir]);
  reader = openObjectReader(gitDir);
});

afterEach(async () => {
  await reader.close();
  rmSync(folder, { recursive: true, force: true });
});

const commit = async (edits: FileEdit[]): Promise<string> =>
  (await commitFiles(gitDir, {
    branch: 'main',
    message: 'x',
    author: { name: 'a', email: 'a@b' },
    date: '2024-01-01T00:00:00.000Z',
    edits,
  }))!;

describe('openObjectReader', () => {
  it('reads objects of every kind and size, and tells what is missing', async () => {
    const big = Buffer.alloc(3_000_000, 'line of text\n');
    const tip = await commit([
      { path: 'big', content: big },
      { path: 'empty', content: '' },
    ]);
    expect(await reader.info('main')).toMatchObject({ oid: tip, type: 'commit' });
    expect(await reader.info('main:big')).toMatchObject({ type: 'blob', size: big.length });
    const [first, none, empty, tree] = await reader.readMany(['main:big', 'main:nowhere', 'main:empty', 'main^{tree}']);
    expect(first?.content.equals(big)).toBe(true);
    expect(none).toBeNull();
    expect(empty?.content).toHaveLength(0);
    expect(tree?.type).toBe('tree');
    expect(await reader.info('no such thing')).toBeNull();
    expect(await reader.info('two\nlines')).toBeNull();
    expect(await reader.info('')).toBeNull();
  });

  it('sees refs and objects that were written later, loose or packed', async () => {
    expect(await reader.info('refs/heads/main')).toBeNull();
    const first = await commit([{ path: 'a', content: '1' }]);
    expect((await reader.info('refs/heads/main'))?.oid).toBe(first);
    const second = await commit([{ path: 'a', content: '2' }]);
    await runGit(['gc', '--quiet', '--prune=now'], { gitDir });
    expect((await reader.info('refs/heads/main'))?.oid).toBe(second);
    expect((await reader.read('main:a'))?.content.toString()).toBe('2');
  });

  it('answers many who ask at once, each with its own', async () => {
    const names = Array.from({ length: 500 }, (_, i) => `f${i}`);
    await commit(names.map((name) => ({ path: name, content: name })));
    const answers = await Promise.all(names.map((name) => reader.read(`main:${name}`)));
    expect(answers.map((answer) => answer?.content.toString())).toEqual(names);
  });

  it('goes on when its Git dies', async () => {
    await commit([{ path: 'a', content: '1' }]);
    await reader.info('main');
    killChildrenNamed('cat-file', gitDir);
    const asked = Promise.all([reader.read('main:a'), reader.read('main:a')]);
    killChildrenNamed('cat-file', gitDir);
    expect((await asked).map((object) => object?.content.toString())).toEqual(['1', '1']);
  });

  it('gives up on an object that kills Git, and on no other', async () => {
    await commit([
      { path: 'good', content: 'good' },
      { path: 'bad', content: 'bad bad bad' },
    ]);
    const { oid } = (await reader.info('main:bad'))!;
    const file = join(gitDir, 'objects', oid.slice(0, 2), oid.slice(2));
    const bytes = readFileSync(file);
    rmSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length - 8));
    const results = await Promise.allSettled([reader.read('main:good'), reader.read(oid), reader.read('main:good')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'GIT_FAILED', message: expect.stringContaining(oid) } });
  });

  it('tells a repository that is gone from an object that is missing', async () => {
    await commit([{ path: 'a', content: '1' }]);
    await reader.info('main');
    rmSync(gitDir, { recursive: true });
    await expect(reader.info('main')).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining(gitDir),
    });
    const other = openObjectReader(join(folder, 'never-was'));
    await expect(other.read('main')).rejects.toMatchObject({ code: 'GIT_FAILED' });
    await other.close();
  });

  it('refuses questions after it was closed, and answers those before', async () => {
    await commit([{ path: 'a', content: '1' }]);
    const asked = reader.read('main:a');
    await reader.close();
    expect((await asked)?.content.toString()).toBe('1');
    await expect(reader.read('main:a')).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });
});

describe('readTree', () => {
  it('reads 10,000 entries', async () => {
    const edits = Array.from({ length: 10_000 }, (_, i) => ({ path: `d${i % 100}/f${i}`, content: String(i % 50) }));
    await commit(edits);
    const entries = await readTree(reader, 'main^{tree}');
    expect(entries.map((entry) => entry.path).sort()).toEqual(edits.map((edit) => edit.path).sort());
    await expect(readTree(reader, 'main^{tree}', { maxEntries: 9_999 })).rejects.toMatchObject({
      code: 'CONTENT_TOO_LARGE',
    });
  }, 60_000);

  it('tells files from symlinks, submodules, programs and folders', async () => {
    const blob = (await runGit(['hash-object', '-w', '--stdin'], { gitDir, input: 'x' })).stdout.toString().trim();
    const tip = await commit([{ path: 'plain', content: 'x' }]);
    const line = (mode: string, type: string, oid: string, name: string): string => `${mode} ${type} ${oid}\t${name}\0`;
    const input = [
      line('120000', 'blob', blob, 'link'),
      line('160000', 'commit', tip, 'module'),
      line('100755', 'blob', blob, 'program'),
      line('040000', 'tree', (await reader.info('main^{tree}'))!.oid, 'sub'),
      line('100644', 'blob', blob, 'ü'),
    ].join('');
    const odd = Buffer.concat([Buffer.from(`${input}100644 blob ${blob}\t`), Buffer.from([0xff, 0xfe, 0])]);
    const tree = (await runGit(['mktree', '-z'], { gitDir, input: odd })).stdout.toString().trim();
    const entries = await readTree(reader, tree);
    expect(entries.map(({ path, type, executable, utf8 }) => [path, type, executable, utf8])).toEqual([
      ['link', 'symlink', false, true],
      ['module', 'submodule', false, true],
      ['program', 'file', true, true],
      ['ü', 'file', false, true],
      ['\ufffd\ufffd', 'file', false, false],
      ['sub/plain', 'file', false, true],
    ]);
    expect((await readFolder(reader, tree))?.find((entry) => entry.type === 'folder')?.path).toBe('sub');
    expect(await readFolder(reader, `${tree}:nowhere`)).toBeNull();
    expect(await readFolder(reader, blob)).toBeNull();
  });
});

/** Kills Git processes of ours that serve this repository, as an operator or the kernel might. */
function killChildrenNamed(command: string, where: string): void {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n');
  for (const line of lines) {
    if (line.includes(where) && line.includes(command)) process.kill(Number.parseInt(line, 10), 'SIGKILL');
  }
  expect(readdirSync(where).length).toBeGreaterThan(0);
}
