import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import { RetryableError } from '@waybill/kernel';
import type { GitObject } from './object-reader.js';

/** Objects written before others get their turn: one takes about 0.1 ms. */
const AT_ONCE = 32;

/**
 * Stores objects where gitrepository-layout(5) has loose ones, `objects/<2 digits>/<the rest>`: the deflated
 * `<type> <size>\0<content>` under its own hash. They belong to nothing until a ref is moved. Starting a Git for it
 * takes longer than everything else a commit needs, and so does every way through Node's thread pool: the calls are
 * synchronous. Not synced to disk, as with Git's own default (core.fsync).
 */
export async function writeLooseObjects(gitDir: string, objects: readonly GitObject[]): Promise<void> {
  try {
    for (const [i, object] of objects.entries()) {
      if (i > 0 && i % AT_ONCE === 0) await nextTurn();
      writeOne(join(gitDir, 'objects'), object);
    }
  } catch (cause) {
    const { message } = cause as Error;
    throw new RetryableError('GIT_FAILED', `objects of ${gitDir} could not be written: ${message}`, { cause });
  }
}

function writeOne(folder: string, { oid, type, content }: GitObject): void {
  const target = join(folder, oid.slice(0, 2), oid.slice(2));
  if (freshen(target)) return;
  const packed = deflateSync(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]), { level: 1 });
  // Renamed into place, so that nobody ever reads half an object; Git's own gc removes what a kill leaves behind.
  const temporary = join(folder, oid.slice(0, 2), `tmp_obj_${randomBytes(6).toString('hex')}`);
  const write = (): void => writeFileSync(temporary, packed, { flag: 'wx', mode: 0o444 });
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    statSync(folder);
    mkdirSync(join(folder, oid.slice(0, 2)), { recursive: true });
    write();
  }
  try {
    renameSync(temporary, target);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/** True when the object is there. Made young as Git does, so that a gc running just now does not take it for refuse. */
function freshen(path: string): boolean {
  if (!statSync(path, { throwIfNoEntry: false })) return false;
  try {
    const now = new Date();
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}
