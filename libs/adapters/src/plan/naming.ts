import type { DesiredState } from '@waybill/channel';
import type { Track } from '@waybill/domain';
import { sha256 } from '@waybill/kernel';
import type { ObjectMetadata } from './objects.js';
import { RejectedError } from './rejected.js';

/**
 * Name of every object of an environment: `--` stands in neither part, so it can be taken apart again. `part` tells
 * objects of one kind apart.
 */
export function objectName({ project, slot }: DesiredState['environment'], part?: string): string {
  const name = `${project}--${slot}${part === undefined ? '' : `--${part}`}`;
  // RFC 1123 label: what a Service, the strictest of our kinds, takes.
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name) || name.length > 63) {
    throw new RejectedError('InvalidName', `${name} cannot be the name of an object`, {
      hint: 'Shorten the project key or the branch name: together 63 characters at most.',
    });
  }
  return name;
}

/** Label of pods and Deployments: which of the two versions that may run beside each other they are. */
export const TRACK_LABEL = 'waybill.dev/track';

/** What the pods of a track are found by. A Deployment's selector can never be changed: nor may this. */
export function trackLabels(desired: DesiredState, track: Track): Record<string, string> {
  return { ...bothTracksLabels(desired), [TRACK_LABEL]: track };
}

/** What the pods of the environment are found by, whichever version they run. */
export function bothTracksLabels(desired: DesiredState): Record<string, string> {
  return {
    'app.kubernetes.io/name': desired.environment.project,
    'app.kubernetes.io/instance': objectName(desired.environment),
  };
}

export function objectLabels(desired: DesiredState): Record<string, string> {
  const { project, slot } = desired.environment;
  return {
    'app.kubernetes.io/name': project,
    'app.kubernetes.io/instance': objectName(desired.environment),
    'app.kubernetes.io/version': versionLabel(desired.deliverable),
    'app.kubernetes.io/managed-by': 'waybill',
    'waybill.dev/project': project,
    'waybill.dev/slot': slot,
  };
}

/** Where an object came from. Annotations, never labels: their values are unbounded. */
export function traceAnnotations(desired: DesiredState, generation: number): Record<string, string> {
  return {
    'waybill.dev/release': desired.release,
    'waybill.dev/generation': String(generation),
    [`waybill.dev/${desired.ref.kind}`]: desired.ref.name,
    'waybill.dev/commit': desired.commit,
    ...(desired.trace.pipelineId === null ? {} : { 'waybill.dev/pipeline-id': desired.trace.pipelineId }),
    ...(desired.trace.jobId === null ? {} : { 'waybill.dev/job-id': desired.trace.jobId }),
  };
}

/** Metadata of an object that Waybill makes itself. */
export function ownMetadata(desired: DesiredState, generation: number, namespace: string): ObjectMetadata {
  return {
    name: objectName(desired.environment),
    namespace,
    labels: objectLabels(desired),
    annotations: traceAnnotations(desired, generation),
  };
}

/** The namespace a resource's parameters name, `default` otherwise. */
export function namespaceOf(parameters: DesiredState['resources'][number]['parameters']): string {
  const { namespace } = parameters;
  if (namespace === undefined) return 'default';
  if (typeof namespace === 'string' && /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
  throw new RejectedError('InvalidName', `${String(namespace)} cannot be the name of a namespace`, {
    hint: 'Change the parameter `namespace` of the resource.',
  });
}

/**
 * Tag of the image, or the beginning of its digest, or the version of the package; made into a label value: letters,
 * digits and `-_.`, beginning and ending with a letter or digit, 63 characters at most
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
 */
function versionLabel(deliverable: DesiredState['deliverable']): string {
  if (deliverable.kind === 'rpm') return labelValue(deliverable.version);
  const tag = /:([^/:]+)$/.exec(deliverable.image)?.[1];
  return tag === undefined ? deliverable.digest.replace(':', '-').slice(0, 19) : labelValue(tag);
}

function labelValue(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  if (plain === text && text.length <= 63) return text;
  // Two texts must not become one value, so what was changed or cut says so.
  return `${plain.slice(0, 52)}-${sha256(text).slice(0, 10)}`.replace(/^-/, '');
}
