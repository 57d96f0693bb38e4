import { createHash, randomBytes } from 'node:crypto';

/** A login code is good for this long, a session for this long after it. Milliseconds. */
const CODE_LIFE = 5 * 60_000;
const SESSION_LIFE = 12 * 60 * 60_000;

/** More than this many at once are not kept: the oldest goes. */
const MOST = 1_000;

/** Logged-in browsers. In memory only: a restart logs everybody out. */
export interface Sessions {
  /** A code that opens one session, once. */
  issueCode(principal: string): { readonly code: string; readonly expiresAt: string };
  /** Undefined for a code that was used, is too old or was never issued. */
  redeem(code: string): { readonly session: string; readonly seconds: number } | undefined;
  principalOf(session: string): string | undefined;
  end(session: string): void;
}

interface Entry {
  readonly principal: string;
  readonly until: number;
}

export function createSessions(clock: () => number = Date.now): Sessions {
  const codes = new Map<string, Entry>();
  const sessions = new Map<string, Entry>();

  /** Kept by hash, so that looking one up takes no longer for a code that nearly fits. */
  const keep = (entries: Map<string, Entry>, secret: string, entry: Entry): void => {
    for (const [key, { until }] of entries) {
      if (until > clock() && entries.size < MOST) break;
      entries.delete(key);
    }
    entries.set(hash(secret), entry);
  };

  const valid = (entry: Entry | undefined): string | undefined =>
    entry && entry.until > clock() ? entry.principal : undefined;

  return {
    issueCode(principal) {
      const code = randomBytes(32).toString('base64url');
      const until = clock() + CODE_LIFE;
      keep(codes, code, { principal, until });
      return { code, expiresAt: new Date(until).toISOString() };
    },
    redeem(code) {
      const principal = valid(codes.get(hash(code)));
      codes.delete(hash(code));
      if (principal === undefined) return undefined;
      const session = randomBytes(32).toString('base64url');
      keep(sessions, session, { principal, until: clock() + SESSION_LIFE });
      return { session, seconds: SESSION_LIFE / 1000 };
    },
    principalOf: (session) => valid(sessions.get(hash(session))),
    end: (session) => void sessions.delete(hash(session)),
  };
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
