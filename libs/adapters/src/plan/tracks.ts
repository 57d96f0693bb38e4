import type { DesiredState } from '@waybill/channel';
import type { Track } from '@waybill/domain';
import { objectName } from './naming.js';

export const TRACKS = ['blue', 'green'] as const satisfies readonly Track[];

/** Which track takes the traffic, and how much the other one takes while a new version comes up on it. */
export interface Tracks {
  readonly active: Track;
  /** There while a rollout in steps is under way. Percent of traffic, 0 to 100. */
  readonly candidate?: { readonly weight: number };
}

export const otherTrack = (track: Track): Track => (track === 'blue' ? 'green' : 'blue');

/** The track that the planned version runs on. */
export const plannedTrack = ({ active, candidate }: Tracks): Track => (candidate ? otherTrack(active) : active);

export const deploymentName = (environment: DesiredState['environment'], track: Track): string =>
  objectName(environment, track === 'blue' ? undefined : track);

/** Whether traffic is steered by Istio; a service without ports takes none. */
export const isMeshed = ({ resources, service }: DesiredState): boolean =>
  service.ports.length > 0 && resources.some(({ kind }) => kind === 'istio');

/** What of the traffic goes to which track, all of it together 100; a track that takes none is not there. */
export function trackWeights({ active, candidate }: Tracks): { readonly track: Track; readonly weight: number }[] {
  const weight = candidate?.weight ?? 0;
  return [
    { track: active, weight: 100 - weight },
    { track: otherTrack(active), weight },
  ].filter((share) => share.weight > 0);
}

/** Name of the Service, and of the route, to a version that takes no traffic yet. */
export const previewName = ({ environment }: DesiredState): string => objectName(environment, 'preview');

export const isPreviewed = ({ desired, tracks }: { desired: DesiredState; tracks: Tracks }): boolean =>
  desired.strategy.type === 'blue-green' && tracks.candidate !== undefined && desired.service.ports.length > 0;
