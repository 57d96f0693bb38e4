import { type LiveObject, deploymentName } from '@waybill/adapters';
import type { Track } from '@waybill/domain';
import { referenceOfEntry } from '../../release-resource/inventory.js';
import { environmentOf } from '../../release-resource/release.js';
import type { Pass } from '../pass.js';

/** The Deployment of a track as it stands; null when there is none of ours. */
export async function deploymentOf(pass: Pass, track: Track): Promise<LiveObject | null> {
  const name = deploymentName(environmentOf(pass.release), track);
  const entry = pass.facts.inventory.find(({ group, kind, ...its }) => {
    return group === 'apps' && kind === 'Deployment' && its.name === name;
  });
  if (!entry) return null;
  const { group, version } = entry;
  const { namespace } = referenceOfEntry(entry);
  return pass.live({
    apiVersion: `${group}/${version}`,
    kind: 'Deployment',
    metadata: { name, ...(namespace !== null && { namespace }) },
  });
}

export function replicasOf(deployment: LiveObject): number {
  const { replicas = 1 } = deployment['spec'] as { replicas?: number };
  return replicas;
}

export function availableOf(deployment: LiveObject): number {
  const { availableReplicas = 0 } = (deployment['status'] ?? {}) as { availableReplicas?: number };
  return availableReplicas;
}

/**
 * Writes the count and nothing else; true when it was another one. Not by apply: a count that was applied would go back
 * to one as soon as it is no longer, when an autoscaler takes over.
 */
export async function scale(pass: Pass, deployment: LiveObject, replicas: number): Promise<boolean> {
  if (replicasOf(deployment) === replicas) return false;
  pass.mayWrite();
  const spec = { ...(deployment['spec'] as object), replicas };
  const written = await pass.world.cluster.replace({ ...deployment, spec } as LiveObject);
  pass.keep(written);
  return true;
}
