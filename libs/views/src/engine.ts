import type { Kysely } from 'kysely';
import type { Schema } from './schema.js';
import type { AnyRow, Table } from './table.js';

/** How far a database of views has read, and of which ledger. */
export interface Checkpoint {
  readonly position: number | null;
  readonly ledger: string | null;
}

/** One transaction that changes rows and the checkpoint together. */
export interface Unit {
  checkpoint(): Promise<Checkpoint>;
  /**
   * Compares and sets: false when the checkpoint no longer is `from`, because another projector wrote. Take it
   * before any row, so that two projectors cannot both get that far.
   */
  moveCheckpoint(from: Checkpoint, to: Checkpoint): Promise<boolean>;
  /** The rows with these keys that exist, in any order. */
  load(table: Table, keys: readonly (string | number)[]): Promise<readonly AnyRow[]>;
  /** Inserts rows or replaces those of the same key. */
  storeAll(changes: readonly Changes[]): Promise<void>;
}

/** Rows of one table, each key once. */
export interface Changes {
  readonly table: Table;
  readonly rows: readonly AnyRow[];
}

/** One database of views. The same projections and queries run over every engine. */
export interface Engine {
  /** For reading committed rows only. */
  readonly queries: Kysely<Schema>;
  /**
   * Runs one transaction at a time; rolls back when `work` rejects. Rejects with {@link DatabaseGone} when the
   * database is no longer the live one.
   */
  transact<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
  checkpoint(): Promise<Checkpoint>;
  /**
   * A database's own error as one that a caller can act on, any other as it is: `RetryableError` for a fault that
   * may pass, {@link DatabaseGone} when the tables are no longer there.
   */
  explain(error: unknown): unknown;
  /**
   * For an engine that was opened to be filled from nothing: builds the indexes, which is several times faster at the
   * end, and makes everything durable. Query it only from then on.
   */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Another process made another database the live one: open that one. `cause` is the database's own error, if any. */
export class DatabaseGone extends Error {}
