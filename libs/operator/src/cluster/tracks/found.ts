import { type LiveObject, TRACK_LABEL, otherTrack } from '@waybill/adapters';
import type { Track } from '@waybill/domain';
import type { StandingTracks } from '../../release-resource/release.js';
import { generationOf } from '../ownership.js';

/**
 * The tracks of an environment whose Release does not tell of them: somebody deleted it while no operator looked. What
 * a route gives all traffic to is active; where two share it, the older one is.
 */
export function foundTracks(objects: readonly LiveObject[]): StandingTracks {
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  const on = (track: Track): LiveObject | undefined =>
    deployments.find(({ metadata }) => metadata.labels?.[TRACK_LABEL] === track);
  const [blue, green] = [on('blue'), on('green')];
  if (!green) return { active: 'blue' };
  if (!blue) return { active: 'green' };
  const alone = soleTarget(objects);
  const active = alone ?? (generationOf(blue) <= generationOf(green) ? 'blue' : 'green');
  return { active, candidate: otherTrack(active), leaving: true };
}

/** The one track that traffic goes to, when it goes to one. */
function soleTarget(objects: readonly LiveObject[]): Track | undefined {
  const route = objects.find(({ kind }) => kind === 'VirtualService');
  if (route) {
    const named = [...JSON.stringify(route['spec']).matchAll(/"subset":"(blue|green)"/g)].map(([, track]) => track);
    return new Set(named).size === 1 ? (named[0] as Track) : undefined;
  }
  const service = objects.find(({ kind, metadata }) => kind === 'Service' && !metadata.name.endsWith('--preview'));
  const { selector = {} } = (service?.['spec'] ?? {}) as { selector?: Record<string, string> };
  const track = selector[TRACK_LABEL];
  return track === 'blue' || track === 'green' ? track : undefined;
}
