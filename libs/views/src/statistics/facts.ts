import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import { bucketOf } from './histogram.js';
import type { FactKind } from './table.js';
import { COUNTS, DIMENSIONS, DURATIONS, type DimensionColumn } from './vocabulary.js';

/** In columns of durations: there is none. */
export const NO_DURATION = 0xffff;

const DIMENSION_COLUMNS = Object.values(DIMENSIONS);
const KINDS: readonly FactKind[] = ['release', 'deployment', 'drift'];

/** Rows a read takes at once: others have their turn in between. */
const CHUNK = 2_000;

/** Positions of a server's log may be places in its files: beyond 32 bits. */
type Codes = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** The values of one dimension, each once; 0 is none. Shared by all kinds of facts. */
export class Dictionary {
  readonly values: (string | null)[] = [null];
  private readonly codes = new Map<string, number>();

  codeOf(value: string | null): number {
    if (value === null) return 0;
    let code = this.codes.get(value);
    if (code === undefined) {
      code = this.values.length;
      this.values.push(value);
      this.codes.set(value, code);
    }
    return code;
  }
}

const WIDTHS: Readonly<Record<number, new (length: number) => Codes>> = {
  1: Uint8Array,
  2: Uint16Array,
  4: Uint32Array,
  8: Float64Array,
};

/** Numbers of facts, as narrow as the largest of them allows. */
export class CodeColumn {
  data: Codes = new Uint8Array(0);

  set(index: number, value: number): void {
    if (index >= this.data.length || value >= 2 ** (8 * this.data.BYTES_PER_ELEMENT)) this.widen(index, value);
    this.data[index] = value;
  }

  private widen(index: number, value: number): void {
    const length = index < this.data.length ? this.data.length : Math.max(1024, Math.ceil(index * 1.5));
    const needed = value < 2 ** 8 ? 1 : value < 2 ** 16 ? 2 : value < 2 ** 32 ? 4 : 8;
    const Wider = WIDTHS[Math.max(this.data.BYTES_PER_ELEMENT, needed)]!;
    const wider = new Wider(length);
    wider.set(this.data);
    this.data = wider;
  }
}

/** Facts of one kind, column by column. */
export class FactColumns {
  size = 0;
  readonly positions = new CodeColumn();
  readonly quarters = new CodeColumn();
  readonly dimensions = columnsFor(DIMENSION_COLUMNS);
  readonly durations = columnsFor(DURATIONS);
  readonly counts = columnsFor(COUNTS);

  /** Index of the fact with this position; where it belongs when there is none: always at the end. */
  indexOf(position: number): number {
    const { data } = this.positions;
    // Most facts are new.
    if (this.size === 0 || data[this.size - 1]! < position) return this.size;
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (data[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const columnsFor = <Name extends string>(names: readonly Name[]): Record<Name, CodeColumn> =>
  Object.fromEntries(names.map((name) => [name, new CodeColumn()])) as Record<Name, CodeColumn>;

/** Between the values of a packed row, and in place of what is not known: neither occurs in a name. */
const BETWEEN = '\u001f';
const NONE = '\u001e';

const PACKED = [...DIMENSION_COLUMNS, ...DURATIONS, ...COUNTS];

/** One text a row: a driver takes several times longer to hand out thirty values than one. */
const packed = sql<string>`${sql.join(
  PACKED.map((column) => sql`coalesce(cast(${sql.ref(column)} as text), ${NONE})`),
  sql` || ${BETWEEN} || `,
)}`;

interface LoadedRow {
  readonly kind: string;
  readonly position: number;
  readonly changed: number;
  readonly quarter: number;
  readonly packed: string;
}

const selectFacts = (db: Kysely<Schema>) =>
  db.selectFrom('facts').select(['kind', 'position', 'changed', 'quarter', packed.as('packed')]);

/**
 * The facts of one database of views in memory, some 40 bytes each: any question is one pass over a few columns, which
 * no table of sums per pair of dimensions could answer for each of 91 pairs, filters and time zones, or be kept as cheaply.
 */
export class Facts {
  readonly dictionaries = Object.fromEntries(DIMENSION_COLUMNS.map((column) => [column, new Dictionary()])) as Record<
    DimensionColumn,
    Dictionary
  >;
  readonly kinds = Object.fromEntries(KINDS.map((kind) => [kind, new FactColumns()])) as Record<FactKind, FactColumns>;
  /** Rows changed up to this position are in memory. */
  private upTo = -1;
  private loaded = false;
  private refreshing: Promise<void> = Promise.resolve();

  /** Takes over what was changed since the last time. One at a time: a second caller sees at least what the first saw. */
  refresh(db: Kysely<Schema>): Promise<void> {
    const turn = this.refreshing.then(() => this.takeOver(db));
    this.refreshing = turn.catch(() => undefined);
    return turn;
  }

  private async takeOver(db: Kysely<Schema>): Promise<void> {
    if (!this.loaded) {
      await this.load(db);
      this.loaded = true;
    }
    // Facts begin in the order of their positions, but change in any: those that are new are put in at the end, in order.
    const changed: LoadedRow[] = [];
    let after = this.upTo;
    for (;;) {
      const rows = await selectFacts(db).where('changed', '>', after).orderBy('changed').limit(CHUNK).execute();
      changed.push(...rows);
      if (rows.length < CHUNK) break;
      // One event may change several facts: those of the last one may go on in the next chunk.
      after = Number(rows.at(-1)!.changed) - 1;
    }
    if (changed.length === 0) return;
    changed.sort((a, b) => Number(a.position) - Number(b.position));
    for (const row of changed) this.put(row);
    this.upTo = changed.reduce((most, row) => Math.max(most, Number(row.changed)), this.upTo);
  }

  /** All facts in the order of their positions; what changes meanwhile is read once more afterwards. */
  private async load(db: Kysely<Schema>): Promise<void> {
    const newest = await db
      .selectFrom('facts')
      .select((eb) => eb.fn.max('changed').as('changed'))
      .executeTakeFirst();
    let after = -1;
    for (;;) {
      const rows = await selectFacts(db).where('position', '>', after).orderBy('position').limit(CHUNK).execute();
      for (const row of rows) this.put(row);
      if (rows.length < CHUNK) break;
      after = Number(rows.at(-1)!.position);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.upTo = Number(newest?.changed ?? -1);
  }

  private put(row: LoadedRow): void {
    const columns = this.kinds[row.kind as FactKind];
    const index = columns.indexOf(Number(row.position));
    if (index === columns.size) columns.size += 1;
    columns.positions.set(index, Number(row.position));
    columns.quarters.set(index, Number(row.quarter));
    const values = row.packed.split(BETWEEN);
    let at = 0;
    for (const name of DIMENSION_COLUMNS) {
      const value = values[at++]!;
      columns.dimensions[name].set(index, this.dictionaries[name].codeOf(value === NONE ? null : value));
    }
    for (const name of DURATIONS) {
      const ms = values[at++]!;
      columns.durations[name].set(index, ms === NONE ? NO_DURATION : bucketOf(Number(ms)));
    }
    for (const name of COUNTS) columns.counts[name].set(index, Number(values[at++]));
  }
}
