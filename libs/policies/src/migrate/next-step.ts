import type { EnvironmentState, MigrationState } from '@waybill/domain';

/** One environment of a location that is migrated, and its copy, as their streams say. */
export interface MigrationLook {
  /** The location that is left. */
  readonly from: string;
  readonly migration: MigrationState;
  readonly old: EnvironmentState;
  readonly copy: EnvironmentState;
  /** Whether the newest generation of the copy is healthy, or delivered where that is all that can be known. */
  readonly copyIsGood: boolean;
  /** When the copy began to count; null while it does not. ISO 8601. */
  readonly cutOverAt: string | null;
  readonly now: string;
  /** Also what was refused before is tried. */
  readonly again: boolean;
}

export type MigrationStep =
  'copy' | 'cut-over' | 'begin-removal' | 'remove-old' | 'follow-removal' | 'cut-back' | 'remove-copy';

/**
 * The next thing to do for one environment, undefined when there is nothing or it is somebody else's turn. Pure, and a
 * function of what stands in the streams alone: after a kill the same look gives the same step.
 */
export function nextStep(look: MigrationLook): MigrationStep | undefined {
  switch (look.migration.phase) {
    case 'reverted':
      return stepBack(look);
    case 'stopped':
      // A copy that is there keeps up, so that it can go on from where it is.
      return isCopy(look) ? (followingRemoval(look) ?? copying(look)) : undefined;
    // Whoever came late to a location that is done is moved as well.
    case 'completed':
    case 'running':
      return followingRemoval(look) ?? copying(look) ?? moving(look);
  }
}

const isCopy = ({ from, migration, copy }: MigrationLook): boolean =>
  copy.copiedFrom?.location === from && copy.copiedFrom.migration === migration.number;

/** What was removed before its copy counted is wanted nowhere. */
function followingRemoval(look: MigrationLook): MigrationStep | undefined {
  const { old, copy } = look;
  const gone = old.current === null && old.cutOver === null && old.generation > 0;
  return gone && isCopy(look) && copy.current !== null && old.order > copy.order ? 'follow-removal' : undefined;
}

function copying(look: MigrationLook): MigrationStep | undefined {
  const { old, copy, migration, again } = look;
  const { current } = old;
  if (!current || holds(look)) return undefined;
  const refused = old.copyRefused?.release === current.release && old.copyRefused.migration === migration.number;
  if (refused && !again) return undefined;
  // Something newer came there by itself: that one counts.
  if (copy.current && current.order < copy.order && isCopy(look)) return undefined;
  return 'copy';
}

/** Whether the copy is one, of what runs at the location that is left. */
const holds = (look: MigrationLook): boolean =>
  isCopy(look) && look.copy.current !== null && look.copy.current.release === look.old.current?.release;

function moving(look: MigrationLook): MigrationStep | undefined {
  const { old, migration, copyIsGood } = look;
  if (!old.current || !copyIsGood || !holds(look)) return undefined;
  if (old.cutOver?.migration !== migration.number) return 'cut-over';
  if (!removalIsDue(look)) return undefined;
  return migration.removalBegun || migration.phase === 'completed' ? 'remove-old' : 'begin-removal';
}

function removalIsDue({ migration: { removal, phase }, cutOverAt, now }: MigrationLook): boolean {
  if (phase === 'completed') return true;
  switch (removal.when) {
    case 'after-healthy':
      return true;
    case 'by-hand':
      return false;
    case 'after':
      return cutOverAt !== null && Date.parse(cutOverAt) + removal.seconds * 1000 <= Date.parse(now);
  }
}

/** The original counts again before its copy goes; a copy whose original is gone stays. */
function stepBack(look: MigrationLook): MigrationStep | undefined {
  const { old, copy, migration } = look;
  if (old.cutOver?.migration === migration.number && !old.cutOver.moved) return 'cut-back';
  return isCopy(look) && copy.current && !old.cutOver?.moved ? 'remove-copy' : undefined;
}
