import { runGit } from './git-program.js';

/** Commits and fetches after which Git is asked whether the repository wants packing. */
const WRITES_BETWEEN_HOUSEKEEPING = 200;

const tails = new Map<string, Promise<unknown>>();
const writes = new Map<string, number>();

/**
 * Runs `work` after everything queued for the same repository in this process. Git's own locks keep other processes
 * out; queueing here spares our own writers from losing that race to each other.
 */
export function inTurn<T>(gitDir: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(gitDir) ?? Promise.resolve();
  const result = before.then(work);
  const tail = result.then(
    () => undefined,
    () => undefined,
  );
  tails.set(gitDir, tail);
  void tail.then(() => {
    if (tails.get(gitDir) === tail) tails.delete(gitDir);
  });
  return result;
}

/** Resolves when nothing is queued for the repository. */
export async function idle(gitDir: string): Promise<void> {
  for (let tail = tails.get(gitDir); tail; tail = tails.get(gitDir)) await tail;
}

/**
 * Counts a write and now and then lets Git pack what has become loose, after the writes that already wait. A failure
 * costs only disk space and is tried again.
 */
export function countWrite(gitDir: string): void {
  const count = (writes.get(gitDir) ?? 0) + 1;
  writes.set(gitDir, count % WRITES_BETWEEN_HOUSEKEEPING);
  if (count < WRITES_BETWEEN_HOUSEKEEPING) return;
  inTurn(gitDir, () =>
    runGit(['-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet'], { gitDir, timeoutMs: 600_000 }),
  ).catch(() => undefined);
}
