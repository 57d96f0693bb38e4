import type { Position } from '@waybill/kernel';
import type { Connection } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';

/** A complete subtree of the evidence tree, so that a start need not read the whole log. */
export interface Tile {
  /** Of its last leaf. */
  readonly position: Position;
  /** Hex. */
  readonly root: string;
}

/** The kept tiles, in order. They are computed from the log: losing them costs reading it. */
export interface Tiles {
  all(): Promise<readonly Tile[]>;
  /** A tile that is there already stays as it is. */
  add(index: number, tile: Tile): Promise<void>;
  clear(): Promise<void>;
}

export function createTiles(db: Connection): Tiles {
  const run = guarded(db);
  const all = db.prepare<[], Tile>('SELECT position, root FROM tiles ORDER BY number');
  const add = db.prepare('INSERT OR IGNORE INTO tiles (number, position, root) VALUES (?, ?, ?)');
  const clear = db.prepare('DELETE FROM tiles');
  return {
    all: () => run(() => all.all()),
    add: (index, { position, root }) => run(() => void add.run(index, position, root)),
    clear: () => run(() => void clear.run()),
  };
}
