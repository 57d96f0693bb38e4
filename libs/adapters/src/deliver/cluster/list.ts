import { isApiError, kindNotServed } from './api-error.js';
import type { LiveObject, RequestOptions, Selection } from './cluster.js';
import type { Discovery, ServedKind } from './discovery.js';
import { listAt, textAt } from './json-fields.js';
import { listedObject, parseAnswer } from './live-object.js';
import { resourcePath, withQuery } from './resource-path.js';
import type { Transport } from './transport.js';

const PAGE = 500;
/** How often a list is begun anew because it took longer than the server keeps its pages (about five minutes). */
const RESTARTS = 3;

/** https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables (its own `as` values) */
export const acceptMetadata = (as: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string =>
  `application/json;as=${as};g=meta.k8s.io;v=v1`;

export function nameOfSelection({ apiVersion, kind, namespace }: Selection): string {
  return `${apiVersion} ${kind} in ${namespace ?? 'all namespaces'}`;
}

/** Rejects with `KindNotServed` when it is not there, after looking again at what is served. */
export async function servedKind(
  discovery: Discovery,
  what: string,
  { apiVersion, kind }: Pick<Selection, 'apiVersion' | 'kind'>,
): Promise<ServedKind> {
  const served = await discovery.find(apiVersion, kind);
  if (served) return served;
  throw kindNotServed(what, apiVersion, kind);
}

/** Page by page, so that no more than one is held here; resolves with the version that a watch goes on from. */
export async function listPages(
  { transport, discovery }: { readonly transport: Transport; readonly discovery: Discovery },
  selection: Selection,
  handle: (objects: readonly LiveObject[]) => void,
  { signal, timeoutMs, restarted }: RequestOptions & { readonly restarted?: () => void } = {},
): Promise<string> {
  const { namespace, labelSelector, fieldSelector, metadataOnly = false } = selection;
  const what = `list ${nameOfSelection(selection)}`;
  const served = await servedKind(discovery, what, selection);
  const accept = metadataOnly ? acceptMetadata('PartialObjectMetadataList') : undefined;
  let restarts = 0;
  let next: string | undefined;
  for (;;) {
    const path = withQuery(resourcePath(served, { namespace }), {
      limit: PAGE,
      labelSelector,
      fieldSelector,
      continue: next,
    });
    let body: string;
    try {
      ({ body } = await transport.send({ method: 'GET', path, what, ...(accept && { accept }), signal, timeoutMs }));
    } catch (error) {
      if (next === undefined || !isApiError(error) || error.status !== 410 || ++restarts > RESTARTS) {
        throw await unlessGone(error, discovery, what, selection);
      }
      next = undefined;
      restarted?.();
      continue;
    }
    const answer = parseAnswer(what, body);
    handle(listAt(answer, 'items').map((item) => listedObject(what, served, item)));
    next = textAt(answer, 'metadata', 'continue') || undefined;
    if (next === undefined) return textAt(answer, 'metadata', 'resourceVersion') ?? '';
  }
}

/** A list answers 404 only when its kind went away since the last look. */
async function unlessGone(error: unknown, discovery: Discovery, what: string, selection: Selection): Promise<unknown> {
  if (!isApiError(error) || error.status !== 404) return error;
  await discovery.refresh();
  return kindNotServed(what, selection.apiVersion, selection.kind);
}
