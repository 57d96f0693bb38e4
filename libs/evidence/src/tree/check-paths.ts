import { nodeHash } from './node-hash.js';

/** Whether a leaf stands at `index` of the tree with this size and root: RFC 9162 §2.1.3.2. */
export function isIncluded(
  leaf: Buffer,
  index: number,
  { size, root }: { readonly size: number; readonly root: Buffer },
  path: readonly Buffer[],
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let [at, last, node] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      node = nodeHash(node, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && node.equals(root);
}

/** Whether the older tree is the beginning of the newer one: RFC 9162 §2.1.4.2. */
export function isConsistent(
  older: { readonly size: number; readonly root: Buffer },
  newer: { readonly size: number; readonly root: Buffer },
  path: readonly Buffer[],
): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size === 0 || older.size > newer.size) return false;
  if (older.size === newer.size) return path.length === 0 && older.root.equals(newer.root);
  const nodes = isPowerOfTwo(older.size) ? [older.root, ...path] : path;
  const [seed, ...rest] = nodes;
  if (seed === undefined) return false;
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [(at - 1) / 2, Math.floor(last / 2)];
  let [inOlder, inNewer] = [seed, seed];
  for (const node of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      inOlder = nodeHash(node, inOlder);
      inNewer = nodeHash(node, inNewer);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      inNewer = nodeHash(inNewer, node);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && inOlder.equals(older.root) && inNewer.equals(newer.root);
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

function isPowerOfTwo(n: number): boolean {
  let k = 1;
  while (k < n) k *= 2;
  return k === n;
}
