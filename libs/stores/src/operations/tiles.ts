import type { Position } from '@waybill/kernel';
import type { Sql } from '../sql/sql.js';

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

export const createTiles = (sql: Sql): Tiles => ({
  all: () => sql.all<Tile>('SELECT position, root FROM tiles ORDER BY number'),
  add: async (index, { position, root }) =>
    void (await sql.run(
      'INSERT INTO tiles (number, position, root) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      index,
      position,
      root,
    )),
  clear: async () => void (await sql.run('DELETE FROM tiles')),
});
