import type { DesiredState } from '@waybill/channel';
import { namespaceOf, ownMetadata } from '../plan/naming.js';
import type { KubernetesObject } from '../plan/objects.js';
import type { PlanInput } from '../plan/planner.js';
import { deploymentName, plannedTrack } from '../plan/tracks.js';

type Scaling = NonNullable<DesiredState['service']['autoscaling']>;

/** Scales the active track, and the candidate from the moment on that it takes all the traffic. */
export function autoscaler(input: PlanInput, scaling: Scaling): KubernetesObject {
  const { desired, generation, resource, tracks } = input;
  const track = tracks.candidate && tracks.candidate.weight < 100 ? tracks.active : plannedTrack(tracks);
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: ownMetadata(desired, generation, namespaceOf(resource.parameters)),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: deploymentName(desired.environment, track) },
      minReplicas: scaling.minReplicas,
      maxReplicas: scaling.maxReplicas,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: scaling.targetCpuPercent } },
        },
      ],
    },
  };
}
