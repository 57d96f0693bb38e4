import { randomBytes } from 'node:crypto';
import { WaybillError, type Clock } from '@waybill/kernel';
import type { Connection } from '../sqlite/database.js';
import { guarded } from '../sqlite/guarded.js';

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
  /** Blanks every personal field and leaves no trace in the file. Throws `NOT_FOUND`. Repeating it is harmless. */
  erase(id: string): Promise<Principal>;
}

type Row = Omit<Principal, 'erased'> & { erased_at: string | null };

const COLUMNS = 'id, kind, login, name, email, chat, erased_at';

export function createPeople(db: Connection, clock: Clock): People {
  const run = guarded(db);
  const byId = db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM people WHERE id = ?`);
  const byLogin = db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM people WHERE login = ?`);
  const serviceByName = db.prepare<[string], Row>(
    `SELECT ${COLUMNS} FROM people WHERE kind = 'service' AND name = ? AND erased_at IS NULL`,
  );
  const all = db.prepare<[], Row>(`SELECT ${COLUMNS} FROM people ORDER BY created_at, id`);
  const insert = db.prepare(
    'INSERT INTO people (id, kind, login, name, email, chat, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const update = db.prepare(
    'UPDATE people SET name = coalesce(?, name), email = coalesce(?, email), chat = coalesce(?, chat) WHERE id = ?',
  );
  const blank = db.prepare(
    `UPDATE people SET login = NULL, name = NULL, email = NULL, chat = NULL, erased_at = ?
     WHERE id = ? AND erased_at IS NULL`,
  );

  const find = (id: string): Principal | undefined => asPrincipal(byId.get(id));

  const identify = db.transaction((identity: Identity): Principal => {
    const login = asLogin(identity.login);
    const { name = null, email = null, chat = null } = identity;
    const known = asPrincipal(byLogin.get(login));
    if (!known) {
      const id = opaqueId('p');
      insert.run(id, 'person', login, name, email, chat, clock());
      return find(id)!;
    }
    const news = [
      [name, known.name],
      [email, known.email],
      [chat, known.chat],
    ].some(([given, kept]) => given !== null && given !== kept);
    if (!news) return known;
    update.run(name, email, chat, known.id);
    return find(known.id)!;
  });

  const identifyService = db.transaction((name: string): Principal => {
    const known = asPrincipal(serviceByName.get(name));
    if (known) return known;
    const id = opaqueId('s');
    insert.run(id, 'service', null, name, null, null, clock());
    return find(id)!;
  });

  return {
    identify: (identity) => run(() => identify.immediate(identity)),
    identifyService: (name) => run(() => identifyService.immediate(name)),
    find: (id) => run(() => find(id)),
    findByLogin: (login) => run(() => asPrincipal(byLogin.get(asLogin(login)))),
    findAll: (ids) =>
      run(() => {
        const found = new Map<string, Principal>();
        for (const id of new Set(ids)) {
          const principal = find(id);
          if (principal) found.set(id, principal);
        }
        return found;
      }),
    list: () => run(() => all.all().map((row) => asPrincipal(row)!)),
    erase: (id) =>
      run(() => {
        if (!find(id)) throw new WaybillError('NOT_FOUND', `nobody has the id ${id}`);
        // secure_delete zeroes the old row; the write-ahead log still has it until it is written home and cut.
        if (blank.run(clock(), id).changes > 0) db.pragma('wal_checkpoint(TRUNCATE)');
        return find(id)!;
      }),
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
