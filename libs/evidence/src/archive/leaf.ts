/** An event of an archive that stands in the tree. */
export interface ArchivedLeaf {
  readonly line: number;
  /** Hex. */
  readonly hash: string;
  /** As in the line; null when the line is broken. */
  readonly stream: string | null;
  readonly revision: number;
  readonly previousHash: string;
}
