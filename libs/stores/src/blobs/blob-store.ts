/** A text and the file it came from, for messages. */
export interface Content {
  readonly text: string;
  readonly file?: string;
}

export interface PutOptions {
  /** Names the content in an error. */
  readonly file?: string;
  /** Most bytes of UTF-8. Default {@link MAX_CONTENT_BYTES}. */
  readonly limit?: number;
  /** Look for secrets first. Default true. */
  readonly scan?: boolean;
}

/**
 * Contents by their SHA-256: config files, manifests, desired state, free text. Durable when `put` resolves; erasable,
 * and therefore no part of the log.
 *
 * Errors, all WaybillError: `CONTENT_TOO_LARGE`, `SECRET_FOUND` (naming file and line; nothing is stored),
 * `CONTENT_NOT_FOUND`, `STORE_CORRUPT`, `STORE_UNAVAILABLE`, `DISK_FULL`.
 */
export interface BlobStore {
  /** Returns the SHA-256 (hex) of the UTF-8 text. The same text again changes nothing. */
  put(text: string, options?: PutOptions): Promise<string>;
  /** All or none, in one transaction; digests in the order given. */
  putAll(contents: readonly (string | Content)[], options?: Omit<PutOptions, 'file'>): Promise<readonly string[]>;
  /** Checks the digest of what it returns. Throws `CONTENT_NOT_FOUND` when it was never stored or was erased. */
  get(digest: string): Promise<string>;
  has(digest: string): Promise<boolean>;
  /** Leaves no trace in the file. Tells whether there was something to erase. */
  erase(digest: string): Promise<boolean>;
  close(): Promise<void>;
}

/** 700 KiB: what a ConfigMap or a Kafka message still carries. */
export const MAX_CONTENT_BYTES = 700 * 1024;
