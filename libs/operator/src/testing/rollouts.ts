import type { LiveObject } from '@waybill/adapters';
import { type MemoryCluster, referenceTo } from './memory-cluster.js';

/** What the cluster's Deployment controller does in a test. */
export interface Rollouts {
  /** From here on Deployments stay where they are until they are let go. */
  hold(): void;
  release(): void;
}

/** Rolls every Deployment out as soon as it is written, as a cluster with ready nodes does. */
export function rollOut(cluster: MemoryCluster): Rollouts {
  let held = false;

  function bring(object: LiveObject): void {
    const spec = object['spec'] as { replicas?: number };
    const status = object['status'] as { observedGeneration?: number } | undefined;
    if (held || object.kind !== 'Deployment' || status?.observedGeneration === object.metadata.generation) return;
    const { namespace, name, generation } = object.metadata;
    const reference = referenceTo('apps/v1', 'Deployment', namespace!, name);
    if (cluster.get(reference)?.metadata.uid !== object.metadata.uid) return;
    const replicas = spec.replicas ?? 1;
    cluster.edit(reference, (live) => {
      (live as { status?: unknown }).status = {
        observedGeneration: generation,
        replicas,
        updatedReplicas: replicas,
        readyReplicas: replicas,
        availableReplicas: replicas,
        conditions: [
          { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: '' },
          { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: '' },
        ],
      };
    });
  }

  cluster.onWritten(bring);
  return {
    hold: () => void (held = true),
    release() {
      held = false;
      for (const object of cluster.all('Deployment')) bring(object);
    },
  };
}
