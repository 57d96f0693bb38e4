import { type KubernetesObject, referenceOf } from '../../plan/objects.js';
import { isApiError } from './api-error.js';
import type { Cluster, LiveObject } from './cluster.js';
import { differences } from './differences.js';

export const MISSING = 'missing';
const COMPARISONS = 3;

/**
 * Where `live` differs from what another apply of `object` would make of it, such as `spec.replicas`; empty when it
 * would change nothing. Asked of the server (a dry run), which alone knows its defaults and who owns what: fields that
 * others added and own are no drift. `missing` when it is not there any more. At most 200 paths.
 */
export async function driftOf(cluster: Cluster, object: KubernetesObject, live: LiveObject | null): Promise<string[]> {
  let there = live;
  for (let comparison = 1; there; comparison++) {
    const would = await dryRun(cluster, object);
    if (!would) return differences(comparable(object), comparable(there), '', { extraAllowed: true });
    if (would.metadata.uid !== there.metadata.uid) return [MISSING];
    const same = would.metadata.resourceVersion === there.metadata.resourceVersion;
    if (same || comparison === COMPARISONS) return differences(comparable(would), comparable(there));
    // What others changed in between would look like drift.
    there = await cluster.get(referenceOf(object));
  }
  return [MISSING];
}

/** Undefined when an admission webhook of the cluster refuses dry runs. */
async function dryRun(cluster: Cluster, object: KubernetesObject): Promise<LiveObject | undefined> {
  try {
    return await cluster.apply(object, { dryRun: true });
  } catch (error) {
    if (isApiError(error) && error.status === 400 && /dry.?run/i.test(error.words)) return undefined;
    throw error;
  }
}

/** What the server keeps for itself, or a controller reports, is not what was wanted. */
function comparable(object: KubernetesObject): KubernetesObject {
  const { status: _, metadata, ...rest } = object;
  const { managedFields, resourceVersion, generation, creationTimestamp, uid, selfLink, ...kept } = metadata;
  return { ...rest, metadata: kept } as KubernetesObject;
}
