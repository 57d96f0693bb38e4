import { sql, type CreateTableBuilder, type Expression, type Kysely } from 'kysely';
import { tables } from './schema.js';
import type { ColumnKind } from './table.js';

export const CHECKPOINT = 'checkpoint';

/** Tables by name, for what is the same for all of them. */
export type AnySchema = Record<string, Record<string, string | number | null>>;

/** Every table and the checkpoint, in the words of the compiler's database. */
export function createTableStatements(
  compiler: Kysely<AnySchema>,
  typeOf: (kind: ColumnKind) => Expression<unknown>,
): string[] {
  const created = tables.map((table) => {
    let create: CreateTableBuilder<string, string> = compiler.schema.createTable(table.name);
    for (const [name, column] of Object.entries(table.columns)) {
      create = create.addColumn(name, typeOf(column.kind), (definition) => {
        const nullable = column.nullable ? definition : definition.notNull();
        return name === table.key ? nullable.primaryKey() : nullable;
      });
    }
    return create.compile().sql;
  });
  const checkpoint = compiler.schema
    .createTable(CHECKPOINT)
    .addColumn('position', typeOf('integer'))
    .addColumn('ledger', typeOf('text'));
  const none = compiler
    .insertInto(CHECKPOINT)
    .columns(['position', 'ledger'])
    .expression(compiler.selectNoFrom([sql.lit(null).as('position'), sql.lit(null).as('ledger')]));
  return [...created, checkpoint.compile().sql, none.compile().sql];
}

export function createIndexStatements(compiler: Kysely<AnySchema>): string[] {
  return tables.flatMap((table) =>
    table.indexes.map((index) => {
      const create = compiler.schema
        .createIndex(`${table.name}_by_${index.columns.join('_')}`)
        .ifNotExists()
        .on(table.name)
        .columns([...index.columns]);
      return (index.unique ? create.unique() : create).compile().sql;
    }),
  );
}
