/** A fact that the question is not about. */
export const OUT = -1;

/** Up to so many places cells are told by a table, beyond by a map, which is several times slower. */
const TABLE_LIMIT = 8_000_000;

/** One key that cells are told apart by. */
export interface CellKey {
  /** Number of each fact under this key, or what `numbers` has it for. */
  readonly codes: ArrayLike<number>;
  readonly size: number;
  /** Numbers of codes, and the first code that has one. */
  readonly numbers?: Int32Array;
  readonly shift?: number;
}

export interface CellsQuestion {
  /** Facts there are. */
  readonly size: number;
  readonly quarters: ArrayLike<number>;
  readonly range: { readonly from: number; readonly to: number };
  readonly filters: readonly { readonly codes: ArrayLike<number>; readonly allowed: Uint8Array }[];
  readonly keys: readonly CellKey[];
}

/** Facts that agree in all keys. */
export interface Cells {
  readonly count: number;
  /** Cell of each fact; {@link OUT} when the question is not about it. */
  readonly cells: Int32Array;
  /** 0 for facts that the question is about, else {@link OUT}. */
  readonly selected: Int32Array;
  /** Whether cells are in the order of their numbers, of the first key first. */
  readonly inOrder: boolean;
  /** Number of a cell under a key. */
  numberOf(level: number, cell: number): number;
}

export function cellsOf({ size, quarters, range, filters, keys }: CellsQuestion): Cells {
  const selected = new Int32Array(size);
  const { from, to } = range;
  for (let i = 0; i < size; i++) {
    const quarter = quarters[i]!;
    if (quarter < from || quarter >= to) selected[i] = OUT;
  }
  for (const { codes, allowed } of filters) {
    for (let i = 0; i < size; i++) if (allowed[codes[i]!] === 0) selected[i] = OUT;
  }
  if (keys.length === 0) return { count: 1, cells: selected, selected, inOrder: true, numberOf: () => 0 };

  const space = keys.reduce((product, key) => product * Math.max(1, key.size), 1);
  const places = placesOf(selected, keys, space);
  const inOrder = space <= TABLE_LIMIT;
  const { cells, placeOf } = inOrder ? byTable(places, space) : byMap(places);
  return {
    count: placeOf.length,
    cells,
    selected,
    inOrder,
    numberOf(level, cell) {
      let place = placeOf[cell]!;
      for (let last = keys.length - 1; last > level; last--) place = Math.floor(place / Math.max(1, keys[last]!.size));
      return place % Math.max(1, keys[level]!.size);
    },
  };
}

/** The numbers of a fact under all keys as one: the last key counts ones, the one before it sizes of the last. */
function placesOf(selected: Int32Array, keys: readonly CellKey[], space: number): Int32Array | Float64Array {
  const places = space < 2 ** 31 ? selected.slice() : Float64Array.from(selected);
  for (const { codes, size, numbers, shift = 0 } of keys) {
    const factor = Math.max(1, size);
    if (numbers) {
      for (let i = 0; i < places.length; i++) {
        const place = places[i]!;
        if (place >= 0) places[i] = place * factor + numbers[codes[i]! - shift]!;
      }
    } else {
      for (let i = 0; i < places.length; i++) {
        const place = places[i]!;
        if (place >= 0) places[i] = place * factor + codes[i]!;
      }
    }
  }
  return places;
}

interface Numbered {
  readonly cells: Int32Array;
  /** Place of each cell. */
  readonly placeOf: ArrayLike<number>;
}

/** Cells in the order of their places. */
function byTable(places: Int32Array | Float64Array, space: number): Numbered {
  const table = new Int32Array(space);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place >= 0) table[place] = 1;
  }
  let count = 0;
  for (let place = 0; place < space; place++) if (table[place] === 1) count += 1;
  const placeOf = new Int32Array(count);
  let next = 0;
  for (let place = 0; place < space; place++) {
    if (table[place] === 0) continue;
    placeOf[next] = place;
    table[place] = next;
    next += 1;
  }
  const cells = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    cells[i] = place >= 0 ? table[place]! : OUT;
  }
  return { cells, placeOf };
}

function byMap(places: Int32Array | Float64Array): Numbered {
  const known = new Map<number, number>();
  const placeOf: number[] = [];
  const cells = new Int32Array(places.length);
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (place < 0) {
      cells[i] = OUT;
      continue;
    }
    let cell = known.get(place);
    if (cell === undefined) {
      cell = placeOf.length;
      known.set(place, cell);
      placeOf.push(place);
    }
    cells[i] = cell;
  }
  return { cells, placeOf };
}
