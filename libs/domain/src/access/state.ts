import { assertNever } from '@waybill/kernel';
import type { Role } from '../vocabulary.js';
import type { AccessEvent } from './events.js';

export interface AccessGrant {
  readonly role: Role;
  /** A project, or `*` for all. */
  readonly scope: string;
}

export interface AccessToken {
  readonly expiresAt: string | null;
  readonly revoked: boolean;
}

/** What one person or service may do. */
export interface AccessState {
  /** In the order in which they were granted. */
  readonly grants: readonly AccessGrant[];
  /** By token id. */
  readonly tokens: Readonly<Record<string, AccessToken>>;
}

export const initialAccessState: AccessState = { grants: [], tokens: {} };

export function evolveAccess(state: AccessState, event: AccessEvent): AccessState {
  switch (event.type) {
    case 'AccessGranted': {
      const { role, scope } = event.data;
      return holds(state, role, scope) ? state : { ...state, grants: [...state.grants, { role, scope }] };
    }
    case 'AccessRevoked': {
      const { role, scope } = event.data;
      return { ...state, grants: state.grants.filter((grant) => grant.role !== role || grant.scope !== scope) };
    }
    case 'TokenCreated': {
      const { token, expiresAt } = event.data;
      return { ...state, tokens: { ...state.tokens, [token]: { expiresAt, revoked: false } } };
    }
    case 'TokenRevoked': {
      const { token } = event.data;
      const expiresAt = state.tokens[token]?.expiresAt ?? null;
      return { ...state, tokens: { ...state.tokens, [token]: { expiresAt, revoked: true } } };
    }
    default:
      return assertNever(event);
  }
}

/** Whether exactly this grant stands, without what it may follow from. */
export function holds(state: AccessState, role: Role, scope: string): boolean {
  return state.grants.some((grant) => grant.role === role && grant.scope === scope);
}

/**
 * Whether the principal may act in a role for a project, or for all projects (`*`). A grant for `*` covers every
 * project; `admin` covers every role within its scope.
 */
export function mayDo(state: AccessState, role: Role, project: string): boolean {
  return state.grants.some(
    (grant) => (grant.role === role || grant.role === 'admin') && (grant.scope === '*' || grant.scope === project),
  );
}
