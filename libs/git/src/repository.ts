import { tipOf } from './branch-tip.js';
import { type CommitRequest, type Tools, attempt, commitFiles, openTools, writeCommit } from './commit-files.js';
import { assertBranchName } from './commit-object.js';
import { runGit } from './git-program.js';
import { gitDirOf, isLocalRepository, localPath } from './location.js';
import { type Mirror, openMirror } from './mirror.js';
import { type ObjectReader, assertRepository } from './object-reader.js';
import { countWrite, idle, inTurn } from './repository-queue.js';

/** One Git repository, local or remote, read and written the same way. */
export interface Repository {
  readonly url: string;
  /** The repository itself when it is local, otherwise its bare mirror. */
  readonly gitDir: string;
  readonly local: boolean;
  readonly reader: ObjectReader;
  /**
   * Makes the mirror agree with the remote as of this call or later; calls that overlap share a fetch. Of a local
   * repository, which is read in place, it checks only that it is there. Throws `GIT_FAILED`.
   */
  refresh(signal?: AbortSignal): Promise<void>;
  /** Commit id of the branch's tip, null when there is no such branch. */
  tip(branch: string): Promise<string | null>;
  /**
   * One commit on the branch, pushed when the repository is remote; made again on the new tip when somebody else was
   * faster. Returns its id, or null when `accept` declined. Errors: see {@link commitFiles}.
   */
  commit(request: CommitRequest): Promise<string | null>;
  close(): Promise<void>;
}

/**
 * Opens a repository by path or URL. A local one is read and written in place: fastest, and never stale. A remote one
 * gets a bare mirror below `folder`, filled by the first `refresh`.
 */
export async function openRepository({ url, folder }: { url: string; folder: string }): Promise<Repository> {
  return isLocalRepository(url)
    ? localRepository(url, await gitDirOf(localPath(url)))
    : remoteRepository(url, await openMirror({ url, folder }));
}

function localRepository(url: string, gitDir: string): Repository {
  const tools = openTools(gitDir);
  return {
    url,
    gitDir,
    local: true,
    reader: tools.reader,
    refresh: () => assertRepository(gitDir),
    tip: (branch) => tipOf(gitDir, branch, tools.reader),
    commit: (request) => commitFiles(gitDir, request, tools),
    async close() {
      await idle(gitDir);
      await tools.close();
    },
  };
}

function remoteRepository(url: string, mirror: Mirror): Repository {
  const { gitDir } = mirror;
  const tools = openTools(gitDir);
  let fetched = false;
  return {
    url,
    gitDir,
    local: false,
    reader: tools.reader,
    async refresh(signal) {
      await mirror.fetch(signal);
      fetched = true;
    },
    tip: (branch) => tipOf(gitDir, branch, tools.reader),
    async commit(request) {
      assertBranchName(request.branch);
      return inTurn(gitDir, () =>
        attempt(request, async (timeoutMs) => {
          const limit = AbortSignal.timeout(Math.ceil(timeoutMs));
          const signal = request.signal ? AbortSignal.any([request.signal, limit]) : limit;
          if (!fetched) await mirror.fetchInTurn(signal);
          // Only an accepted push proves that the mirror was current; after anything else, look again.
          fetched = false;
          const commit = await commitAndPush(url, gitDir, tools, request, timeoutMs);
          fetched = true;
          return commit;
        }),
      );
    },
    async close() {
      await mirror.close();
      await idle(gitDir);
      await tools.close();
    },
  };
}

/** The remote refuses what does not stand on its tip: the push is the compare-and-swap. */
async function commitAndPush(
  url: string,
  gitDir: string,
  tools: Tools,
  request: CommitRequest,
  timeoutMs: number,
): Promise<string | null> {
  const written = await writeCommit(gitDir, tools, request);
  if (!written) return null;
  const ref = `refs/heads/${request.branch}`;
  await runGit(['push', '--quiet', '--no-verify', '--', url, `${written.commit}:${ref}`], {
    gitDir,
    name: url,
    remote: true,
    timeoutMs,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  await tools.refs.move(ref, written.parent, written.commit);
  countWrite(gitDir);
  return written.commit;
}
