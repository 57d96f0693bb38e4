import type { Changes, Unit } from './engine.js';
import type { Announce, Rows, TableRows } from './projection.js';
import type { AnyRow, Columns, RowOf, Table } from './table.js';

type Key = string | number;

/** Rows of one table: announced keys first stand without a row, then with what the database holds. */
class BufferedTable implements TableRows<AnyRow> {
  private readonly rows = new Map<Key, AnyRow | undefined>();
  private readonly changed = new Set<Key>();

  constructor(private readonly table: Table) {}

  announce(key: Key): void {
    if (!this.rows.has(key)) this.rows.set(key, undefined);
  }

  get(key: Key): AnyRow | undefined {
    const row = this.rows.get(key);
    if (row === undefined && !this.rows.has(key)) throw new Error(`${this.table.name} ${key} was not announced`);
    return row;
  }

  put(row: AnyRow): void {
    const key = row[this.table.key] as Key;
    this.rows.set(key, row);
    this.changed.add(key);
  }

  change(key: Key, changes: (row: AnyRow) => AnyRow | undefined): void {
    const row = this.get(key);
    const changed = row && changes(row);
    if (!changed) return;
    // The buffer alone holds its rows: projections hand them over with `put` and only look at them in between.
    Object.assign(row, changed);
    this.changed.add(key);
  }

  async load(unit: Unit): Promise<void> {
    for (const row of await unit.load(this.table, [...this.rows.keys()])) {
      this.rows.set(row[this.table.key] as Key, row);
    }
  }

  changes(): Changes | undefined {
    if (this.changed.size === 0) return undefined;
    return { table: this.table, rows: [...this.changed].map((key) => this.rows.get(key) as AnyRow) };
  }
}

/**
 * The rows that one batch of events reads and changes. A row that many events change is read once and written once,
 * which is what makes a rebuild fast.
 */
export class RowBuffer implements Rows {
  private readonly tables = new Map<string, BufferedTable>();

  readonly announce: Announce = (table, key) => this.table(table).announce(key);

  of<C extends Columns>(table: Table<C>): TableRows<RowOf<C>> {
    return this.table(table) as TableRows<AnyRow> as unknown as TableRows<RowOf<C>>;
  }

  async load(unit: Unit): Promise<void> {
    await Promise.all(Array.from(this.tables.values(), (table) => table.load(unit)));
  }

  flush(unit: Unit): Promise<void> {
    return unit.storeAll([...this.tables.values()].flatMap((table) => table.changes() ?? []));
  }

  private table(table: Table): BufferedTable {
    let rows = this.tables.get(table.name);
    if (!rows) {
      rows = new BufferedTable(table);
      this.tables.set(table.name, rows);
    }
    return rows;
  }
}
