import type { Ref } from '@waybill/domain';
import type { ConfigProblem, ConfigResult } from './config-result.js';

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
  /** Tree hashes only, without reading a file: the cheap way to notice a changed configuration. */
  digests(query: DigestQuery): Promise<DigestResult>;
  close(): Promise<void>;
}
