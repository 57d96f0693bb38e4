import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lockDataFolder, type DataFolder } from './data-folder.js';

const CHILD = join(__dirname, '../testing/hold-lock.cjs');

// Each child is a Node of its own that compiles the sources it runs.
jest.setTimeout(60_000);

describe('the lock of the data folder', () => {
  let parent: string;
  let folder: string;
  let held: DataFolder | undefined;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'waybill-lock-'));
    folder = join(parent, 'data');
  });
  afterEach(async () => {
    held?.release();
    held = undefined;
    for (const child of children.splice(0)) await killed(child);
    rmSync(parent, { recursive: true });
  });

  /** Starts another process that tries to lock the folder, and returns what it says. */
  const another = async (): Promise<{ child: ChildProcess; says: Record<string, unknown> }> => {
    const child = spawn(process.execPath, [CHILD, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    return { child, says: JSON.parse(line) as Record<string, unknown> };
  };

  const killed = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };

  it('makes the folder, for this user only, and names this process', () => {
    held = lockDataFolder(folder);
    expect(held.folder).toBe(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(folder, 'waybill.pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('refuses another process, naming this one, the folder and what to do', async () => {
    held = lockDataFolder(folder);
    const { says } = await another();
    expect(says).toEqual({
      code: 'DATA_IN_USE',
      message: `${folder} is in use by process ${process.pid}`,
      hint: expect.stringContaining('WAYBILL_DATA'),
    });
  });

  it('refuses a second lock of the same process, and still holds the first', async () => {
    held = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'DATA_IN_USE' }));
    expect((await another()).says).toMatchObject({ code: 'DATA_IN_USE' });
  });

  it('lets the next one in after a release', async () => {
    const first = lockDataFolder(folder);
    first.release();
    first.release();
    expect(existsSync(join(folder, 'waybill.pid'))).toBe(false);
    const { child, says } = await another();
    expect(says).toEqual({ locked: folder, pid: child.pid });
    child.stdin!.end();
    await once(child, 'exit');
    held = lockDataFolder(folder);
  });

  it('ends with its process, however that ends; a stale pid file means nothing', async () => {
    const { child, says } = await another();
    expect(says).toEqual({ locked: folder, pid: child.pid });
    expect(() => lockDataFolder(folder)).toThrow(`process ${child.pid}`);
    await killed(child);
    expect(readFileSync(join(folder, 'waybill.pid'), 'utf8')).toBe(`${child.pid}\n`);
    held = lockDataFolder(folder);
    expect(readFileSync(join(folder, 'waybill.pid'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('says clearly that the folder cannot be used', () => {
    writeFileSync(join(parent, 'file'), '');
    const inAFile = join(parent, 'file', 'data');
    expect(() => lockDataFolder(inAFile)).toThrow(
      expect.objectContaining({ code: 'CONFIGURATION', message: expect.stringContaining(inAFile) }),
    );
    writeFileSync(folder, '');
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
    expect(() => lockDataFolder('/proc/waybill')).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }));
  });

  it('says that a damaged lock file may be deleted', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'lock.sqlite'), 'no database at all. '.repeat(500));
    expect(() => lockDataFolder(folder)).toThrow(
      expect.objectContaining({
        code: 'STORE_CORRUPT',
        message: expect.stringContaining('lock.sqlite is damaged'),
        hint: expect.stringContaining('delete it'),
      }),
    );
    rmSync(join(folder, 'lock.sqlite'));
    held = lockDataFolder(folder);
  });
});
