import type { CountedPage, Page } from '@waybill/views';

/** The same for a page that is counted only when that is asked for. */
export const mapNodes = <From, To>(page: CountedPage<From>, map: (node: From) => To): CountedPage<To> => ({
  ...page,
  nodes: page.nodes.map(map),
  edges: page.edges.map(({ cursor, node }) => ({ cursor, node: map(node) })),
});

/** The same page with its nodes in the words of the API. */
export function mapPage<From, To>(page: Page<From>, map: (node: From) => To): Page<To> {
  return {
    ...page,
    nodes: page.nodes.map(map),
    edges: page.edges.map(({ cursor, node }) => ({ cursor, node: map(node) })),
  };
}
