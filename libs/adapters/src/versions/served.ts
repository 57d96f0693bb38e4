import type { Capabilities } from '../plan/capabilities.js';
import type { KubernetesObject } from '../plan/objects.js';
import { isRecord, listAt, textAt } from '../deliver/cluster/json-fields.js';
import { groupOf, homeOf } from './table.js';
import { newestFirst } from './priority.js';

/** What a location serves, by kind. */
export interface ServedVersions {
  has(apiVersion: string, kind: string): boolean;
  /** Of the kind, in every group that it has ever been in; newest first. */
  of(group: string, kind: string): readonly string[];
}

/** Capabilities are asked for thousands of objects, and stay the same for long. */
const known = new WeakMap<Capabilities, ServedVersions>();

export function servedVersions(capabilities: Capabilities): ServedVersions {
  const there = known.get(capabilities);
  if (there) return there;
  const all = new Set(capabilities.served);
  const kinds = new Map<string, string[]>();
  for (const entry of all) {
    const slash = entry.lastIndexOf('/');
    const [apiVersion, kind] = [entry.slice(0, slash), entry.slice(slash + 1)];
    const key = `${homeOf(groupOf(apiVersion), kind)}/${kind}`;
    kinds.set(key, [...(kinds.get(key) ?? []), apiVersion]);
  }
  const served: ServedVersions = {
    has: (apiVersion, kind) => all.has(`${apiVersion}/${kind}`),
    of: (group, kind) => newestFirst(kinds.get(`${homeOf(group, kind)}/${kind}`) ?? []),
  };
  known.set(capabilities, served);
  return served;
}

/** The same, when the definitions of kinds that are among the objects are there as well: they are applied first. */
export function withDefinitions(capabilities: Capabilities, objects: readonly KubernetesObject[]): Capabilities {
  const defined = objects.filter(({ kind }) => kind === 'CustomResourceDefinition').flatMap(definedBy);
  if (defined.length === 0) return capabilities;
  const anew = new Set(defined.map(({ group, kind }) => `${group}/${kind}`));
  const others = capabilities.served.filter((entry) => {
    const [kind, , group = ''] = entry.split('/').reverse();
    return !anew.has(`${group}/${kind}`);
  });
  return { served: [...others, ...defined.flatMap(({ versions }) => versions)] };
}

/** A CustomResourceDefinition of apiextensions.k8s.io/v1: the kind it makes, in the versions it serves. */
function definedBy(object: KubernetesObject): { group: string; kind: string; versions: string[] }[] {
  const group = textAt(object, 'spec', 'group');
  const kind = textAt(object, 'spec', 'names', 'kind');
  if (group === undefined || kind === undefined) return [];
  const versions = listAt(object, 'spec', 'versions').flatMap((version) => {
    const name = textAt(version, 'name');
    return isRecord(version) && version['served'] === true && name !== undefined ? [`${group}/${name}/${kind}`] : [];
  });
  return [{ group, kind, versions }];
}
