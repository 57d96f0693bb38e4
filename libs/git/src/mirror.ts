import { createHash } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isWaybillError } from '@waybill/kernel';
import { runGit } from './git-program.js';
import { assertSafeUrl } from './location.js';
import { countWrite, inTurn } from './repository-queue.js';

/** Milliseconds a fetch may take; the first one, which brings everything, may take ten minutes. */
const FETCH_TIMEOUT_MS = 120_000;
const FIRST_FETCH_TIMEOUT_MS = 600_000;

export interface Mirror {
  readonly gitDir: string;
  /** Makes the branches those of the remote, as of this call or later. Overlapping calls share a fetch. */
  fetch(signal?: AbortSignal): Promise<void>;
  /** The same for somebody whose turn it is already. */
  fetchInTurn(signal: AbortSignal): Promise<void>;
  /** Ends the fetch that runs. */
  close(): Promise<void>;
}

/** A bare copy of a remote's branches in a folder below `folder`. It is a cache: a damaged one is made anew. */
export async function openMirror({ url, folder }: { url: string; folder: string }): Promise<Mirror> {
  assertSafeUrl(url);
  const gitDir = join(folder, mirrorName(url));
  const ending = new AbortController();
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function fetchOnce(signal: AbortSignal): Promise<void> {
    const first = await ensureRepository(gitDir);
    const refspec = '+refs/heads/*:refs/heads/*';
    const flags = ['--quiet', '--prune', '--no-tags', '--no-auto-maintenance', '--no-write-fetch-head'];
    await runGit(['fetch', ...flags, '--', url, refspec], {
      gitDir,
      name: url,
      remote: true,
      signal,
      timeoutMs: first ? FIRST_FETCH_TIMEOUT_MS : FETCH_TIMEOUT_MS,
    });
    countWrite(gitDir);
  }

  async function fetchInTurn(signal: AbortSignal): Promise<void> {
    try {
      await fetchOnce(signal);
    } catch (error) {
      if (!isWaybillError(error, 'GIT_FAILED') || !DAMAGED.test(error.message)) throw error;
      await rm(gitDir, { recursive: true, force: true });
      await fetchOnce(signal);
    }
  }

  function start(): Promise<void> {
    const fetch = inTurn(gitDir, () => fetchInTurn(ending.signal)).finally(() => {
      if (running === fetch) running = undefined;
    });
    running = fetch;
    return fetch;
  }

  /** A fetch under way may have asked the remote before this call was made, so it does not count. */
  function startAfterRunning(before: Promise<void>): Promise<void> {
    const again = before
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    next = again;
    return again;
  }

  await mkdir(folder, { recursive: true });
  return {
    gitDir,
    fetchInTurn,
    fetch: (signal) => unlessAborted(running ? (next ?? startAfterRunning(running)) : start(), signal),
    async close() {
      ending.abort(new Error(`the mirror of ${url} is closed`));
      await Promise.allSettled([running, next]);
    },
  };
}

const DAMAGED =
  /not a git repository|is corrupt|bad object|unable to read (sha1 file|tree)|bad config|invalid index-pack|missing blob|missing tree/i;

/** True when the repository had to be made. */
async function ensureRepository(gitDir: string): Promise<boolean> {
  const there = await stat(join(gitDir, 'config')).catch(() => null);
  if (there) return false;
  await runGit(['init', '--quiet', '--bare', '--template=', gitDir]);
  return true;
}

/** Readable for people who look into the folder; the hash keeps two remotes apart. */
function mirrorName(url: string): string {
  const words = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[^A-Za-z0-9]+/g, '-');
  return `${words.slice(-60).replace(/^-|-$/g, '')}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}.git`;
}

/** Waits for shared work no longer than the signal allows; the work goes on for the others. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
