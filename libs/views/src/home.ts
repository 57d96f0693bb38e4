import type { Engine } from './engine.js';

/** A numbered database of views. */
export interface Database {
  readonly number: number;
  readonly engine: Engine;
}

/** What happens to the views, by whichever process. Called at any time. */
export interface Watcher {
  /** Another database may be the live one by now. */
  replaced(): void;
  /** A database has read up to this position. */
  advanced(number: number, position: number): void;
  /** The connection was lost and is there again: what was heard last may no longer be so. */
  restored(): void;
}

/** Where databases of views are kept, and which of them is the live one. */
export interface Home {
  /** The live database. An empty one when there is none of this shape, or none that can be read. */
  openLive(): Promise<Database>;
  liveNumber(): Promise<number | undefined>;
  /** An empty database beside the live one, to be filled from nothing. */
  build(): Promise<Database>;
  /**
   * Makes the database the live one: readers see the old or the new one, never half of either. `lastStep` runs
   * while no other process writes to the old one; `floor` is the position that others have seen there, null when
   * nobody else can have.
   */
  promote(number: number, lastStep: (floor: number | null) => Promise<void>): Promise<void>;
  /** Gives up a database whose engine is closed: it goes unless it is live or another process reads it. */
  release(number: number): Promise<void>;
  watch(watcher: Watcher): Promise<void>;
  close(): Promise<void>;
}
