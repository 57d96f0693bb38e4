/**
 * How a column is kept. `boolean` is an integer 0 or 1 and `json` is text that only code parses, on every database,
 * so that the same query means the same everywhere.
 *
 * Text must compare by code point: SQLite's default, `COLLATE "C"` on PostgreSQL. Cursors and prefixes rely on it.
 */
export type ColumnKind = 'text' | 'integer' | 'boolean' | 'json';

export interface Column<Value = unknown, Stored = unknown> {
  readonly kind: ColumnKind;
  readonly nullable: boolean;
  /** Carries the two types only; never there at run time. */
  readonly types?: { readonly value: Value; readonly stored: Stored };
}

export const text = (): Column<string, string> => ({ kind: 'text', nullable: false });
export const optionalText = (): Column<string | null, string | null> => ({ kind: 'text', nullable: true });
/** Text that only takes the values of a union. */
export const oneOf = <Value extends string>(): Column<Value, string> => ({ kind: 'text', nullable: false });
export const optionalOneOf = <Value extends string>(): Column<Value | null, string | null> => ({
  kind: 'text',
  nullable: true,
});
export const integer = (): Column<number, number> => ({ kind: 'integer', nullable: false });
export const optionalInteger = (): Column<number | null, number | null> => ({ kind: 'integer', nullable: true });
export const flag = (): Column<boolean, number> => ({ kind: 'boolean', nullable: false });
export const json = <Value>(): Column<Value, string> => ({ kind: 'json', nullable: false });
export const optionalJson = <Value>(): Column<Value | null, string | null> => ({ kind: 'json', nullable: true });

export type Columns = Readonly<Record<string, Column>>;

/** A row as code sees it. */
export type RowOf<C extends Columns> = {
  readonly [Name in keyof C]: C[Name] extends Column<infer Value> ? Value : never;
};

/** A row as the database holds it. */
export type StoredRowOf<C extends Columns> = {
  [Name in keyof C]: C[Name] extends Column<unknown, infer Stored> ? Stored : never;
};

export type StoredValue = string | number | null;
export type StoredRow = Readonly<Record<string, StoredValue>>;

/** A row of whatever table. */
export type AnyRow = Readonly<Record<string, unknown>>;

export interface Index {
  readonly columns: readonly string[];
  readonly unique?: boolean;
}

/** One table of a view: its columns, the one that identifies a row, and what is looked up by. */
export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  /** Name of the column that identifies a row. */
  readonly key: string;
  readonly indexes: readonly Index[];
}

export function defineTable<const Name extends string, C extends Columns>(definition: {
  readonly name: Name;
  readonly columns: C;
  readonly key: keyof C & string;
  readonly indexes?: readonly { readonly columns: readonly (keyof C & string)[]; readonly unique?: boolean }[];
}): Table<C> & { readonly name: Name } {
  return { ...definition, indexes: definition.indexes ?? [] };
}

/** A row's values in the order of the table's columns. */
export type EncodeRow = (row: AnyRow) => StoredValue[];

/** Looked up once a table, not once a row: a rebuild encodes some hundred thousand of them. */
export function rowEncoder(table: Table): EncodeRow {
  const names = Object.keys(table.columns);
  const kinds = names.map((name) => table.columns[name]!.kind);
  return (row) => {
    const values = new Array<StoredValue>(names.length);
    for (let i = 0; i < names.length; i++) values[i] = encode(kinds[i]!, row[names[i]!]);
    return values;
  };
}

function encode(kind: ColumnKind, value: unknown): StoredValue {
  if (value === null) return null;
  switch (kind) {
    case 'text':
      return value as string;
    case 'integer':
      return value as number;
    case 'boolean':
      return value ? 1 : 0;
    case 'json':
      return JSON.stringify(value);
  }
}

export function decodeRow<C extends Columns>(table: Table<C>, stored: AnyRow): RowOf<C> {
  const row: Record<string, unknown> = {};
  for (const name in table.columns) row[name] = decode(table.columns[name]!, stored[name]);
  return row as RowOf<C>;
}

function decode(column: Column, stored: unknown): unknown {
  if (stored === null) return null;
  switch (column.kind) {
    case 'text':
      return stored;
    case 'integer':
      // PostgreSQL's driver hands out bigint as text.
      return Number(stored);
    case 'boolean':
      return Number(stored) === 1;
    case 'json':
      return JSON.parse(stored as string);
  }
}
