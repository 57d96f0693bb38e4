import type { ObjectReader } from './object-reader.js';

export interface Person {
  readonly name: string;
  readonly email: string;
}

export interface FileEdit {
  /** Path from the root of the repository, `/` between names. */
  readonly path: string;
  /** Null removes the file. */
  readonly content: string | Buffer | null;
}

export interface CommitRequest {
  readonly branch: string;
  /** The tip the commit must stand on, null for a branch that must not exist; not given: whatever the tip is. */
  readonly expectedParent?: string | null;
  /** Subject, body and trailers, as they are to stand in the commit. */
  readonly message: string;
  readonly author: Person;
  /** The author when not given. */
  readonly committer?: Person;
  /** ISO 8601 instant, for author and committer. */
  readonly date: string;
  /** A folder that is removed before the edits are made, so that nothing older stays in it. */
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
