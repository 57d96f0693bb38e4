import type { z } from 'zod';
import type { Settings } from './waybill-yaml.js';

/** What is kept in the blob store: every file of the directory as it was read, path in the directory → text. */
export interface ConfigContents {
  readonly files: Record<string, string>;
}

export interface Manifest {
  /** Path in the directory: `manifests/cron.yaml`. */
  readonly file: string;
  readonly object: Record<string, z.core.util.JSONType>;
}

export interface ParsedContents {
  readonly settings: Settings;
  /** Files that become the service's configuration: all but `waybill.yaml` and `manifests/*.yaml`. */
  readonly files: Record<string, string>;
  readonly manifests: Manifest[];
}

/** Most bytes all files of a directory may have together: what fits into one desired state. */
export const MAX_CONFIG_BYTES = 700 * 1024;

/** Most files a directory may have. */
export const MAX_CONFIG_FILES = 2000;

export type ConfigProblemKind = 'missing' | 'invalid' | 'unreachable' | 'too-large' | 'secret';

/** What is wrong with the files of a directory, `file` being a path in it. */
export interface Fault {
  readonly problem: ConfigProblemKind;
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
}

export interface ConfigProblem {
  readonly ok: false;
  readonly repository: string;
  /** Null when the fault is not that of one directory. */
  readonly directory: string | null;
  readonly problem: ConfigProblemKind;
  /** Path from the root of the repository. */
  readonly file: string | null;
  /** First line is 1. */
  readonly line: number | null;
  readonly message: string;
}

export interface ConfigFound {
  readonly ok: true;
  readonly repository: string;
  /** Directory that was read, as it is spelt in the repository. */
  readonly directory: string;
  /** True when the ref had no directory of its own and the rule's was taken. */
  readonly fallback: boolean;
  /** Tip of the branch that was read. */
  readonly commit: string;
  /** Git's tree hash of the directory. */
  readonly digest: string;
  /** Commit time and author of the last commit that changed the directory. */
  readonly committedAt: string | null;
  readonly author: { readonly name: string; readonly email: string } | null;
  readonly contents: ConfigContents;
  readonly parsed: ParsedContents;
}

export type ConfigResult = ConfigFound | ConfigProblem;
