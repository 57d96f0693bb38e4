import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import { createIndexStatements, createTableStatements, type AnySchema } from '../ddl.js';
import { rowEncoder, type AnyRow, type ColumnKind, type Table } from '../table.js';

/** Writes statements as text and never runs one. */
const compiler = new Kysely<AnySchema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

const typeOf = (kind: ColumnKind): string => (kind === 'integer' || kind === 'boolean' ? 'bigint' : 'text');

/** Text compares by code point, as cursors and prefixes need it. */
export const createTables: readonly string[] = createTableStatements(compiler, (kind) =>
  typeOf(kind) === 'text' ? sql`text collate "C"` : sql`bigint`,
);

export const createIndexes: readonly string[] = createIndexStatements(compiler);

export interface TableStatements {
  /** Takes one array of keys. */
  readonly load: string;
  /** Takes the text that `encode` makes of rows; inserts or replaces them. */
  readonly store: string;
  encode(rows: readonly AnyRow[]): string;
}

const name = (text: string): string => `"${text}"`;

/**
 * Rows travel as one JSON text: of the ways to hand many rows to PostgreSQL it costs this process least, and the
 * server no more than arrays or a statement with thousands of parameters do.
 */
export function statementsOf(table: Table): TableStatements {
  const columns = Object.entries(table.columns);
  const names = columns.map(([column]) => name(column));
  const record = columns.map(([column, { kind }]) => `${name(column)} ${typeOf(kind)}`);
  const replaced = names
    .filter((column) => column !== name(table.key))
    .map((column) => `${column} = excluded.${column}`);
  const encode = rowEncoder(table);
  const keys = columns.map(([column]) => column);
  const keyType = typeOf(table.columns[table.key]!.kind);
  return {
    load: `select * from ${name(table.name)} where ${name(table.key)} = any($1::${keyType}[])`,
    store: `insert into ${name(table.name)} select ${names.join(', ')}
      from json_to_recordset($1::json) as row (${record.join(', ')})
      on conflict (${name(table.key)}) do update set ${replaced.join(', ')}`,
    encode(rows) {
      const records = rows.map((row) => {
        const values = encode(row);
        const record: Record<string, unknown> = {};
        for (let i = 0; i < keys.length; i++) record[keys[i]!] = values[i];
        return record;
      });
      const text = JSON.stringify(records);
      return UNSTORABLE.test(text) ? JSON.stringify(records, storable) : text;
    },
  };
}

/** PostgreSQL's text holds neither NUL nor half a surrogate pair; JSON writes both as escapes. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\0', '\u{fffd}').replace(LONE_SURROGATE, '\u{fffd}') : value;

const LONE_SURROGATE = /\p{Surrogate}/gu;
