import type { JsonObject } from '@waybill/kernel';
import { bothTracksLabels, namespaceOf, ownMetadata, trackLabels } from '../plan/naming.js';
import type { KubernetesObject } from '../plan/objects.js';
import type { PlanInput } from '../plan/planner.js';
import { isMeshed, isPreviewed, plannedTrack, previewName } from '../plan/tracks.js';

/** The Service, and beside it the one under which a version is reached that takes no traffic yet. */
export function services(input: PlanInput): KubernetesObject[] {
  const { desired, generation, resource, tracks } = input;
  const metadata = ownMetadata(desired, generation, namespaceOf(resource.parameters));
  const preview = { ...metadata, name: previewName(desired) };
  return [
    service(input, metadata, selector(input)),
    ...(isPreviewed(input) ? [service(input, preview, trackLabels(desired, plannedTrack(tracks)))] : []),
  ];
}

function service({ desired }: PlanInput, metadata: KubernetesObject['metadata'], selector: JsonObject) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      selector,
      ports: desired.service.ports.map(({ name, port, protocol }) => ({
        name,
        port,
        targetPort: name,
        protocol: 'TCP',
        appProtocol: protocol,
      })),
    },
  };
}

/**
 * Istio's subsets are cut out of what the Service selects, so with a mesh it holds both tracks for as long as both are
 * there. Without one it is what steers: to both while the share of replicas is the share of traffic, otherwise to one.
 */
function selector({ desired, tracks }: PlanInput): Record<string, string> {
  const { active, candidate } = tracks;
  if (candidate) {
    if (isMeshed(desired)) return bothTracksLabels(desired);
    if (candidate.weight === 100) return trackLabels(desired, plannedTrack(tracks));
    if (candidate.weight > 0) return bothTracksLabels(desired);
  }
  return trackLabels(desired, active);
}
