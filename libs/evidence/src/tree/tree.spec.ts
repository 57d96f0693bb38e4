import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { isConsistent, isIncluded } from './check-paths.js';
import { createCompactRange, rootOf } from './compact-range.js';
import { emptyRoot, leafHash, nodeHash } from './node-hash.js';
import { consistencyPath, inclusionPath, type RangeHash } from './paths.js';

/** The eight leaves of the Certificate Transparency reference tests and the roots of the trees over the first n. */
const REFERENCE = {
  leaves: ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
    (hex) => leafHash(Buffer.from(hex, 'hex')),
  ),
  roots: [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
};

const rangeOver =
  (leaves: readonly Buffer[]): RangeHash =>
  (start, end) =>
    Promise.resolve(rootOf(leaves.slice(start, end)));

const hexes = (path: readonly Buffer[]): string[] => path.map((node) => node.toString('hex'));
const leavesOf = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => leafHash(createHash('sha256').update(`leaf ${i}`).digest()));

describe('the tree of RFC 6962', () => {
  it('has the roots of the reference tests, however far it has grown', () => {
    const range = createCompactRange();
    expect(emptyRoot().toString('hex')).toBe(REFERENCE.roots[0]);
    for (const [index, root] of REFERENCE.roots.entries()) {
      expect(range.size()).toBe(index);
      expect(range.root().toString('hex')).toBe(root);
      const leaf = REFERENCE.leaves[index];
      if (leaf) range.append(leaf);
    }
  });

  it('hashes inner nodes as the reference tests do', () => {
    const bytes = (from: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, i) => from + i));
    expect(nodeHash(bytes(0), bytes(0x20)).toString('hex')).toBe(
      '1a378704c17da31e2d05b6d121c2bb2c7d76f6ee6fa8f983e596c2d034963c57',
    );
  });

  it.each<[index: number, size: number, path: string[]]>([
    [0, 1, []],
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  ])('includes leaf %i of %i by the path of the reference tests', async (index, size, path) => {
    expect(hexes(await inclusionPath(index, size, rangeOver(REFERENCE.leaves)))).toEqual(path);
  });

  it.each<[from: number, to: number, path: string[]]>([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
    [
      3,
      8,
      [
        '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
        '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
        'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
  ])('continues the tree of %i as one of %i by the path of the reference tests', async (from, to, path) => {
    expect(hexes(await consistencyPath(from, to, rangeOver(REFERENCE.leaves)))).toEqual(path);
  });

  it('names the nodes of the example in RFC 6962 §2.1.3', async () => {
    const [a, b, c, d, e, f, j] = leavesOf(7) as [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, Buffer];
    const range = rangeOver([a, b, c, d, e, f, j]);
    const [g, h, i] = [nodeHash(a, b), nodeHash(c, d), nodeHash(e, f)];
    const [k, l] = [nodeHash(g, h), nodeHash(i, j)];
    expect(hexes(await inclusionPath(0, 7, range))).toEqual(hexes([b, h, l]));
    expect(hexes(await inclusionPath(3, 7, range))).toEqual(hexes([c, g, l]));
    expect(hexes(await inclusionPath(4, 7, range))).toEqual(hexes([f, j, k]));
    expect(hexes(await inclusionPath(6, 7, range))).toEqual(hexes([i, k]));
    expect(hexes(await consistencyPath(3, 7, range))).toEqual(hexes([c, d, g, l]));
    expect(hexes(await consistencyPath(4, 7, range))).toEqual(hexes([l]));
    expect(hexes(await consistencyPath(6, 7, range))).toEqual(hexes([i, j, k]));
  });
});

describe('paths', () => {
  const LEAVES = leavesOf(70);
  const head = (size: number) => ({ size, root: rootOf(LEAVES.slice(0, size)) });
  const range = rangeOver(LEAVES);

  it('prove every leaf of every tree, and nothing else', async () => {
    for (let size = 1; size <= 33; size++) {
      for (let index = 0; index < size; index++) {
        const path = await inclusionPath(index, size, range);
        expect(isIncluded(LEAVES[index]!, index, head(size), path)).toBe(true);
        expect(isIncluded(LEAVES[index + 1]!, index, head(size), path)).toBe(false);
        expect(isIncluded(LEAVES[index]!, index ^ 1, head(size), path)).toBe(false);
        expect(isIncluded(LEAVES[index]!, index, head(size), [...path, LEAVES[0]!])).toBe(false);
        if (path.length > 0) expect(isIncluded(LEAVES[index]!, index, head(size), path.slice(1))).toBe(false);
      }
    }
  });

  it('prove that every tree continues every smaller one, and no other', async () => {
    for (let to = 1; to <= 33; to++) {
      for (let from = 1; from <= to; from++) {
        const path = await consistencyPath(from, to, range);
        expect(isConsistent(head(from), head(to), path)).toBe(true);
        const other = { size: from, root: rootOf([LEAVES[69]!, ...LEAVES.slice(1, from)]) };
        expect(isConsistent(other, head(to), path)).toBe(false);
        expect(isConsistent(head(from), { size: to, root: LEAVES[69]! }, path)).toBe(false);
        expect(isConsistent(head(from), head(to), [...path, LEAVES[0]!])).toBe(false);
        if (path.length > 0) expect(isConsistent(head(from), head(to), path.slice(1))).toBe(false);
      }
    }
  });

  it('are refused, not crashed on, whatever they hold', () => {
    const node = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
    const number = fc.oneof(fc.integer({ min: -2, max: 70 }), fc.constantFrom(NaN, 2 ** 53, 0.5));
    fc.assert(
      fc.property(number, number, fc.array(node, { maxLength: 8 }), node, (a, b, path, root) => {
        expect(isIncluded(LEAVES[0]!, a, { size: b, root }, path)).toBe(false);
        expect(isConsistent({ size: a, root }, { size: b, root: LEAVES[0]! }, path)).toBe(false);
      }),
    );
  });

  it('exist for trees that exist only', async () => {
    await expect(inclusionPath(3, 3, range)).rejects.toThrow(RangeError);
    await expect(inclusionPath(-1, 3, range)).rejects.toThrow(RangeError);
    await expect(consistencyPath(4, 3, range)).rejects.toThrow(RangeError);
    await expect(consistencyPath(0, 3, range)).rejects.toThrow(RangeError);
  });
});
