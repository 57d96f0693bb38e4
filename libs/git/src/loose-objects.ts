import { randomBytes } from 'node:crypto';
import { mkdir, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { RetryableError } from '@waybill/kernel';
import type { GitObject } from './object-reader.js';

const compress = promisify(deflate);

/**
 * Stores objects where gitrepository-layout(5) has loose ones, `objects/<2 digits>/<the rest>`: the deflated
 * `<type> <size>\0<content>` under its own hash. They belong to nothing until a ref is moved. Starting a Git for it
 * takes longer than everything else a commit needs. Not synced to disk, as with Git's own default (core.fsync).
 */
export async function writeLooseObjects(gitDir: string, objects: readonly GitObject[]): Promise<void> {
  try {
    await Promise.all(objects.map((object) => writeOne(join(gitDir, 'objects'), object)));
  } catch (cause) {
    const { message } = cause as Error;
    throw new RetryableError('GIT_FAILED', `objects of ${gitDir} could not be written: ${message}`, { cause });
  }
}

async function writeOne(folder: string, { oid, type, content }: GitObject): Promise<void> {
  const target = join(folder, oid.slice(0, 2), oid.slice(2));
  if (await freshen(target)) return;
  const packed = await compress(Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]), { level: 1 });
  // Renamed into place, so that nobody ever reads half an object; Git's own gc removes what a kill leaves behind.
  const temporary = join(folder, oid.slice(0, 2), `tmp_obj_${randomBytes(6).toString('hex')}`);
  const write = (): Promise<void> => writeFile(temporary, packed, { flag: 'wx', mode: 0o444 });
  await write().catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await stat(folder);
    await mkdir(join(folder, oid.slice(0, 2)), { recursive: true });
    await write();
  });
  await rename(temporary, target).catch(async (error: unknown) => {
    await unlink(temporary).catch(() => undefined);
    throw error;
  });
}

/** True when the object is there. Made young as Git does, so that a gc running just now does not take it for refuse. */
async function freshen(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}
