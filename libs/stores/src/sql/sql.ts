export type Value = string | number | null | Buffer;

/**
 * One database, SQLite or PostgreSQL, for state that is neither log nor view. Statements are written for both: `?` for
 * a value, one statement for what has to happen whole. Rejects with WaybillErrors.
 */
export interface Sql {
  all<Row>(statement: string, ...values: Value[]): Promise<readonly Row[]>;
  /** Resolves with the number of rows that were written. */
  run(statement: string, ...values: Value[]): Promise<number>;
  /** Behind an erasure from the table: what was deleted or overwritten is cleared as far as the engine can. */
  clear(table: string): Promise<void>;
  /** A text of any characters: PostgreSQL's own type takes no U+0000. */
  packed(text: string): Value;
  unpacked(value: string | Buffer): string;
  close(): Promise<void>;
}

/** The only row, undefined when there is none. */
export async function one<Row>(sql: Sql, statement: string, ...values: Value[]): Promise<Row | undefined> {
  return (await sql.all<Row>(statement, ...values))[0];
}

export const placeholders = (count: number, of = '?'): string => Array.from({ length: count }, () => of).join(', ');
