import type { ServedKind } from './discovery.js';
import { type Json, listAt, recordAt, textAt, valueAt } from './json-fields.js';

/** `APIGroupDiscoveryList` of apidiscovery.k8s.io v2 and v2beta1; undefined when the answer is something older. */
export function kindsOfGroups(answer: Json): { kinds: ServedKind[]; unsure: string[] } | undefined {
  if (textAt(answer, 'kind') !== 'APIGroupDiscoveryList') return undefined;
  const kinds: ServedKind[] = [];
  const unsure: string[] = [];
  for (const item of listAt(answer, 'items')) {
    const group = textAt(item, 'metadata', 'name') ?? '';
    for (const entry of listAt(item, 'versions')) {
      const version = textAt(entry, 'version') ?? '';
      if (textAt(entry, 'freshness') === 'Stale') unsure.push(group);
      for (const resource of listAt(entry, 'resources')) {
        const kind = textAt(resource, 'responseKind', 'kind');
        const plural = textAt(resource, 'resource');
        // A resource whose server is away, or that exists through its subresources alone, has no kind.
        if (!kind || !plural) continue;
        const namespaced = textAt(resource, 'scope') === 'Namespaced';
        kinds.push({ group, version, kind, plural, namespaced, verbs: textsAt(resource, 'verbs') });
      }
    }
  }
  return { kinds, unsure };
}

/** The group/versions of an `APIGroupList`, or of the `APIVersions` of the core group. */
export function versionsOfGroups(answer: Json): string[] {
  if (textAt(answer, 'kind') === 'APIVersions') return textsAt(answer, 'versions');
  return listAt(answer, 'groups').flatMap((group) =>
    listAt(group, 'versions').flatMap((version) => textAt(version, 'groupVersion') ?? []),
  );
}

/** `APIResourceList`. */
export function kindsOfResources(groupVersion: string, answer: Json): ServedKind[] {
  const [first = '', second] = groupVersion.split('/');
  const [group, version] = second === undefined ? ['', first] : [first, second];
  return listAt(answer, 'resources').flatMap((resource) => {
    const { name: plural, kind } = recordAt(resource);
    if (typeof plural !== 'string' || typeof kind !== 'string' || plural.includes('/')) return [];
    const namespaced = valueAt(resource, 'namespaced') === true;
    return [{ group, version, kind, plural, namespaced, verbs: textsAt(resource, 'verbs') }];
  });
}

function textsAt(value: Json, ...path: readonly string[]): string[] {
  return listAt(value, ...path).filter((text) => typeof text === 'string');
}
