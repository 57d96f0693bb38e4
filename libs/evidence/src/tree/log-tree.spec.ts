import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '@waybill/kernel';
import { createMemoryEventStore, sampleEvents } from '@waybill/kernel/testing';
import { createMemoryTiles } from '../testing/memory-tiles.js';
import { isConsistent, isIncluded } from './check-paths.js';
import { rootOf } from './compact-range.js';
import { SEALING_STREAM, TILE_LEAVES, openLogTree } from './log-tree.js';
import { leafOfEvent } from './node-hash.js';

describe('the tree of a log', () => {
  let store: EventStore;
  let events: readonly RecordedEvent[];
  let leaves: readonly RecordedEvent[];

  // Two tiles and a bit, with events of the sealing stream at the edges and in between.
  beforeAll(async () => {
    store = createMemoryEventStore();
    for (let i = 0; i < 24; i++) {
      await store.append(`thing-${i}`, sampleEvents(i === 0 ? 24 : 100), 'no-stream');
      await store.append(SEALING_STREAM, sampleEvents(1), i === 0 ? 'no-stream' : i - 1);
    }
    events = await store.readAll(undefined, 5_000);
    leaves = events.filter(({ stream }) => stream !== SEALING_STREAM);
  }, 60_000);

  const head = (size: number) => ({
    size,
    root: rootOf(leaves.slice(0, size).map(({ hash }) => leafOfEvent(hash))),
  });

  async function treeOver(tiles = createMemoryTiles(), batch = 97) {
    const tree = await openLogTree(store, tiles);
    for (let at = 0; at < events.length; at += batch) await tree.read(events.slice(at, at + batch));
    return { tree, tiles };
  }

  it('holds every event but those that seal it', async () => {
    const { tree, tiles } = await treeOver();
    expect(tree.size()).toBe(leaves.length);
    expect(tree.position()).toBe(leaves.at(-1)!.position);
    expect(tree.readUpTo()).toBe(events.at(-1)!.position);
    expect(tiles.kept).toHaveLength(2);
    for (const size of [1, 2, 1023, 1024, 1025, 1500, 2048, 2049, leaves.length]) {
      expect(await tree.rootAt(size)).toEqual(head(size).root);
    }
  });

  it('goes on from kept tiles as from the beginning', async () => {
    const { tiles } = await treeOver();
    const tree = await openLogTree(store, tiles);
    expect(tree.size()).toBe(2 * TILE_LEAVES);
    expect(tree.readUpTo()).toBe(leaves[2 * TILE_LEAVES - 1]!.position);
    await tree.read(events);
    expect(tree.size()).toBe(leaves.length);
    expect(await tree.rootAt(tree.size())).toEqual(head(leaves.length).root);
    expect(tiles.kept).toHaveLength(2);
  });

  it('forgets tiles of another log, and of one that was set back', async () => {
    const { tiles } = await treeOver();
    const other = createMemoryEventStore();
    await other.append('thing-1', sampleEvents(1100), 'no-stream');
    const tree = await openLogTree(other, tiles);
    expect(tree.size()).toBe(0);
    expect(tiles.kept).toEqual([]);
    await tree.read(await other.readAll(undefined, 2000));
    expect(tree.size()).toBe(1100);
    expect(tiles.kept).toHaveLength(1);
  });

  it('proves events and older trees across tiles', async () => {
    const { tree } = await treeOver();
    const indexes = [0, 1, 1023, 1024, 1700, 2047, 2048, leaves.length - 1];
    for (const index of indexes) {
      const leaf = leafOfEvent(leaves[index]!.hash);
      expect(await tree.indexOf(leaves[index]!.position)).toBe(index);
      for (const size of [1, 1024, 1025, 2048, 2100, leaves.length].filter((each) => each > index)) {
        expect(isIncluded(leaf, index, head(size), await tree.inclusion(index, size))).toBe(true);
      }
      const older = index + 1;
      const path = await tree.consistency(older, leaves.length);
      expect(isConsistent(head(older), head(leaves.length), path)).toBe(true);
    }
  });

  it('knows nothing of what it did not read or does not hold', async () => {
    const { tree } = await treeOver();
    const sealing = events.find(({ stream }) => stream === SEALING_STREAM)!;
    await expect(tree.indexOf(sealing.position)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(tree.indexOf('9999999')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(tree.rootAt(leaves.length + 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(tree.rootAt(0)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
