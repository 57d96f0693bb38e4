import { randomBytes } from 'node:crypto';
import { WaybillError, type Clock } from '@waybill/kernel';
import { type Sql, one, placeholders } from '../sql/sql.js';

/** Who stands behind an opaque id. Everything but id and kind is null once erased. */
export interface Principal {
  /** `p-…` for a person, `s-…` for a service. */
  readonly id: string;
  readonly kind: 'person' | 'service';
  readonly login: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly chat: string | null;
  readonly erased: boolean;
}

export interface Identity {
  /** Compared without case. */
  readonly login: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  /** Chat handle. */
  readonly chat?: string | undefined;
}

/** The only place where names, logins, addresses and chat handles stand: outside the log and the views, erasable. */
export interface People {
  /** The person with this login, made when there is none. Fields that are given replace the ones known. */
  identify(identity: Identity): Promise<Principal>;
  /** The service with this display name, made when there is none. */
  identifyService(name: string): Promise<Principal>;
  find(id: string): Promise<Principal | undefined>;
  findByLogin(login: string): Promise<Principal | undefined>;
  /** By id; ids nobody has are left out. */
  findAll(ids: readonly string[]): Promise<ReadonlyMap<string, Principal>>;
  list(): Promise<readonly Principal[]>;
  /** Blanks every personal field; in a file no trace is left. Throws `NOT_FOUND`. Repeating it is harmless. */
  erase(id: string): Promise<Principal>;
}

type Row = Omit<Principal, 'erased'> & { erased_at: string | null };

const COLUMNS = 'id, kind, login, name, email, chat, erased_at';

export function createPeople(sql: Sql, clock: Clock): People {
  const asked = async (where: string, ...values: string[]): Promise<Principal | undefined> =>
    asPrincipal(await one<Row>(sql, `SELECT ${COLUMNS} FROM people WHERE ${where}`, ...values));
  const find = (id: string): Promise<Principal | undefined> => asked('id = ?', id);
  const byLogin = (login: string): Promise<Principal | undefined> => asked('login = ?', login);
  const service = (name: string): Promise<Principal | undefined> =>
    asked(`kind = 'service' AND name = ? AND erased_at IS NULL`, name);

  return {
    async identify({ login: given, name = null, email = null, chat = null }) {
      const login = asLogin(given);
      const known = await byLogin(login);
      const isNews = (field: string | null, before: string | null): boolean => field !== null && field !== before;
      // What is known already costs no write.
      if (known && !isNews(name, known.name) && !isNews(email, known.email) && !isNews(chat, known.chat)) return known;
      const [row] = await sql.all<Row>(
        `INSERT INTO people (id, kind, login, name, email, chat, created_at) VALUES (?, 'person', ?, ?, ?, ?, ?)
         ON CONFLICT (login) DO UPDATE SET name = coalesce(excluded.name, people.name),
           email = coalesce(excluded.email, people.email), chat = coalesce(excluded.chat, people.chat)
         RETURNING ${COLUMNS}`,
        opaqueId('p'),
        login,
        name,
        email,
        chat,
        clock(),
      );
      return asPrincipal(row)!;
    },
    async identifyService(name) {
      const known = await service(name);
      if (known) return known;
      await sql.run(
        `INSERT INTO people (id, kind, name, created_at) VALUES (?, 'service', ?, ?) ON CONFLICT DO NOTHING`,
        opaqueId('s'),
        name,
        clock(),
      );
      return (await service(name))!;
    },
    find,
    findByLogin: (login) => byLogin(asLogin(login)),
    async findAll(ids) {
      const wanted = [...new Set(ids)];
      if (wanted.length === 0) return new Map();
      const rows = await sql.all<Row>(
        `SELECT ${COLUMNS} FROM people WHERE id IN (${placeholders(wanted.length)})`,
        ...wanted,
      );
      const found = new Map(rows.map((row) => [row.id, asPrincipal(row)!]));
      return new Map(wanted.flatMap((id) => (found.has(id) ? [[id, found.get(id)!]] : [])));
    },
    async list() {
      const rows = await sql.all<Row>(`SELECT ${COLUMNS} FROM people ORDER BY created_at, id`);
      return rows.map((row) => asPrincipal(row)!);
    },
    async erase(id) {
      if (!(await find(id))) throw new WaybillError('NOT_FOUND', `nobody has the id ${id}`);
      const erased = await sql.run(
        `UPDATE people SET login = NULL, name = NULL, email = NULL, chat = NULL, erased_at = ?
         WHERE id = ? AND erased_at IS NULL`,
        clock(),
        id,
      );
      if (erased > 0) await sql.clear('people');
      return (await find(id))!;
    },
  };
}

function asLogin(login: string): string {
  const clean = login.trim().toLowerCase();
  if (clean === '') {
    throw new WaybillError('INVALID_INPUT', 'the login is empty', {
      fields: [{ field: 'login', message: 'is empty' }],
    });
  }
  return clean;
}

function asPrincipal(row: Row | undefined): Principal | undefined {
  if (!row) return undefined;
  const { erased_at, ...principal } = row;
  return { ...principal, erased: erased_at !== null };
}

const opaqueId = (kind: 'p' | 's'): string => `${kind}-${randomBytes(10).toString('hex')}`;
