import { type Ref, machineText } from '@waybill/domain';
import { type Repository, assertRepository, isLocalRepository, openRepository } from '@waybill/git';
import { WaybillError, isWaybillError, newestKept } from '@waybill/kernel';
import type { ConfigProblem, ConfigResult, Fault } from './config-result.js';
import { createLastChanges } from './last-change.js';
import { locateDirectory } from './locate-directory.js';
import { type DirectoryContents, readDirectory } from './read-directory.js';

export interface ConfigQuery {
  readonly project: string;
  readonly ref: Ref;
  /** The rule's own directory name, taken when the ref has none. */
  readonly directory: string;
  readonly repository: string;
  readonly branch: string;
  readonly signal?: AbortSignal;
}

export interface DigestQuery {
  readonly repository: string;
  readonly branch: string;
  /** As they were found: `A/dev`. */
  readonly directories: readonly string[];
  readonly signal?: AbortSignal;
}

export type DigestResult =
  | {
      readonly ok: true;
      readonly commit: string;
      /** Directory → tree hash, null when it is gone. */
      readonly digests: Readonly<Record<string, string | null>>;
    }
  | ConfigProblem;

/** Config repositories, held open between calls. Local ones are read in place, remote ones through bare mirrors. */
export interface ConfigRepositories {
  /** Finds, reads and checks the configuration of a ref. Rejects only when `signal` aborts or after `close`. */
  read(query: ConfigQuery): Promise<ConfigResult>;
  /** The same where no server is asked; null for a repository that is not on this machine. */
  readAtOnce(query: ConfigQuery): Promise<ConfigResult | null>;
  /** Tree hashes only, without reading a file: the cheap way to notice a changed configuration. */
  digests(query: DigestQuery): Promise<DigestResult>;
  close(): Promise<void>;
}

/** Bytes of texts kept parsed between calls. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** `folder` takes the mirrors of remote repositories; it is a cache and may be deleted. */
export function createConfigRepositories({ folder }: { folder: string }): ConfigRepositories {
  const opened = new Map<string, Promise<Repository>>();
  const lastChange = createLastChanges();
  /** By tree hash: what it holds never changes. */
  const known = newestKept<DirectoryContents | Fault>(KEPT_BYTES);
  let closed = false;

  function open(url: string): Promise<Repository> {
    if (closed) throw new WaybillError('INVALID_STATE', 'the config repositories are closed');
    const before = opened.get(url);
    if (before) return before;
    const repository = openRepository({ url, folder });
    opened.set(url, repository);
    repository.catch(() => opened.delete(url));
    return repository;
  }

  /** Opens a repository that is gone anew the next time: one that comes back, bare or not, is then found as it is. */
  async function forget(url: string): Promise<void> {
    const repository = await opened.get(url)?.catch(() => undefined);
    if (!repository?.local) return;
    const gone = await assertRepository(repository.gitDir).then(
      () => false,
      () => true,
    );
    if (!gone) return;
    opened.delete(url);
    await repository.close();
  }

  /** Runs `read` on the up-to-date repository; what Git cannot do becomes an `unreachable` problem. */
  async function reaching<Result>(
    { repository: url, signal }: { repository: string; signal?: AbortSignal },
    read: (repository: Repository) => Promise<Result>,
  ): Promise<Result | ConfigProblem> {
    signal?.throwIfAborted();
    const wasClosed = closed;
    try {
      const repository = await open(url);
      await repository.refresh(signal);
      return await read(repository);
    } catch (error) {
      if (wasClosed || closed || !isWaybillError(error)) throw error;
      await forget(url);
      const hint = error.hint === undefined ? '' : ` — ${error.hint}`;
      return problemOf(url, null, {
        problem: 'unreachable',
        file: null,
        line: null,
        message: machineText(`${error.message}${hint}`),
      });
    }
  }

  async function contentsOf(repository: Repository, digest: string): Promise<DirectoryContents | Fault> {
    const before = known.get(digest);
    if (before) return before;
    const read = deepFreeze(await readDirectory(repository.reader, digest));
    known.set(digest, read, 'contents' in read ? sizeOf(read) : 1000);
    return read;
  }

  async function read(query: ConfigQuery, repository: Repository): Promise<ConfigResult> {
    const { repository: url, branch, signal } = query;
    const commit = await repository.tip(branch);
    if (commit === null) return noBranch(query, `${query.project}/${query.directory}`);
    const located = await locateDirectory(repository.reader, commit, query);
    if ('problem' in located) return problemOf(url, located.directory, located);
    const { directory, digest, fallback } = located;
    const [found, change] = await Promise.all([
      contentsOf(repository, digest),
      lastChange(repository, commit, directory, signal),
    ]);
    if ('problem' in found) {
      return problemOf(url, directory, { ...found, file: found.file === null ? null : `${directory}/${found.file}` });
    }
    return { ok: true, repository: url, directory, fallback, commit, digest, ...change, ...found };
  }

  const readUpToDate = (query: ConfigQuery): Promise<ConfigResult> =>
    reaching(query, (repository) => read(query, repository));

  return {
    read: readUpToDate,
    readAtOnce: async (query) => (isLocalRepository(query.repository) ? readUpToDate(query) : null),
    digests: (query) =>
      reaching<DigestResult>(query, async (repository) => {
        const commit = await repository.tip(query.branch);
        if (commit === null) return noBranch(query, null);
        const infos = await repository.reader.infoMany(query.directories.map((directory) => `${commit}:${directory}`));
        const entries = query.directories.map((directory, i) => {
          const info = infos[i];
          return [directory, info?.type === 'tree' ? info.oid : null] as const;
        });
        return { ok: true, commit, digests: Object.fromEntries(entries) };
      }),
    async close() {
      closed = true;
      const repositories = await Promise.allSettled(opened.values());
      opened.clear();
      for (const result of repositories) if (result.status === 'fulfilled') await result.value.close();
    },
  };
}

function noBranch(
  { repository, branch }: { repository: string; branch: string },
  directory: string | null,
): ConfigProblem {
  const hint = directory === null ? '' : `; create it with ${directory}/waybill.yaml`;
  const message = machineText(`the repository has no branch ${branch}${hint}`);
  return problemOf(repository, directory, { problem: 'missing', file: null, line: null, message });
}

function problemOf(repository: string, directory: string | null, fault: Fault): ConfigProblem {
  const { problem, file, line, message } = fault;
  return { ok: false, repository, directory, problem, file, line, message: machineText(message) };
}

function sizeOf({ contents }: DirectoryContents): number {
  return Object.values(contents.files).reduce((sum, text) => sum + 2 * text.length, 1000);
}

/** One result is given to many callers. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
