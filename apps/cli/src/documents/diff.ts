export const DIFF = `query Diff($from: DiffSide!, $to: DiffSide!, $first: Int, $after: String, $objects: Boolean!) {
  diff(from: $from, to: $to, first: $first, after: $after) {
    totalCount
    nodes {
      subject
      from { name }
      to { name }
      image { path from to }
      config { path change patch }
      metadata { path from to }
      rule { path from to }
      desired @skip(if: $objects) { path from to }
      objects @include(if: $objects) { path change patch }
    }
    pageInfo { hasNextPage endCursor }
  }
}`;

export interface FieldChange {
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
}
export interface TextChange {
  readonly path: string;
  readonly change: string;
  readonly patch: string;
}
export interface Comparison {
  readonly subject: string;
  readonly from: { readonly name: string } | null;
  readonly to: { readonly name: string } | null;
  readonly image: FieldChange | null;
  readonly config: readonly TextChange[];
  readonly metadata: readonly FieldChange[];
  readonly rule: readonly FieldChange[];
  readonly desired?: readonly FieldChange[];
  readonly objects?: readonly TextChange[];
}
export interface DiffAnswer {
  readonly diff: {
    readonly totalCount: number;
    readonly nodes: readonly Comparison[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}
