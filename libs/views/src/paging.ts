import { WaybillError, canonicalText, sha256 } from '@waybill/kernel';
import type { RawBuilder, SelectQueryBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';

/** A page of a list, in the shape of a Relay connection. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Of the whole list, not of the page. */
  readonly totalCount: number;
}

export interface PageRequest {
  /** 1 to 100; default 20. */
  readonly first?: number | null | undefined;
  /** `endCursor` of the page before. */
  readonly after?: string | null | undefined;
}

export const MAX_PAGE = 100;

/** What makes a list another list: its name and its filter. A cursor of one is refused by another. */
export function listFingerprint(name: string, filter: unknown): string {
  return sha256(canonicalText([name, filter ?? null])).slice(0, 12);
}

export function encodeCursor(fingerprint: string, key: string | number): string {
  return Buffer.from(JSON.stringify([fingerprint, key])).toString('base64url');
}

/** The key behind which the page starts. Throws `INVALID_INPUT` for a cursor of another list or none at all. */
export function decodeCursor<Key extends 'string' | 'number'>(
  fingerprint: string,
  type: Key,
  cursor: string,
): Key extends 'string' ? string : number {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw badCursor('is not a cursor');
  }
  if (!Array.isArray(parsed) || parsed.length !== 2 || typeof parsed[1] !== type) throw badCursor('is not a cursor');
  if (parsed[0] !== fingerprint) throw badCursor('is a cursor of another list or filter');
  return parsed[1] as Key extends 'string' ? string : number;
}

function badCursor(message: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `after: ${message}`, {
    hint: 'Take endCursor of the page before, of the same list with the same filter.',
    fields: [{ field: 'after', message }],
  });
}

/** Checks `first`. Throws `INVALID_INPUT` outside 1 to 100. */
export function pageSize(first: number | null | undefined, preset = 20): number {
  const size = first ?? preset;
  if (Number.isInteger(size) && size >= 1 && size <= MAX_PAGE) return size;
  const message = `${size} is not a whole number from 1 to ${MAX_PAGE}`;
  throw new WaybillError('INVALID_INPUT', `first: ${message}`, {
    hint: 'Ask for fewer at a time and page with after.',
    fields: [{ field: 'first', message }],
  });
}

/** A page of items that are at hand already, in order, `items` holding one more than asked when there are more. */
export function pageOf<Node>(
  items: readonly { readonly key: string | number; readonly node: Node }[],
  options: { fingerprint: string; size: number; after: boolean; totalCount: number },
): Page<Node> {
  const edges = items.slice(0, options.size).map(({ key, node }) => ({
    cursor: encodeCursor(options.fingerprint, key),
    node,
  }));
  return {
    nodes: edges.map((edge) => edge.node),
    edges,
    pageInfo: {
      hasNextPage: items.length > options.size,
      hasPreviousPage: options.after,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: options.totalCount,
  };
}

/**
 * Keyset pagination: the page behind a key, never an offset, so that rows which arrive meanwhile neither repeat nor
 * push out any other.
 */
export async function readPage<DB, TB extends keyof DB, O, Node>(
  filtered: SelectQueryBuilder<DB, TB, O>,
  request: PageRequest,
  list: {
    readonly fingerprint: string;
    /** Unique column that orders the list, as `table.column`. */
    readonly by: string;
    readonly type: 'string' | 'number';
    readonly direction: 'asc' | 'desc';
    readonly preset?: number;
    readonly keyOf: (row: O) => string | number;
    readonly nodes: (rows: readonly O[]) => readonly Node[] | Promise<readonly Node[]>;
  },
): Promise<Page<Node>> {
  const size = pageSize(request.first, list.preset);
  const column = sql.ref(list.by);
  let query = filtered;
  if (request.after != null) {
    const key = decodeCursor(list.fingerprint, list.type, request.after);
    const behind: RawBuilder<SqlBool> =
      list.direction === 'asc' ? sql<SqlBool>`${column} > ${key}` : sql<SqlBool>`${column} < ${key}`;
    query = query.where(behind);
  }
  const rows = await query
    .orderBy(column, list.direction)
    .limit(size + 1)
    .execute();
  const counted = await filtered
    .clearSelect()
    .select(sql<number>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  const nodes = await list.nodes(rows as O[]);
  return pageOf(
    nodes.map((node, index) => ({ key: list.keyOf(rows[index] as O), node })),
    {
      fingerprint: list.fingerprint,
      size,
      after: request.after != null,
      totalCount: Number((counted as { total: number }).total),
    },
  );
}
