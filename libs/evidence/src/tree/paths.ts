/** Hash of the leaves `start` (inclusive) to `end` (exclusive), at least one: MTH(D[start:end]) of RFC 6962 §2.1. */
export type RangeHash = (start: number, end: number) => Promise<Buffer>;

/** The largest power of two smaller than `n`, which is 2 or more. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * What proves that the leaf `index` stands in the tree of `size` leaves: PATH(m, D[n]) of RFC 6962 §2.1.1.
 * Throws `RangeError` when it does not.
 */
export async function inclusionPath(index: number, size: number, rangeHash: RangeHash): Promise<readonly Buffer[]> {
  if (!(index >= 0 && index < size)) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const path: Buffer[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push(await rangeHash(middle, end));
      end = middle;
    } else {
      path.push(await rangeHash(start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * What proves that the tree of `from` leaves is the beginning of the one of `to`: PROOF(m, D[n]) of RFC 6962 §2.1.2.
 * Throws `RangeError` when there are no two such trees.
 */
export async function consistencyPath(from: number, to: number, rangeHash: RangeHash): Promise<readonly Buffer[]> {
  if (!(from > 0 && from <= to)) throw new RangeError(`a tree of ${from} is not the beginning of a tree of ${to}`);
  const path: Buffer[] = [];
  let start = 0;
  let end = to;
  // `whole`: what is left to prove of the older tree is a tree of its own, whose root the verifier knows.
  let whole = true;
  while (from !== end) {
    const middle = start + splitPoint(end - start);
    if (from <= middle) {
      path.push(await rangeHash(middle, end));
      end = middle;
    } else {
      path.push(await rangeHash(start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) path.push(await rangeHash(start, end));
  return path.reverse();
}
