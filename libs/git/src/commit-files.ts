import { setTimeout as pause } from 'node:timers/promises';
import { WaybillError, isWaybillError } from '@waybill/kernel';
import { tipOf } from './branch-tip.js';
import { assertNotCheckedOut } from './checked-out.js';
import { type CommitText, assertBranchName, commitObject } from './commit-object.js';
import { type FileEdit, editTree } from './edit-tree.js';
import { runGit } from './git-program.js';
import { writeLooseObjects } from './loose-objects.js';
import type { ObjectFormat } from './new-object.js';
import { type ObjectReader, openObjectReader } from './object-reader.js';
import { type RefUpdater, openRefUpdater } from './ref-updater.js';
import { type RememberingReader, rememberObjects } from './remembering-reader.js';
import { countWrite, inTurn } from './repository-queue.js';

export interface CommitRequest extends CommitText {
  readonly branch: string;
  /** The tip the commit must stand on, null for a branch that must not exist; not given: whatever the tip is. */
  readonly expectedParent?: string | null;
  /** A folder that is emptied before the edits are made, so that nothing older stays in it. */
  readonly removeFolder?: string;
  readonly edits: readonly FileEdit[];
  /**
   * Asked before every attempt with the tip the commit would stand on (null: no branch yet). Return false to make no
   * commit: the place to see that it has been made already, or that a newer one overtook it.
   */
  readonly accept?: (tip: string | null, reader: ObjectReader) => Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Milliseconds for all attempts together; 60,000 when not given. */
  readonly timeoutMs?: number;
}

/** The Git processes that serve one repository. */
export interface Tools {
  readonly reader: RememberingReader;
  readonly refs: RefUpdater;
  close(): Promise<void>;
}

export function openTools(gitDir: string): Tools {
  const reader = rememberObjects(openObjectReader(gitDir));
  const refs = openRefUpdater(gitDir);
  return {
    reader,
    refs,
    async close() {
      await Promise.all([reader.close(), refs.close()]);
    },
  };
}

/**
 * One commit on a branch of a repository on this machine, without a work tree. Returns its id, or null when `accept`
 * declined. Content that changes nothing is committed too. When somebody else moved the branch meanwhile the commit is
 * made again on the new tip. Throws `REVISION_CONFLICT` when `expectedParent` is not the tip, `INVALID_STATE` when the
 * branch is checked out, `INVALID_INPUT` for paths Git cannot hold and `GIT_FAILED`. After an abort or a timeout the
 * commit may stand or not: look for it by its trailers.
 */
export async function commitFiles(gitDir: string, request: CommitRequest, opened?: Tools): Promise<string | null> {
  assertBranchName(request.branch);
  const tools = opened ?? openTools(gitDir);
  try {
    return await inTurn(gitDir, () =>
      attempt(request, async () => {
        await assertNotCheckedOut(gitDir, request.branch);
        const written = await writeCommit(gitDir, tools, request);
        if (!written) return null;
        request.signal?.throwIfAborted();
        await tools.refs.move(`refs/heads/${request.branch}`, written.parent, written.commit);
        countWrite(gitDir);
        return written.commit;
      }),
    );
  } finally {
    if (!opened) await tools.close();
  }
}

/** The commit, stored but on no branch yet; null when `accept` declines. */
export async function writeCommit(
  gitDir: string,
  { reader }: Tools,
  request: CommitRequest,
): Promise<{ commit: string; parent: string | null } | null> {
  const parent = await tipOf(gitDir, request.branch, reader);
  if (request.expectedParent !== undefined && request.expectedParent !== parent) {
    throw new WaybillError(
      'REVISION_CONFLICT',
      `branch ${request.branch} stands at ${parent ?? 'nothing'}, not at ${request.expectedParent ?? 'nothing'}`,
    );
  }
  if (request.accept && !(await request.accept(parent, reader))) return null;
  const format = parent === null ? await formatOf(gitDir) : parent.length === 40 ? 'sha1' : 'sha256';
  const { removeFolder, edits } = request;
  const tree = parent === null ? null : await reader.read(`${parent}^{tree}`);
  const edited = await editTree(reader, tree?.oid ?? null, { removeFolder, files: edits }, format);
  const commit = commitObject(edited.oid, parent, request, format);
  const objects = [...edited.objects, commit];
  await writeLooseObjects(gitDir, objects);
  reader.remember(objects);
  return { commit: commit.oid, parent };
}

async function formatOf(gitDir: string): Promise<ObjectFormat> {
  const { stdout } = await runGit(['rev-parse', '--show-object-format'], { gitDir });
  return stdout.toString('latin1').trim() === 'sha256' ? 'sha256' : 'sha1';
}

const MAX_ATTEMPTS = 30;

/** In the words of the ref backend and of `git push`: somebody else moved or holds the ref. */
const RACE =
  /is at [0-9a-f]+ but expected|reference already exists|unable to resolve reference|unable to create '.*\.lock'|fetch first|non-fast-forward|failed to update ref|incorrect old value/i;

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
