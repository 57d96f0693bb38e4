import type { KubernetesObject, LiveObject } from '@waybill/adapters';
import { LOCATION_LABEL, type Release, releaseName } from '../release-resource/release.js';

export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const MANAGED_BY = 'waybill';
export const GENERATION_ANNOTATION = 'waybill.dev/generation';

type Environment = Pick<Release['spec'], 'project' | 'slot' | 'location'>;

const labelsOf = ({ metadata }: KubernetesObject): Readonly<Record<string, string>> => metadata.labels ?? {};

/** The planned object with the label that says which location's operator applied it. */
export function labelled(object: KubernetesObject, location: string): KubernetesObject {
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...labelsOf(object), [LOCATION_LABEL]: location } },
  };
}

/**
 * Whether the labels say that Waybill made it for this environment. Without a location it came through a repository,
 * before the location was delivered by its operator.
 */
export function carriesOurLabels(object: KubernetesObject, { project, slot, location }: Environment): boolean {
  const labels = labelsOf(object);
  return (
    labels[MANAGED_BY_LABEL] === MANAGED_BY &&
    labels['waybill.dev/project'] === project &&
    labels['waybill.dev/slot'] === slot &&
    (labels[LOCATION_LABEL] ?? location) === location
  );
}

/** Name of the Release an object belongs to by its labels; undefined when it is not of this location. */
export function releaseOf(object: LiveObject, location: string): string | undefined {
  const { 'waybill.dev/project': project, 'waybill.dev/slot': slot, ...labels } = labelsOf(object);
  if (project === undefined || slot === undefined || (labels[LOCATION_LABEL] ?? location) !== location)
    return undefined;
  return releaseName({ project, slot });
}

/** For people: whose an object is that is not ours. */
export function ownerOf(object: LiveObject): string {
  const labels = labelsOf(object);
  const { 'waybill.dev/project': project, 'waybill.dev/slot': slot, [LOCATION_LABEL]: location } = labels;
  if (labels[MANAGED_BY_LABEL] === MANAGED_BY && project !== undefined && slot !== undefined) {
    return `the environment ${project}.${slot}${location === undefined ? '' : `@${location}`}`;
  }
  return labels[MANAGED_BY_LABEL] ?? 'somebody else';
}

export const generationOf = ({ metadata }: KubernetesObject): number =>
  Number(metadata.annotations?.[GENERATION_ANNOTATION]);
