import type { Engine, Unit } from './engine.js';
import type { AnyRow, Table } from './table.js';

type Key = string | number;

/** Rows of a table that are kept at hand; about a kilobyte each. */
const ROWS_AT_HAND = 10_000;

/** Keys of a table that are known at most. Beyond, the database is asked for what is not at hand. */
const KEYS_KNOWN = 1_000_000;

class TableMemory {
  /** In the order in which they were last used. */
  private readonly rows = new Map<Key, AnyRow>();
  private known: Set<Key> | undefined;

  /** `isEmpty`: nothing was written to the table yet, so that a key is there only when it is remembered. */
  constructor(
    private readonly table: Table,
    isEmpty: boolean,
  ) {
    this.known = isEmpty ? new Set() : undefined;
  }

  async load(unit: Unit, keys: readonly Key[]): Promise<readonly AnyRow[]> {
    const found: AnyRow[] = [];
    const missing: Key[] = [];
    for (const key of keys) {
      const row = this.rows.get(key);
      if (row) found.push(row);
      else if (this.known?.has(key) !== false) missing.push(key);
    }
    if (missing.length > 0) found.push(...(await unit.load(this.table, missing)));
    return found;
  }

  remember(rows: readonly AnyRow[]): void {
    for (const row of rows) {
      const key = row[this.table.key] as Key;
      this.rows.delete(key);
      this.rows.set(key, row);
      this.known?.add(key);
    }
    if (this.known && this.known.size > KEYS_KNOWN) this.known = undefined;
    let excess = this.rows.size - ROWS_AT_HAND;
    for (const key of this.rows.keys()) {
      if (excess-- <= 0) break;
      this.rows.delete(key);
    }
  }
}

/**
 * An engine that was opened to be filled from nothing, with a memory of what was written to it: nobody else writes
 * there, so what it knows need not be asked for. A transaction that fails leaves it unfit for use.
 */
export function remembering(engine: Pick<Engine, 'transact'>): Pick<Engine, 'transact'> {
  const memories = new Map<string, TableMemory>();
  const written = new Set<string>();
  return {
    transact: (work) =>
      engine.transact((unit) =>
        work({
          checkpoint: () => unit.checkpoint(),
          moveCheckpoint: (from, to) => unit.moveCheckpoint(from, to),
          load(table, keys) {
            let memory = memories.get(table.name);
            if (!memory) memories.set(table.name, (memory = new TableMemory(table, !written.has(table.name))));
            return memory.load(unit, keys);
          },
          async storeAll(changes) {
            await unit.storeAll(changes);
            for (const { table, rows } of changes) {
              written.add(table.name);
              // Tables that are only ever added to are never asked for.
              memories.get(table.name)?.remember(rows);
            }
          },
        }),
      ),
  };
}
