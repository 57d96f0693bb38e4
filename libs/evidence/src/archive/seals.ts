import { createCompactRange, type CompactRange } from '../tree/compact-range.js';
import { leafOfEvent } from '../tree/node-hash.js';
import { firstDifference } from './compare.js';
import type { ArchivedLeaf } from './leaf.js';
import type { Problem } from './problem.js';

/** A head of the tree that the events of an archive must lead to. */
export interface Head {
  readonly treeSize: number;
  /** Hex. */
  readonly root: string;
}

/** The tree of an archive as far as a checkpoint was found right about it, and the leaves that wait for the next. */
export interface Seals {
  add(leaf: ArchivedLeaf): void;
  /** Leaves read. */
  leaves(): number;
  /** Leaves below the last head that was right. */
  sealed(): number;
  /** The leaf at a place of the tree that is not sealed. */
  unsealed(index: number): ArchivedLeaf | undefined;
  /** Whether the leaves lead to this head, and then up to it they are sealed. */
  seal(head: Head): boolean;
  /** Whether they do, without sealing anything. For a head at or behind the sealed ones. */
  leadsTo(head: Head): boolean;
  /**
   * Where the leaves differ from the hashes that were sealed with a head they do not lead to. Undefined: the hashes do
   * not lead to it either.
   */
  difference(head: Head, hashes: readonly string[], checkpointLine: number): Problem | undefined;
}

export function createSeals(): Seals {
  let range = createCompactRange();
  let pending: ArchivedLeaf[] = [];

  const after = (hashes: Iterable<string>): CompactRange => {
    const next = range.copy();
    for (const hash of hashes) next.append(leafOfEvent(hash));
    return next;
  };
  const upTo = (size: number): CompactRange => after(pending.slice(0, size - range.size()).map(({ hash }) => hash));
  const matches = (tree: CompactRange, { treeSize, root }: Head): boolean =>
    tree.size() === treeSize && tree.root().toString('hex') === root;
  const leadsTo = (head: Head): boolean => head.treeSize >= range.size() && matches(upTo(head.treeSize), head);

  return {
    add: (leaf) => void pending.push(leaf),
    leaves: () => range.size() + pending.length,
    sealed: () => range.size(),
    unsealed: (index) => pending[index - range.size()],
    seal(head) {
      const tree = upTo(head.treeSize);
      if (!matches(tree, head)) return false;
      pending = pending.slice(head.treeSize - range.size());
      range = tree;
      return true;
    },
    leadsTo,
    difference(head, hashes, checkpointLine) {
      if (!matches(after(hashes), head)) return undefined;
      return firstDifference(pending, hashes, checkpointLine);
    },
  };
}
