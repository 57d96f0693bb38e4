import type { EnvironmentRow, MigrationRow } from '@waybill/views';
import type * as Api from '../../graphql.gen.js';

/** How far each environment is, from its row and that of its copy. */
export function toMigration(
  row: MigrationRow,
  left: readonly EnvironmentRow[],
  there: readonly EnvironmentRow[],
): Api.Migration {
  const copies = new Map(there.map((copy) => [copy.name, copy]));
  const environments = left.flatMap((old) => {
    const name = `${old.project}.${old.slot}@${row.to}`;
    const copy = copies.get(name);
    const found = stepOf(row, old, copy?.migratedFrom === old.name ? copy : undefined);
    if (!found) return [];
    const { project, slot } = old;
    return { project, slot, from: old.name, to: name, ...found, cutOverAt: old.cutOverAt };
  });
  const { location, number, to, resources, removal, phase, removalBegun, startedAt, finishedAt } = row;
  return {
    location,
    number,
    to,
    resources,
    removal: { when: removal.when, seconds: removal.when === 'after' ? removal.seconds : null },
    state: phase,
    revertible: (phase === 'running' || phase === 'stopped') && !removalBegun,
    startedAt,
    finishedAt,
    environments,
  };
}

type Step = Pick<Api.MigratingEnvironment, 'step' | 'message'>;

function stepOf({ phase }: MigrationRow, old: EnvironmentRow, copy: EnvironmentRow | undefined): Step | undefined {
  const step = (name: string, message: string | null = null): Step => ({ step: name, message });
  if (old.migratedTo !== null) {
    if (old.state === 'removed') return step('moved');
    return old.current === null ? step('removing', old.message) : step('cut-over');
  }
  // Removed before its copy counted: it is no part of the migration any more.
  if (old.current === null) return undefined;
  if (phase === 'reverted')
    return copy && copy.state !== 'removed' ? step('removing-copy', copy.message) : step('kept');
  if (old.copyProblem !== null) return step('refused', old.copyProblem);
  if (!copy || copy.current === null) return step('pending');
  switch (copy.state) {
    case 'healthy':
    case 'delivered':
      return step('healthy');
    case 'failed':
    case 'rejected':
      return step('failed', copy.message);
    case 'waiting':
      return step('waiting', copy.message);
    case 'deploying':
    case 'removing':
    case 'removed':
      return step('deploying', copy.message);
  }
}
