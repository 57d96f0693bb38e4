import { WaybillError, comparePositions, type EventStore, type Position, type RecordedEvent } from '@waybill/kernel';
import { rootOf } from './compact-range.js';
import { leafOfEvent, nodeHash } from './node-hash.js';
import { consistencyPath, inclusionPath, splitPoint, type RangeHash } from './paths.js';

/** Leaves of a tile: the complete subtrees of this size are kept, everything else is computed from them. */
export const TILE_LEAVES = 1024;

/** The stream whose events are not leaves: what seals a tree cannot stand in it. */
export const SEALING_STREAM = 'checkpoint';

/** A complete subtree of {@link TILE_LEAVES} leaves. */
export interface Tile {
  /** Of its last leaf. */
  readonly position: Position;
  /** Hex. */
  readonly root: string;
}

/** Where tiles are kept, so that a start need not read the log from its beginning. Losing them costs that read. */
export interface Tiles {
  /** In order. */
  all(): Promise<readonly Tile[]>;
  /** Keeps a tile behind the others; one that is there already stays as it is. */
  add(index: number, tile: Tile): Promise<void>;
  clear(): Promise<void>;
}

/** The cumulative RFC 6962 tree over the hashes of all events in log order, but for {@link SEALING_STREAM}. */
export interface LogTree {
  /** Leaves read so far. */
  size(): number;
  /** Position of the last of them. */
  position(): Position | undefined;
  /** How far the log was read, events of the sealing stream included. */
  readUpTo(): Position | undefined;
  /** Takes events in log order; those up to {@link readUpTo} are passed over. One call at a time. */
  read(events: readonly RecordedEvent[]): Promise<void>;
  rootAt(size: number): Promise<Buffer>;
  /** Index of the leaf at a position. Throws `NOT_FOUND` when none was read there. */
  indexOf(position: Position): Promise<number>;
  inclusion(index: number, size: number): Promise<readonly Buffer[]>;
  consistency(from: number, to: number): Promise<readonly Buffer[]>;
}

interface Leaf {
  readonly position: Position;
  readonly hash: Buffer;
}

interface KnownTile {
  readonly position: Position;
  readonly root: Buffer;
}

/**
 * The tree as far as tiles were kept; give it the events behind `readUpTo`. Tiles of another log, or of one that was
 * set back since, are forgotten: the last one is computed again to see.
 */
export async function openLogTree(store: Pick<EventStore, 'readAll'>, tiles: Tiles): Promise<LogTree> {
  const known = (await tiles.all()).map(({ position, root }) => ({ position, root: Buffer.from(root, 'hex') }));
  const last = known.at(-1);
  if (last) {
    const leaves = await readTile(store, known.at(-2)?.position);
    const same = leaves.at(-1)?.position === last.position && rootOf(leaves.map(({ hash }) => hash)).equals(last.root);
    if (!same) {
      await tiles.clear();
      known.length = 0;
    }
  }
  return treeOver(store, tiles, known);
}

/** The leaves of the tile behind a position; fewer when the log ends before. */
async function readTile(store: Pick<EventStore, 'readAll'>, after: Position | undefined): Promise<readonly Leaf[]> {
  const leaves: Leaf[] = [];
  while (leaves.length < TILE_LEAVES) {
    const events = await store.readAll(after, TILE_LEAVES);
    if (events.length === 0) break;
    for (const event of events) if (isLeaf(event)) leaves.push(leafOf(event));
    after = events.at(-1)!.position;
  }
  return leaves.slice(0, TILE_LEAVES);
}

function treeOver(store: Pick<EventStore, 'readAll'>, tiles: Tiles, known: KnownTile[]): LogTree {
  let tail: Leaf[] = [];
  let readUpTo = known.at(-1)?.position;

  const size = (): number => known.length * TILE_LEAVES + tail.length;

  /** Leaves of one tile, or of what follows the last one. */
  const leavesOf = (tile: number): Promise<readonly Leaf[]> =>
    tile >= known.length ? Promise.resolve(tail) : readTile(store, known[tile - 1]?.position);

  /** Ranges of proofs are aligned: one smaller than a tile lies within one, a larger one begins with whole tiles. */
  const hashing = (): RangeHash => {
    const read = new Map<number, Promise<readonly Leaf[]>>();
    const rangeHash: RangeHash = async (start, end) => {
      const tile = Math.floor(start / TILE_LEAVES);
      const first = start % TILE_LEAVES;
      if (first === 0 && end - start === TILE_LEAVES && tile < known.length) return known[tile]!.root;
      if (end - start > TILE_LEAVES) {
        const middle = start + splitPoint(end - start);
        return nodeHash(await rangeHash(start, middle), await rangeHash(middle, end));
      }
      const leaves = read.get(tile) ?? leavesOf(tile);
      read.set(tile, leaves);
      return rootOf((await leaves).slice(first, first + end - start).map(({ hash }) => hash));
    };
    return rangeHash;
  };

  const within = (wanted: number): void => {
    if (!(wanted > 0 && wanted <= size())) {
      throw new WaybillError('NOT_FOUND', `the log has ${size()} events in its tree, not ${wanted}`);
    }
  };

  return {
    size,
    position: () => tail.at(-1)?.position ?? known.at(-1)?.position,
    readUpTo: () => readUpTo,
    async read(events) {
      for (const event of events) {
        if (readUpTo !== undefined && comparePositions(event.position, readUpTo) <= 0) continue;
        readUpTo = event.position;
        if (!isLeaf(event)) continue;
        tail.push(leafOf(event));
        if (tail.length === TILE_LEAVES) {
          const root = rootOf(tail.map(({ hash }) => hash));
          known.push({ position: event.position, root });
          tail = [];
          await tiles.add(known.length - 1, { position: event.position, root: root.toString('hex') });
        }
      }
    },
    async rootAt(wanted) {
      within(wanted);
      return hashing()(0, wanted);
    },
    async indexOf(position) {
      const tile = known.findIndex((each) => comparePositions(position, each.position) <= 0);
      const leaves = await leavesOf(tile === -1 ? known.length : tile);
      const index = leaves.findIndex((leaf) => leaf.position === position);
      if (index === -1) throw new WaybillError('NOT_FOUND', `no event of the tree stands at position ${position}`);
      return (tile === -1 ? known.length : tile) * TILE_LEAVES + index;
    },
    async inclusion(index, wanted) {
      within(wanted);
      return inclusionPath(index, wanted, hashing());
    },
    async consistency(from, to) {
      within(from);
      within(to);
      return consistencyPath(from, to, hashing());
    },
  };
}

const isLeaf = ({ stream }: RecordedEvent): boolean => stream !== SEALING_STREAM;
const leafOf = ({ position, hash }: RecordedEvent): Leaf => ({ position, hash: leafOfEvent(hash) });
