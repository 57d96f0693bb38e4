import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from './processes.mjs';

const LOOK_EVERY_MS = 500;

/** Outside the checkout, so that the next clone finds it: `$XDG_CACHE_HOME` or `~/.cache`, then `waybill/servers`. */
export function cacheFolder(environment = process.env) {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'waybill', 'servers');
}

/** The folder of one version of one thing, such as `kafka-4.1.0`; complete whenever it exists. */
export function installedFolder(name, version, environment = process.env) {
  return join(cacheFolder(environment), `${name}-${version}`);
}

/**
 * Installs into a folder beside the target and renames it, so that the target is complete or absent whatever is killed.
 * Of two at once the second waits for the first. A lock that a killed process left is passed over; should two do so at
 * the same moment, both build and the first to rename wins.
 * @param {string} target the folder to be made
 * @param {(folder: string) => Promise<void>} fill
 * @param {(sentence: string) => void} say
 */
export async function installOnce(target, fill, say) {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  const lock = `${target}.lock`;
  const work = mkdtempSync(`${target}.new-`);
  try {
    if (!(await take(lock, join(work, 'owner'), target, say))) return;
    try {
      removeAbandoned(`${target}.new-`);
      const folder = join(work, 'content');
      mkdirSync(folder);
      await fill(folder);
      renameUnlessThere(folder, target);
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** True once the lock is ours; false when another process has made the target meanwhile. */
async function take(lock, owner, target, say) {
  // A link appears with its content, so nobody reads a lock that does not name its owner yet.
  writeFileSync(owner, String(process.pid));
  for (let waiting = false; ; waiting = true) {
    if (existsSync(target)) return false;
    try {
      linkSync(owner, lock);
      return true;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const other = ownerOf(lock);
    if (other !== undefined && !isRunning(other)) {
      rmSync(lock, { force: true });
      continue;
    }
    if (!waiting) say(`waiting for process ${other ?? ''}, which is installing the same`);
    await delay(LOOK_EVERY_MS);
  }
}

/** What installations left that were killed. */
function removeAbandoned(prefix) {
  const folder = dirname(prefix);
  for (const name of readdirSync(folder)) {
    const work = join(folder, name);
    const owner = work.startsWith(prefix) ? ownerOf(join(work, 'owner')) : undefined;
    if (owner !== undefined && !isRunning(owner)) rmSync(work, { recursive: true, force: true });
  }
}

function ownerOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return undefined;
  }
}

function renameUnlessThere(folder, target) {
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}
