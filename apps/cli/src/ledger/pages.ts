import type { Ledger } from './client.js';

export interface Connection<Node> {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
}

/** The ledger gives at most this many nodes a page. */
const PAGE = 100;

/** Reads pages until `limit` nodes are there or none is left. `pick` finds the connection in an answer. */
export async function readPages<Answer, Node>(
  ledger: Ledger,
  document: string,
  variables: Record<string, unknown>,
  pick: (answer: Answer) => Connection<Node>,
  limit: number,
): Promise<{ nodes: Node[]; total: number }> {
  const nodes: Node[] = [];
  let after: string | null = null;
  for (;;) {
    const first = Math.min(PAGE, limit - nodes.length);
    const page = pick(await ledger.ask<Answer>(document, { ...variables, first, after }));
    nodes.push(...page.nodes);
    after = page.pageInfo.endCursor;
    if (!page.pageInfo.hasNextPage || nodes.length >= limit || after === null) {
      return { nodes, total: page.totalCount };
    }
  }
}
