import type { KubernetesObject } from '@waybill/adapters';
import type { DesiredRecord, DesiredState } from '@waybill/channel';
import {
  LOCATION_LABEL,
  RELEASE_API_VERSION,
  RELEASE_FINALIZER,
  RELEASE_KIND,
  type Release,
  type ReleaseSpec,
  releaseName,
} from './release.js';

/** What the operator decides for every Release it writes; people may change it on the resource, and it stays so. */
export interface ReleaseDefaults {
  readonly progressDeadlineSeconds: number;
  readonly driftPolicy: ReleaseSpec['driftPolicy'];
}

/** The spec of a record; what people set on the resource before is kept. */
export function specOf(record: DesiredRecord, defaults: ReleaseDefaults, before?: ReleaseSpec): ReleaseSpec {
  const { environment, generation, state, release, digest, desired, directive, correlationId, causationId } = record;
  return {
    project: environment.project,
    slot: environment.slot,
    location: environment.location,
    ...(release === null ? {} : { releaseId: release }),
    ...(desired && madeOf(desired)),
    generation,
    ...(digest === null ? {} : { digest }),
    state: state === 'present' ? 'Present' : 'Absent',
    correlationId,
    causationId,
    progressDeadlineSeconds: before?.progressDeadlineSeconds ?? defaults.progressDeadlineSeconds,
    driftPolicy: before?.driftPolicy ?? defaults.driftPolicy,
    suspend: before?.suspend ?? false,
    ...(directive && { directive }),
  };
}

/** The same spec with this desired state, and with what only repeats it. */
export const withDesired = (spec: ReleaseSpec, desired: DesiredState): ReleaseSpec => ({ ...spec, ...madeOf(desired) });

const madeOf = (desired: DesiredState): Pick<ReleaseSpec, 'ref' | 'image' | 'strategy' | 'desired'> => ({
  ref: desired.ref,
  image: imageOf(desired),
  strategy: desired.strategy.type,
  desired,
});

function imageOf({ deliverable }: DesiredState): string {
  return deliverable.kind === 'image'
    ? `${deliverable.image}@${deliverable.digest}`
    : `${deliverable.package}-${deliverable.version}`;
}

/** A Release as it is created. */
export function newRelease(namespace: string, spec: ReleaseSpec): KubernetesObject {
  return {
    apiVersion: RELEASE_API_VERSION,
    kind: RELEASE_KIND,
    metadata: {
      name: releaseName(spec),
      namespace,
      labels: {
        'app.kubernetes.io/name': spec.project,
        'app.kubernetes.io/managed-by': 'waybill',
        'waybill.dev/project': spec.project,
        'waybill.dev/slot': spec.slot,
        [LOCATION_LABEL]: spec.location,
      },
      finalizers: [RELEASE_FINALIZER],
    },
    spec: spec as never,
  };
}

/** The same Release with another spec; the API server compares the version it was read at. */
export const withSpec = (release: Release, spec: ReleaseSpec): Release => ({
  ...release,
  metadata: {
    ...release.metadata,
    finalizers: [...new Set([...(release.metadata.finalizers ?? []), RELEASE_FINALIZER])],
  },
  spec,
});
