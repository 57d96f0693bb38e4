import { randomBytes, randomUUID } from 'node:crypto';
import { WaybillError, sha256, type Clock } from '@waybill/kernel';
import { type Sql, one } from '../sql/sql.js';

export interface TokenRecord {
  readonly tokenId: string;
  /** Opaque id of the person or service it speaks for. */
  readonly principal: string;
  readonly createdAt: string;
  /** ISO 8601 instant; null: never. */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** Within ten minutes. */
  readonly lastUsedAt: string | null;
}

export interface NewToken {
  /** UUID; a fresh one when left out. */
  readonly tokenId?: string | undefined;
  readonly principal: string;
  readonly expiresAt?: string | null | undefined;
}

/** Bearer tokens, `wb_` and 43 base64url characters (256 bits). Only their SHA-256 is kept. */
export interface Tokens {
  /** The material is returned here and nowhere else. Throws `ALREADY_EXISTS` for a tokenId that is taken. */
  create(token: NewToken): Promise<{ token: string; tokenId: string }>;
  /** Undefined for anything but a token that was made here, has not expired and was not revoked. */
  verify(token: string): Promise<{ principal: string; tokenId: string } | undefined>;
  /** Tells whether it was valid until now. Throws `NOT_FOUND`. */
  revoke(tokenId: string): Promise<boolean>;
  find(tokenId: string): Promise<TokenRecord | undefined>;
  /** Newest first; all of them, or those of one principal. */
  list(principal?: string): Promise<readonly TokenRecord[]>;
}

const TOKEN = /^wb_[A-Za-z0-9_-]{43}$/;

/** Milliseconds. A write for every request would make each of them wait for the disk. */
const LAST_USED_GRAIN = 10 * 60_000;

/** Aliases in quotes: PostgreSQL folds others to lower case. */
const COLUMNS = `id AS "tokenId", principal, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", last_used_at AS "lastUsedAt"`;

export function createTokens(sql: Sql, clock: Clock): Tokens {
  const find = (tokenId: string): Promise<TokenRecord | undefined> =>
    one<TokenRecord>(sql, `SELECT ${COLUMNS} FROM tokens WHERE id = ?`, tokenId);
  const isValid = ({ expiresAt, revokedAt }: TokenRecord, now: string): boolean =>
    revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.parse(now));

  return {
    async create({ tokenId = randomUUID(), principal, expiresAt = null }) {
      const token = `wb_${randomBytes(32).toString('base64url')}`;
      const created = await sql.run(
        `INSERT INTO tokens (hash, id, principal, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING`,
        sha256(token),
        tokenId,
        principal,
        clock(),
        expiresAt,
      );
      if (created === 0) throw new WaybillError('ALREADY_EXISTS', `a token with the id ${tokenId} exists`);
      return { token, tokenId };
    },
    async verify(token) {
      if (!TOKEN.test(token)) return undefined;
      const found = await one<TokenRecord>(sql, `SELECT ${COLUMNS} FROM tokens WHERE hash = ?`, sha256(token));
      const now = clock();
      if (!found || !isValid(found, now)) return undefined;
      const { principal, tokenId, lastUsedAt } = found;
      if (lastUsedAt === null || Date.parse(now) - Date.parse(lastUsedAt) >= LAST_USED_GRAIN) {
        await sql.run('UPDATE tokens SET last_used_at = ? WHERE id = ?', now, tokenId);
      }
      return { principal, tokenId };
    },
    async revoke(tokenId) {
      const found = await find(tokenId);
      if (!found) throw new WaybillError('NOT_FOUND', `no token has the id ${tokenId}`);
      const now = clock();
      await sql.run('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL', now, tokenId);
      return isValid(found, now);
    },
    find,
    list: (principal) =>
      principal === undefined
        ? sql.all<TokenRecord>(`SELECT ${COLUMNS} FROM tokens ORDER BY created_at DESC, id`)
        : sql.all<TokenRecord>(
            `SELECT ${COLUMNS} FROM tokens WHERE principal = ? ORDER BY created_at DESC, id`,
            principal,
          ),
  };
}
