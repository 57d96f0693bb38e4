import { type GitChild, type GitOptions, converse, exitOf, holdProcessAlive, kill, spawnGit } from './git-program.js';
import { type ObjectFormat, packOf } from './new-object.js';
import type { GitObject } from './object-reader.js';

export interface Unpacker {
  /** Resolves when Git has stored the objects. They belong to nothing until a ref is moved. */
  write(
    objects: readonly GitObject[],
    format: ObjectFormat,
    options: Pick<GitOptions, 'timeoutMs' | 'signal'>,
  ): Promise<void>;
  close(): Promise<void>;
}

const ARGS = ['unpack-objects', '-q'];

/** Milliseconds that a Git waits for the next commit. */
const IDLE_MS = 10_000;

/**
 * Writes objects as loose ones, always with a Git that was started after the last write and waits on its input: a
 * commit then waits for no program to load. (Loose rather than a pack for each commit, which every reader would have
 * to open; `gc --auto` packs them now and then.)
 */
export function openUnpacker(gitDir: string): Unpacker {
  let waiting: GitChild | undefined;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  function startAhead(): void {
    if (closed || waiting) return;
    const child = spawnGit(ARGS, { gitDir });
    const gone = (): void => {
      if (waiting === child) waiting = undefined;
    };
    child.once('error', gone);
    child.once('exit', gone);
    holdProcessAlive(child, false);
    waiting = child;
    idle = setTimeout(dismiss, IDLE_MS);
    idle.unref();
  }

  function dismiss(): GitChild | undefined {
    const child = waiting;
    waiting = undefined;
    clearTimeout(idle);
    if (child) kill(child);
    return child;
  }

  return {
    async write(objects, format, options) {
      options.signal?.throwIfAborted();
      clearTimeout(idle);
      const child = waiting ?? spawnGit(ARGS, { gitDir });
      waiting = undefined;
      holdProcessAlive(child, true);
      await converse(child, ARGS, { gitDir, ...options, input: packOf(objects, format) });
      startAhead();
    },
    async close() {
      closed = true;
      const child = dismiss();
      if (!child) return;
      holdProcessAlive(child, true);
      await exitOf(child).catch(() => undefined);
    },
  };
}
