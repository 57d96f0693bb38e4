export interface ObjectInfo {
  /** Hex name, 40 or 64 digits. */
  readonly oid: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  /** Bytes. */
  readonly size: number;
}

export interface GitObject {
  readonly oid: string;
  readonly type: ObjectInfo['type'];
  readonly content: Buffer;
}

/**
 * Objects of one repository, read through one long-lived Git process: about 0.1 ms a question. Refs and objects
 * written later by others are seen. `rev` is anything `git rev-parse` takes on one line: `refs/heads/main`,
 * `<oid>^{tree}`, `<oid>:path`. Every method throws `GIT_FAILED` when the repository cannot be read.
 */
export interface ObjectReader {
  /** Null when there is no such object. */
  info(rev: string): Promise<ObjectInfo | null>;
  /** Null when there is no such object. */
  read(rev: string): Promise<GitObject | null>;
  /** In the order asked, in one round trip. */
  readMany(revs: readonly string[]): Promise<(GitObject | null)[]>;
  infoMany(revs: readonly string[]): Promise<(ObjectInfo | null)[]>;
  close(): Promise<void>;
}
