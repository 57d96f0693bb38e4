import type { Position } from '@waybill/kernel';
import type { Problem } from './problem.js';

/** What an archive was found to be. */
export interface Verdict {
  readonly ledgerId: string;
  /** Events read until the end, or until a problem was found. */
  readonly events: number;
  readonly streams: number;
  readonly checkpoints: number;
  /** Up to where the key vouches; null when it does for nothing. Of an archive with a problem: before it was found. */
  readonly sealed: SealedUpTo | null;
  /** What stands behind it; null when there is nothing, or a problem. */
  readonly unsealed: { readonly events: number; readonly line: number } | null;
  /** The first thing that is wrong; null when the archive is what the ledger wrote. */
  readonly problem: Problem | null;
}

export interface SealedUpTo {
  /** Events below the root, those of the stream `checkpoint` not counted. */
  readonly treeSize: number;
  /** Hex. */
  readonly root: string;
  readonly position: Position;
  readonly keyId: string;
}
