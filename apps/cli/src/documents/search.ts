import type { ReleaseState } from './releases.js';

export const SEARCH = `query Search($text: String, $by: SearchInput, $first: Int, $after: String) {
  search(text: $text, by: $by, first: $first, after: $after) {
    nodes {
      foundBy
      release { id project ref refKind commit state reason requestedAt }
      deployments { name state commit requestedAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export interface SearchHit {
  readonly foundBy: readonly string[];
  /** Null for the removal of an environment. */
  readonly release: {
    readonly id: string;
    readonly project: string;
    readonly ref: string;
    readonly refKind: 'BRANCH' | 'TAG';
    readonly commit: string;
    readonly state: ReleaseState;
    readonly reason: string;
    readonly requestedAt: string;
  } | null;
  readonly deployments: readonly {
    readonly name: string;
    readonly state: string;
    readonly commit: string | null;
    readonly requestedAt: string;
  }[];
}

export interface SearchAnswer {
  readonly search: {
    readonly nodes: readonly SearchHit[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
