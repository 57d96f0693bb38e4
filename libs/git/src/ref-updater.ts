import { RetryableError } from '@waybill/kernel';
import { type GitChild, exitOf, gitFailed, holdProcessAlive, kill, redact, spawnGit } from './git-program.js';

export interface RefUpdater {
  /**
   * Moves a ref from `before` (null: it must not exist) to `after` under Git's own lock. Throws a `RetryableError` when
   * it stands elsewhere or somebody holds the lock. One call at a time.
   */
  move(ref: string, before: string | null, after: string): Promise<void>;
  close(): Promise<void>;
}

const ARGS = ['update-ref', '--stdin'];
const STUCK_AFTER_MS = 30_000;
const IDLE_MS = 10_000;

/** One `git update-ref --stdin` for many transactions; it ends with the first that fails, and after ten idle seconds. */
export function openRefUpdater(gitDir: string): RefUpdater {
  let running: { child: GitChild; ended: Promise<void> } | undefined;
  let open: { resolve(): void; reject(error: unknown): void } | undefined;
  let timer: NodeJS.Timeout | undefined;

  function start(): NonNullable<typeof running> {
    const child = spawnGit(ARGS, { gitDir });
    let said = '';
    let words = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('latin1');
      if (!said.endsWith('commit: ok\n')) return;
      said = '';
      settle((waiting) => waiting.resolve());
    });
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(-4000)));
    const ended = exitOf(child).then(
      () => over(gitFailed(ARGS, { gitDir }, redact(words.trim()))),
      (error: unknown) => over(error),
    );
    return { child, ended };

    function over(error: unknown): void {
      if (running?.child !== child) return;
      running = undefined;
      settle((waiting) => waiting.reject(error));
    }
  }

  function settle(how: (waiting: NonNullable<typeof open>) => void): void {
    const waiting = open;
    open = undefined;
    clearTimeout(timer);
    if (running) {
      holdProcessAlive(running.child, false);
      timer = setTimeout(() => void end(), IDLE_MS);
      timer.unref();
    }
    if (waiting) how(waiting);
  }

  async function end(): Promise<void> {
    clearTimeout(timer);
    if (!running) return;
    const { child, ended } = running;
    running = undefined;
    holdProcessAlive(child, true);
    child.stdin.end();
    await ended;
  }

  return {
    move(ref, before, after) {
      clearTimeout(timer);
      running ??= start();
      const { child } = running;
      holdProcessAlive(child, true);
      timer = setTimeout(() => {
        const stuck = new RetryableError('GIT_FAILED', `git update-ref in ${gitDir} has not answered for 30 s`);
        running = undefined;
        settle((waiting) => waiting.reject(stuck));
        kill(child);
      }, STUCK_AFTER_MS);
      return new Promise((resolve, reject) => {
        open = { resolve, reject };
        const nothing = '0'.repeat(after.length);
        child.stdin.write(`start\nupdate ${ref} ${after} ${before ?? nothing}\nprepare\ncommit\n`);
      });
    },
    close: end,
  };
}
