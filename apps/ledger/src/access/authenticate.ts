import type { CommandDependencies } from '@waybill/kernel';
import { WaybillError } from '@waybill/kernel';
import type { Operations } from '@waybill/stores';
import type { IncomingHttpHeaders } from 'node:http';
import { type Asker, askerOf } from './asker.js';
import type { Sessions } from './sessions.js';

export const SESSION_COOKIE = 'waybill_session';

export interface Authentication extends CommandDependencies {
  readonly operations: { readonly tokens: Pick<Operations['tokens'], 'verify'> };
  readonly sessions: Pick<Sessions, 'principalOf'>;
}

/** Who sends a request: by bearer token, or by the session of a browser. Throws `UNAUTHENTICATED`. */
export async function authenticate(parts: Authentication, headers: IncomingHttpHeaders): Promise<Asker> {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (!token) throw refused('the Authorization header is not "Bearer <token>"');
    const verified = await parts.operations.tokens.verify(token);
    if (!verified) throw refused('the token is not valid: it is unknown, expired or revoked');
    const asker = await askerOf(parts, verified.principal);
    // The log has the last word: a token that it does not know, or knows as revoked, opens nothing.
    if (asker.access.tokens[verified.tokenId]?.revoked !== false)
      throw refused('the token is not valid: it was revoked');
    return asker;
  }
  const principal = sessionPrincipal(parts, headers);
  if (principal === undefined) throw refused('no token was given');
  return askerOf(parts, principal);
}

export function sessionPrincipal(
  { sessions }: Pick<Authentication, 'sessions'>,
  { cookie = '' }: IncomingHttpHeaders,
): string | undefined {
  for (const pair of cookie.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && value) return sessions.principalOf(value);
  }
  return undefined;
}

function refused(message: string): WaybillError {
  return new WaybillError('UNAUTHENTICATED', message, {
    hint: 'Send "Authorization: Bearer <token>"; the first start left one in admin-token in the data folder, and an admin makes more (waybill token create).',
  });
}
