import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import Database from 'better-sqlite3';
import { codeOf, messageOf } from './sqlite/errors.js';

export interface DataFolder {
  /** Absolute path. */
  readonly folder: string;
  /** Lets the next process in. Repeating it does nothing. */
  release(): void;
}

const PID_FILE = 'waybill.pid';

/**
 * Creates the data folder (mode 0700) and keeps it for this process. The lock is the operating system's, on a file that
 * SQLite holds open: it ends with the process however that ends, so a kill leaves nothing to clean up.
 * Throws `DATA_IN_USE` naming the other process, `CONFIGURATION` when the folder cannot be made or written.
 *
 * Nothing else in this process may open `lock.sqlite`: closing any descriptor of it drops a POSIX lock.
 */
export function lockDataFolder(dir: string): DataFolder {
  const folder = resolve(dir);
  const lock = openLock(folder);
  const pidFile = join(folder, PID_FILE);
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw codeOf(error).startsWith('SQLITE_BUSY') ? inUse(folder, pidFile) : unusable(folder, error);
  }
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch (error) {
    lock.close();
    throw unusable(folder, error);
  }
  return {
    folder,
    release() {
      if (!lock.open) return;
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}

function openLock(folder: string): Database.Database {
  try {
    makeFolder(folder);
    return new Database(join(folder, 'lock.sqlite'), { timeout: 0 });
  } catch (error) {
    throw unusable(folder, error);
  }
}

// Not mkdir's own `recursive`: in Node 20 that never returns where the file system says ENOENT for the folder itself.
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function inUse(folder: string, pidFile: string): WaybillError {
  const pid = readPid(pidFile);
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new WaybillError('DATA_IN_USE', `${folder} is in use by ${who}`, {
    hint: 'Stop that Waybill first, or set WAYBILL_DATA to another folder.',
  });
}

function readPid(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    // Between its lock and its pid file the other process has no name yet.
    return undefined;
  }
}

function unusable(folder: string, cause: unknown): WaybillError {
  if (codeOf(cause) === 'SQLITE_NOTADB' || codeOf(cause).startsWith('SQLITE_CORRUPT')) {
    return new WaybillError('STORE_CORRUPT', `${join(folder, 'lock.sqlite')} is damaged: ${messageOf(cause)}`, {
      hint: 'It holds nothing: when no Waybill runs on this folder, delete it and start again.',
      cause,
    });
  }
  const full = codeOf(cause) === 'SQLITE_FULL' || codeOf(cause) === 'ENOSPC';
  return new WaybillError(
    full ? 'DISK_FULL' : 'CONFIGURATION',
    `cannot use ${folder} as the data folder: ${messageOf(cause)}`,
    {
      hint: full ? 'Free some space on its disk.' : 'Set WAYBILL_DATA to a folder that this user may write to.',
      cause,
    },
  );
}
