import { type Repository, runGit } from '@waybill/git';
import { isWaybillError, newestKept } from '@waybill/kernel';

export interface Change {
  /** ISO 8601 instant in UTC with milliseconds. */
  readonly committedAt: string | null;
  readonly author: { readonly name: string; readonly email: string } | null;
}

const UNKNOWN: Change = { committedAt: null, author: null };

/** Milliseconds for looking through the history: who changed it last is worth no longer wait. */
const PATIENCE_MS = 5_000;

/**
 * Commit time and author of the last commit that changed a directory. About 4 ms of Git for a tip that was not asked
 * about before, nothing after that; the tip's own when the history is too long to look through.
 */
export function createLastChanges(): (
  repository: Repository,
  tip: string,
  directory: string,
  signal: AbortSignal | undefined,
) => Promise<Change> {
  const known = newestKept<Change>(500);
  return async (repository, tip, directory, signal) => {
    const key = JSON.stringify([repository.gitDir, tip, directory]);
    const before = known.get(key);
    if (before) return before;
    const commit = await repository.reader.read(await lastCommit(repository, tip, directory, signal));
    const change = commit === null ? UNKNOWN : parseCommit(commit.content.toString('utf8'));
    known.set(key, change);
    return change;
  };
}

async function lastCommit(
  { gitDir }: Repository,
  tip: string,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const { stdout } = await runGit(['--literal-pathspecs', 'rev-list', '-1', tip, '--', directory], {
      gitDir,
      timeoutMs: PATIENCE_MS,
      ...(signal ? { signal } : {}),
    });
    return stdout.toString('latin1').trim() || tip;
  } catch (error) {
    if (isWaybillError(error, 'GIT_FAILED')) return tip;
    throw error;
  }
}

/** The header of a commit object: git-cat-file(1), `-p <commit>`. */
function parseCommit(text: string): Change {
  const header = text.slice(0, text.indexOf('\n\n'));
  const author = /^author (.*) <(.*)> [0-9]+ [+-][0-9]{4}$/m.exec(header);
  const seconds = /^committer .* ([0-9]+) [+-][0-9]{4}$/m.exec(header)?.[1];
  const time = new Date(Number(seconds) * 1000);
  return {
    committedAt: Number.isNaN(time.getTime()) ? null : time.toISOString(),
    author: author?.[2] ? { name: author[1]!, email: author[2] } : null,
  };
}
