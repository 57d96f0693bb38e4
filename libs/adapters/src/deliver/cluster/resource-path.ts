import type { ServedKind } from './discovery.js';

/** Address of a resource: all of a kind, one object, or a part of it such as its status. */
export function resourcePath(
  { group, version, plural, namespaced }: ServedKind,
  place: { readonly namespace?: string | null | undefined; readonly name?: string; readonly part?: 'status' },
): string {
  const { namespace, name, part } = place;
  const segments = group === '' ? ['api', version] : ['apis', group, version];
  if (namespaced && typeof namespace === 'string') segments.push('namespaces', namespace);
  segments.push(plural);
  if (name !== undefined) segments.push(name);
  if (part) segments.push(part);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}
