import type { Kysely } from 'kysely';
import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import { groupedBy, type Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { principalTable, tokenTable } from './table.js';

export type TokenRow = RowOf<typeof tokenTable.columns>;

export type PrincipalRow = RowOf<typeof principalTable.columns> & {
  /** Oldest first, revoked and expired ones too. */
  readonly tokens: readonly TokenRow[];
};

export interface AccessQueries {
  principal(id: string): Promise<PrincipalRow | undefined>;
  /** By id. */
  list(request?: PageRequest): Promise<Page<PrincipalRow>>;
  token(id: string): Promise<TokenRow | undefined>;
}

export function accessQueries(read: Read): AccessQueries {
  return {
    principal: (id) =>
      read(async (db) => {
        const rows = await db.selectFrom('principals').selectAll().where('id', '=', id).execute();
        return (await withTokens(db, rows))[0];
      }),
    list: (request = {}) =>
      read((db) =>
        readPage(db.selectFrom('principals').selectAll(), request, {
          fingerprint: listFingerprint('principals', null),
          by: 'principals.id',
          type: 'string',
          direction: 'asc',
          preset: 50,
          keyOf: (row) => row.id,
          nodes: (rows) => withTokens(db, rows),
        }),
      ),
    token: (id) =>
      read(async (db) => {
        const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
        return row && decodeRow(tokenTable, row);
      }),
  };
}

async function withTokens(db: Kysely<Schema>, stored: readonly Schema['principals'][]): Promise<PrincipalRow[]> {
  if (stored.length === 0) return [];
  const ids = stored.map((row) => row.id);
  const tokens = await db
    .selectFrom('tokens')
    .selectAll()
    .where('principal', 'in', ids)
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  const byPrincipal = groupedBy(tokens, (token) => token.principal);
  return stored.map((row) => ({
    ...decodeRow(principalTable, row),
    tokens: (byPrincipal.get(row.id) ?? []).map((token) => decodeRow(tokenTable, token)),
  }));
}
