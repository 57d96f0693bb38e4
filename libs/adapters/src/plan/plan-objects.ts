import type { DesiredState } from '@waybill/channel';
import type { ObjectReference, ResourceKind } from '@waybill/domain';
import { canonicalText, sha256 } from '@waybill/kernel';
import { planIstio } from '../istio/plan.js';
import { planKubernetes } from '../kubernetes/plan.js';
import { inServedVersions } from '../versions/in-served-versions.js';
import type { Capabilities } from './capabilities.js';
import { extraObjects } from './extra-manifests.js';
import { type KubernetesObject, identityOf, inApplyOrder, referenceOf } from './objects.js';
import type { Planner } from './planner.js';
import { RejectedError } from './rejected.js';
import type { Tracks } from './tracks.js';

export interface Plan {
  /** In the order in which they are applied. */
  readonly objects: readonly KubernetesObject[];
  /** SHA-256 over the RFC 8785 text of the objects. */
  readonly inventoryHash: string;
  readonly references: readonly ObjectReference[];
}

/** What turns each kind of resource into objects. A kind that is not here is rejected by name. */
const PLANNERS: Partial<Record<ResourceKind, Planner>> = {
  kubernetes: planKubernetes,
  istio: planIstio,
};

/** Most objects of one environment: what a report of them can carry. */
const MAX_OBJECTS = 1000;

/**
 * What stands at a location when `desired` runs there. Pure: no clock, no network, the same input gives the same plan.
 * With a candidate in `tracks` it is what is applied while that takes its share of the traffic: all but the Deployment of
 * the active track, which is kept as it stands. Without `tracks` it is what stands where nothing stood before. Throws
 * {@link RejectedError} when a resource, the deliverable or an extra manifest cannot be planned.
 */
export function planObjects(
  desired: DesiredState,
  generation: number,
  capabilities: Capabilities,
  tracks: Tracks = { active: 'blue' },
): Plan {
  const planned = desired.resources.flatMap((resource) => {
    const planner = PLANNERS[resource.kind];
    if (planner) return planner({ desired, generation, capabilities, resource, tracks });
    throw new RejectedError('UnsupportedResource', `There is no adapter for ${resource.kind} (${resource.resource})`, {
      hint: `Take ${resource.resource} out of the branch rule.`,
    });
  });
  const written = { own: planned, extra: extraObjects(desired, generation) };
  const objects = inApplyOrder(inServedVersions(written, capabilities));
  if (objects.length > MAX_OBJECTS) {
    throw new RejectedError('TooManyObjects', `${objects.length} objects are planned, ${MAX_OBJECTS} is the most`, {
      hint: 'Split the project, or deliver the extra objects by other means.',
    });
  }
  refuseDuplicates(objects);
  return { objects, inventoryHash: sha256(canonicalText(objects)), references: objects.map(referenceOf) };
}

/** For a location where nobody shifts traffic. */
export function refuseSteps({ strategy }: DesiredState): void {
  if (strategy.type === 'rolling') return;
  throw new RejectedError('UnsupportedStrategy', `There is no adapter for the strategy ${strategy.type}`, {
    hint: 'Use the strategy rolling in the branch rule and in waybill.yaml, or a location that an operator delivers to.',
  });
}

function refuseDuplicates(objects: readonly KubernetesObject[]): void {
  const seen = new Set<string>();
  for (const object of objects) {
    const identity = identityOf(object);
    if (seen.has(identity)) {
      const { kind, metadata } = object;
      throw new RejectedError(
        'DuplicateObject',
        `${kind} ${metadata.namespace ?? ''}/${metadata.name} is there twice`,
        {
          hint: 'Rename the object in manifests/, or leave out the one that Waybill makes itself.',
        },
      );
    }
    seen.add(identity);
  }
}
