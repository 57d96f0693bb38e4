import { emptyRoot, nodeHash } from './node-hash.js';

/**
 * All that is needed of a tree to go on appending: the roots of its complete subtrees, largest first. Their sizes are
 * the powers of two that `size` is made of.
 */
export interface CompactRange {
  /** Leaves so far. */
  size(): number;
  /** Adds a leaf, as {@link leafHash} gives it. */
  append(leaf: Buffer): void;
  root(): Buffer;
  /** A second one that goes its own way from here. */
  copy(): CompactRange;
}

export function createCompactRange(): CompactRange {
  return rangeOf(0, []);
}

/** Root of a tree of these nodes; they may be leaves, or roots of complete subtrees of one size. */
export function rootOf(nodes: readonly Buffer[]): Buffer {
  const range = createCompactRange();
  for (const node of nodes) range.append(node);
  return range.root();
}

function rangeOf(size: number, subtrees: Buffer[]): CompactRange {
  return {
    size: () => size,
    append(leaf) {
      let node = leaf;
      for (let full = size; full % 2 === 1; full = (full - 1) / 2) node = nodeHash(subtrees.pop()!, node);
      subtrees.push(node);
      size += 1;
    },
    root() {
      const last = subtrees.at(-1);
      if (last === undefined) return emptyRoot();
      return subtrees.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
    },
    copy: () => rangeOf(size, [...subtrees]),
  };
}
