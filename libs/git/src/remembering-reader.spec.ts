import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitFiles } from './commit-files.js';
import { runGit } from './git-program.js';
import { openObjectReader } from './object-reader.js';
import { type RememberingReader, rememberObjects } from './remembering-reader.js';

describe('remembering objects', () => {
  let gitDir: string;
  let asked: string[];
  let reader: RememberingReader;

  beforeEach(async () => {
    gitDir = await mkdtemp(join(tmpdir(), 'waybill-objects-'));
    await runGit(['init', '--quiet', '--bare', gitDir], { cwd: gitDir });
    asked = [];
    const git = openObjectReader(gitDir);
    reader = rememberObjects({
      ...git,
      readMany(revs) {
        asked.push(...revs);
        return git.readMany(revs);
      },
    });
  });
  afterEach(async () => {
    await reader.close();
    await rm(gitDir, { recursive: true });
  });

  const commit = (text: string): Promise<string | null> =>
    commitFiles(gitDir, {
      branch: 'main',
      message: 'Change',
      author: { name: 'Ann', email: 'ann@localhost' },
      date: '2026-11-24T12:00:00.000Z',
      edits: [{ path: 'a/dev/file', content: text }],
    });
  const textAt = async (rev: string): Promise<string | undefined> => (await reader.read(rev))?.content.toString();

  it('asks Git once for what cannot change, and every time for what a ref names', async () => {
    const first = await commit('one');
    expect(await textAt('main:a/dev/file')).toBe('one');
    const fixed = [`${first}`, `${first}^{tree}`];
    const before = await reader.readMany(fixed);
    for (const object of before) expect(await reader.read(object!.oid)).toEqual(object);
    asked = [];
    expect(await reader.readMany(fixed)).toEqual(before);
    expect(asked).toEqual([]);
    await commit('two');
    expect(await textAt('main:a/dev/file')).toBe('two');
    expect(await textAt(`${first}:a/dev/file`)).toBe('one');
  });

  it('finds a path below a commit through the trees it knows', async () => {
    const oid = await commit('one');
    const known = await reader.readMany([`${oid}`, `${oid}^{tree}`, `${oid}:a`, `${oid}:a/dev`, `${oid}:a/dev/file`]);
    asked = [];
    expect(await reader.read(`${oid}:a/dev/file`)).toEqual(known.at(-1));
    expect(asked).toEqual([]);
    expect(await reader.read(`${oid}:a/file`)).toBeNull();
    expect(await reader.read(`${known.at(-1)!.oid}^{tree}`)).toBeNull();
    expect(asked).toHaveLength(2);
  });
});
