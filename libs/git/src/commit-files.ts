import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WaybillError, isWaybillError } from '@waybill/kernel';
import { assertNotCheckedOut } from './checked-out.js';
import { type CommitText, assertBranchName, fastImportStream } from './fast-import.js';
import { runGit } from './git-program.js';
import { type ObjectReader, openObjectReader } from './object-reader.js';
import { countWrite, inTurn } from './repository-queue.js';

export interface CommitRequest extends CommitText {
  readonly branch: string;
  /** The tip the commit must stand on, null for a branch that must not exist; not given: whatever the tip is. */
  readonly expectedParent?: string | null;
  /**
   * Asked before every attempt with the tip the commit would stand on (null: no branch yet). Return false to make no
   * commit: the place to see that it has been made already, or that a newer one overtook it.
   */
  readonly accept?: (tip: string | null, reader: ObjectReader) => Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Milliseconds for all attempts together; 60,000 when not given. */
  readonly timeoutMs?: number;
}

/**
 * One commit on a branch of a repository on this machine, without a work tree. Returns its id, or null when `accept`
 * declined. Content that changes nothing is committed too. When somebody else moved the branch meanwhile the commit is
 * made again on the new tip. Throws `REVISION_CONFLICT` when `expectedParent` is not the tip, `INVALID_STATE` when the
 * branch is checked out, `INVALID_INPUT` for paths Git cannot hold and `GIT_FAILED`. After an abort or a timeout the
 * commit may stand or not: look for it by its trailers.
 */
export async function commitFiles(
  gitDir: string,
  request: CommitRequest,
  openReader?: ObjectReader,
): Promise<string | null> {
  assertBranchName(request.branch);
  const reader = openReader ?? openObjectReader(gitDir);
  try {
    return await inTurn(gitDir, () =>
      attempt(request, async (timeoutMs) => {
        await assertNotCheckedOut(gitDir, request.branch);
        const parent = await agreedParent(reader, request);
        if (parent === undefined) return null;
        const commit = await importCommit(gitDir, `refs/heads/${request.branch}`, parent, request, { timeoutMs });
        countWrite(gitDir);
        return commit;
      }),
    );
  } finally {
    if (!openReader) await reader.close();
  }
}

/** The tip to commit on, or undefined when `accept` declines. */
export async function agreedParent(reader: ObjectReader, request: CommitRequest): Promise<string | null | undefined> {
  const tip = (await reader.info(`refs/heads/${request.branch}^{commit}`))?.oid ?? null;
  if (request.expectedParent !== undefined && request.expectedParent !== tip) {
    throw new WaybillError(
      'REVISION_CONFLICT',
      `branch ${request.branch} stands at ${tip ?? 'nothing'}, not at ${request.expectedParent ?? 'nothing'}`,
    );
  }
  return !request.accept || (await request.accept(tip, reader)) ? tip : undefined;
}

/** Writes blobs, trees and commit and moves `ref` from `parent`, in one run of Git. Throws when the ref has moved. */
export async function importCommit(
  gitDir: string,
  ref: string,
  parent: string | null,
  request: CommitRequest,
  options: { readonly timeoutMs: number; readonly force?: boolean },
): Promise<string> {
  // Loose objects rather than a pack for each commit: packs are faster at first, but every reader has to open all of
  // them (measured after 200 commits: no faster than loose ones, and growing).
  const args = ['-c', 'fastimport.unpackLimit=10000', 'fast-import', '--quiet', '--done'];
  if (options.force === true) args.push('--force');
  try {
    const { stdout } = await runGit(args, {
      gitDir,
      input: fastImportStream(ref, parent, request),
      timeoutMs: options.timeoutMs,
      ...(request.signal ? { signal: request.signal } : {}),
    });
    return stdout.toString('latin1').trim();
  } catch (error) {
    if (isWaybillError(error, 'GIT_FAILED')) await removeCrashReport(gitDir, error.message);
    throw error;
  }
}

/** Git leaves a report in the repository when it refuses a stream; all it says is in its words too. */
async function removeCrashReport(gitDir: string, words: string): Promise<void> {
  const name = /dumping crash report to (.*fast_import_crash_[0-9]+)/.exec(words)?.[1];
  if (name !== undefined) await rm(join(gitDir, basename(name)), { force: true });
}

const MAX_ATTEMPTS = 30;

/** In the words of fast-import, of the ref backend, and of `git push`: somebody else moved or holds the ref. */
const RACE =
  /not updating|cannot lock ref|unable to create '.*\.lock'|fetch first|non-fast-forward|stale info|failed to update ref|incorrect old value|reference already exists/i;

/** Runs `once` again as long as it loses a race for the ref, waiting a little longer each time. */
export async function attempt<T>(request: CommitRequest, once: (timeoutMs: number) => Promise<T>): Promise<T> {
  const { timeoutMs = 60_000, signal } = request;
  const deadline = performance.now() + timeoutMs;
  for (let attempts = 1; ; attempts++) {
    signal?.throwIfAborted();
    try {
      return await once(Math.max(1, deadline - performance.now()));
    } catch (error) {
      const lost = isWaybillError(error, 'GIT_FAILED') && RACE.test(error.message);
      if (!lost || attempts === MAX_ATTEMPTS || performance.now() >= deadline) throw error;
      await pause(Math.random() * Math.min(500, 10 * attempts), undefined, signal ? { signal } : {});
    }
  }
}
