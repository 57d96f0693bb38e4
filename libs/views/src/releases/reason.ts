import { assertNever } from '@waybill/kernel';
import { holdSentence, releaseReason, type ReleaseLocationState, type ReleasePhase } from '@waybill/domain';
import type { RowOf } from '../table.js';
import type { ReleaseLocation, ReleaseStateName, releaseTable } from './table.js';

type ReleaseRecord = RowOf<typeof releaseTable.columns>;

/** Why a release is in its state, in a sentence or two: the words of the domain, over a row. */
export function reasonOf(row: ReleaseRecord): string {
  const [first, ...others] = row.holds;
  if (row.state === 'HELD' && first) {
    const more = others.length === 1 ? 'Another thing holds it too.' : `${others.length} more things hold it too.`;
    return others.length === 0 ? holdSentence(first).message : `${holdSentence(first).message} ${more}`;
  }
  const stages = stagesOf(row.locations);
  const started = row.locations.filter((it) => it.state === 'deploying').map((it) => it.stage);
  return releaseReason({
    phase: phaseOf(row.state),
    requested: { project: row.project, ref: { kind: row.refKind, name: row.ref } },
    rule: row.rule,
    unmatched: row.unmatched,
    holds: row.holds,
    stages,
    currentStage: started.length > 0 ? Math.min(...started) : null,
    locations: Object.fromEntries(row.locations.map((it) => [it.location, toState(it)])),
    outcome: row.outcome,
    cancelCause: row.cancelCause,
  });
}

function phaseOf(state: ReleaseStateName): ReleasePhase {
  switch (state) {
    case 'UNMATCHED':
      return 'unmatched';
    case 'HELD':
      return 'held';
    case 'PREPARING':
      return 'preparing';
    case 'DEPLOYING':
      return 'deploying';
    case 'COMPLETED':
    case 'SUPERSEDED':
      return 'completed';
    case 'FAILED':
      return 'failed';
    case 'REFUSED':
      return 'refused';
    case 'CANCELLED':
      return 'cancelled';
    default:
      return assertNever(state);
  }
}

function stagesOf(locations: readonly ReleaseLocation[]): readonly (readonly string[])[] {
  const stages: string[][] = [];
  for (const { location, stage } of locations) (stages[stage] ??= []).push(location);
  return stages;
}

function toState({ stage, generation, state, message }: ReleaseLocation): ReleaseLocationState {
  return state === 'pending' || state === 'deploying'
    ? { stage }
    : { stage, generation, outcome: state, ...(message === null ? {} : { message }) };
}

/** Why nothing moves at a location whose operator is absent. `since`: when it fell silent, null if it never connected. */
export const absenceSentence = (location: string, since: string | null): string =>
  since === null
    ? `No operator has connected at ${location} yet.`
    : `The operator of ${location} has not been heard of since ${since}.`;
