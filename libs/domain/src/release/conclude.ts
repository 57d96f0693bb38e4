import { WaybillError } from '@waybill/kernel';
import type { ReleaseCommand } from './commands.js';
import type { LocationOutcome, ReleaseEvent } from './events.js';
import { evolveRelease, locationOf, type ReleaseState } from './state.js';

/**
 * The first outcome of a location is the one that counts for the release; what happens there later stands with its
 * deployment. The last outcome of a stage starts the next one or ends the release.
 */
export function concludeLocation(
  { data }: Extract<ReleaseCommand, { type: 'ConcludeLocation' }>,
  state: ReleaseState,
): ReleaseEvent[] {
  const location = locationOf(state, data.location);
  if (!location || location.stage > (state.currentStage ?? -1)) {
    throw new WaybillError('INVALID_STATE', `release ${data.release} is not being deployed to ${data.location}`, {
      hint: 'Only locations of stages that were started have an outcome.',
    });
  }
  if (location.outcome !== undefined) return [];
  const concluded: ReleaseEvent = { type: 'LocationConcluded', data };
  if (state.phase !== 'deploying') return [concluded];
  return [concluded, ...next(data.release, evolveRelease(state, concluded))];
}

/**
 * From here on another location counts in place of this one. One that has its outcome keeps it; where the release goes
 * to both by its rule, this one is over.
 */
export function redirectLocation(
  { data }: Extract<ReleaseCommand, { type: 'RedirectLocation' }>,
  state: ReleaseState,
): ReleaseEvent[] {
  const { release, location, to } = data;
  const known = locationOf(state, location);
  if (!known || known.outcome !== undefined) return [];
  if (!locationOf(state, to)) return [{ type: 'LocationMigrated', data }];
  const message = `${location} was migrated to ${to}`;
  const concluded: ReleaseEvent = {
    type: 'LocationConcluded',
    data: { release, location, generation: null, outcome: 'superseded', message },
  };
  if (state.phase !== 'deploying') return [concluded];
  return [concluded, ...next(release, evolveRelease(state, concluded))];
}

function next(release: string, { stages, currentStage, locations }: ReleaseState): ReleaseEvent[] {
  const stage = currentStage ?? 0;
  const names = stages[stage] ?? [];
  if (names.some((name) => locations[name]?.outcome === undefined)) return [];
  const failed = names.filter((name) => isFailure(locations[name]?.outcome));
  if (failed.length > 0) return [{ type: 'ReleaseFailed', data: { release, failed } }];
  const following = stages[stage + 1];
  if (following) {
    return [{ type: 'StageStarted', data: { release, stage: stage + 1, locations: [...following] } }];
  }
  return [{ type: 'ReleaseCompleted', data: { release, outcome: overall(Object.values(locations)) } }];
}

const isFailure = (outcome: LocationOutcome | undefined): boolean => outcome === 'failed' || outcome === 'rejected';

/**
 * Locations where a newer release took its place do not count, unless they all are such. `delivered` is all that can be
 * said when one of the others is only known to have its state in a repository.
 */
function overall(locations: readonly { readonly outcome?: LocationOutcome }[]): 'healthy' | 'delivered' | 'superseded' {
  const kept = locations.filter(({ outcome }) => outcome !== 'superseded' && outcome !== 'cancelled');
  if (kept.length === 0) return 'superseded';
  return kept.every(({ outcome }) => outcome === 'healthy') ? 'healthy' : 'delivered';
}
