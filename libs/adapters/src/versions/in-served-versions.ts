import type { JsonObject } from '@waybill/kernel';
import { recordAt, textAt } from '../deliver/cluster/json-fields.js';
import type { Capabilities } from '../plan/capabilities.js';
import type { KubernetesObject } from '../plan/objects.js';
import { RejectedError } from '../plan/rejected.js';
import { newestFirst } from './priority.js';
import { Untranslatable, noTranslation } from './rule.js';
import { type ServedVersions, servedVersions, withDefinitions } from './served.js';
import { type Step, TABLE, groupOf, reachable } from './table.js';

/** Objects as planners write them, and as people gave them. */
export interface Written {
  /** Made by Waybill, each in the newest version that is known of its kind. */
  readonly own: readonly KubernetesObject[];
  /** Extra manifests, each in the version that its author chose. */
  readonly extra: readonly KubernetesObject[];
}

/**
 * Each object in a version that the location serves: its own while that is served, otherwise the newest one that the
 * table leads to. Pure. Throws `NoTranslation` where no rule says how, and `UnsupportedCapability` where a kind that
 * Waybill plans is not served at all. Of an extra manifest whose kind nobody serves the definition may still come: it
 * stays as it is, and applying it waits.
 */
export function inServedVersions({ own, extra }: Written, capabilities: Capabilities): KubernetesObject[] {
  const served = servedVersions(withDefinitions(capabilities, extra));
  return [
    ...own.map((object) => translated(object, served) ?? unsupported(object)),
    ...extra.map((object) => translated(object, served) ?? withoutGone(object)),
  ];
}

/** Undefined when no version of the kind is served. */
function translated(object: KubernetesObject, served: ServedVersions): KubernetesObject | undefined {
  const { apiVersion, kind } = object;
  const steps = served.has(apiVersion, kind) ? [] : stepsToServed(apiVersion, kind, served);
  if (steps) return withServedTarget(follow(object, steps, served), served);
  const there = served.of(groupOf(apiVersion), kind);
  if (there.length === 0) return undefined;
  throw noTranslation(nameOf(object), apiVersion, there, 'no rule says how to write it there');
}

function stepsToServed(apiVersion: string, kind: string, served: ServedVersions): readonly Step[] | undefined {
  const ways = reachable(kind, apiVersion);
  const [best] = newestFirst([...ways.keys()].filter((version) => served.has(version, kind)));
  return best === undefined ? undefined : ways.get(best);
}

function follow(object: KubernetesObject, steps: readonly Step[], served: ServedVersions): KubernetesObject {
  const end = steps.at(-1);
  if (!end) return object;
  const { apiVersion, kind } = object;
  try {
    const content = steps.reduce<JsonObject>((content, { translate }) => translate(content), object);
    return { ...(content as KubernetesObject), apiVersion: end.to };
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    throw noTranslation(nameOf(object), apiVersion, served.of(groupOf(apiVersion), kind), error.message);
  }
}

/** An autoscaler names the version of what it scales: it must be one through which that can be read. */
function withServedTarget(object: KubernetesObject, served: ServedVersions): KubernetesObject {
  if (object.kind !== 'HorizontalPodAutoscaler') return object;
  const spec = recordAt(object, 'spec');
  const target = recordAt(spec, 'scaleTargetRef');
  const [apiVersion, kind] = [textAt(target, 'apiVersion'), textAt(target, 'kind')];
  if (apiVersion === undefined || kind === undefined || served.has(apiVersion, kind)) return object;
  const end = stepsToServed(apiVersion, kind, served)?.at(-1);
  if (!end) return object;
  return { ...object, spec: { ...spec, scaleTargetRef: { ...target, apiVersion: end.to } } };
}

function unsupported({ apiVersion, kind }: KubernetesObject): never {
  const versions = newestFirst([apiVersion, ...reachable(kind, apiVersion).keys()]);
  throw new RejectedError('UnsupportedCapability', `The location serves no ${kind} of ${versions.join(', ')}`, {
    hint: 'Install what serves it at the location, or take the resource out of the branch rule.',
  });
}

function withoutGone(object: KubernetesObject): KubernetesObject {
  const { apiVersion, kind } = object;
  const gone = TABLE.gone.find((one) => one.kind === kind && one.versions.includes(apiVersion));
  if (!gone) return object;
  throw noTranslation(nameOf(object), apiVersion, [], 'Kubernetes took the kind away', gone.instead);
}

const nameOf = ({ kind, metadata }: KubernetesObject): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
