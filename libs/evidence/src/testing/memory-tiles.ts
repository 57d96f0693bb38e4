import type { Tile, Tiles } from '../tree/log-tree.js';

export function createMemoryTiles(): Tiles & { readonly kept: readonly Tile[] } {
  const kept: Tile[] = [];
  return {
    kept,
    all: () => Promise.resolve([...kept]),
    add(index, tile) {
      kept[index] ??= tile;
      return Promise.resolve();
    },
    clear() {
      kept.length = 0;
      return Promise.resolve();
    },
  };
}
