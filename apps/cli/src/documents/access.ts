import type { Connection } from '../ledger/pages.js';

export interface Principal {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly login: string | null;
  readonly grants: readonly { readonly role: string; readonly scope: string }[];
}

const PRINCIPAL = `id kind name login grants { role scope }`;

export const PRINCIPALS = `query Principals($first: Int, $after: String) {
  principals(first: $first, after: $after) {
    nodes { ${PRINCIPAL} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface PrincipalsAnswer {
  readonly principals: Connection<Principal>;
}

const TOKENS = `id kind name login tokens { id createdAt expiresAt revokedAt lastUsedAt }`;

export interface Token {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
}
export type TokenOwner = Omit<Principal, 'grants'> & { readonly tokens: readonly Token[] };

export const TOKENS_OF_ALL = `query Tokens($first: Int, $after: String) {
  principals(first: $first, after: $after) {
    nodes { ${TOKENS} }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}`;
export interface TokensOfAllAnswer {
  readonly principals: Connection<TokenOwner>;
}

export const MY_TOKENS = `query MyTokens { me { ${TOKENS} } }`;
export interface MyTokensAnswer {
  readonly me: TokenOwner;
}

export const WHO_AM_I = `query WhoAmI { me { ${PRINCIPAL} } ledger { id version position viewPosition } }`;
export interface WhoAmIAnswer {
  readonly me: Principal;
  readonly ledger: {
    readonly id: string;
    readonly version: string;
    readonly position: string | null;
    readonly viewPosition: string | null;
  };
}

export const CREATE_TOKEN = `mutation CreateToken($input: CreateTokenInput!) {
  createToken(input: $input) { token tokenId principal { ${PRINCIPAL} } position }
}`;
export interface CreateTokenAnswer {
  readonly createToken: { readonly token: string; readonly tokenId: string; readonly principal: Principal };
}

export interface PrincipalPayload {
  readonly principal: Principal;
}
export const REVOKE_TOKEN = `mutation RevokeToken($id: ID!, $commandId: ID) { revokeToken(id: $id, commandId: $commandId) { principal { ${PRINCIPAL} } position } }`;
export const GRANT_ROLE = `mutation GrantRole($input: GrantInput!) { grantRole(input: $input) { principal { ${PRINCIPAL} } position } }`;
export const REVOKE_ROLE = `mutation RevokeRole($input: GrantInput!) { revokeRole(input: $input) { principal { ${PRINCIPAL} } position } }`;
export const ERASE_PERSON = `mutation ErasePerson($person: String!) { erasePerson(person: $person) { principal { ${PRINCIPAL} } position } }`;

export const LOGIN_LINK = `mutation LoginLink { createLoginLink { url expiresAt } }`;
export interface LoginLinkAnswer {
  readonly createLoginLink: { readonly url: string; readonly expiresAt: string };
}
