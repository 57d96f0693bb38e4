import type { CommitRequest } from './commit-files.js';
import type { ObjectReader } from './object-reader.js';

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
  refresh(options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<void>;
  /** Commit id of the branch's tip, null when there is no such branch. */
  tip(branch: string): Promise<string | null>;
  /**
   * One commit on the branch, pushed when the repository is remote; made again on the new tip when somebody else was
   * faster. Returns its id, or null when `accept` declined.
   */
  commit(request: CommitRequest): Promise<string | null>;
  close(): Promise<void>;
}
