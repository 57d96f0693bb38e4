import type { Action, Condition, Facts, ReleaseSpec } from './release.js';

type Said = Pick<Condition, 'status' | 'reason' | 'message'>;

/** Where it stands, in one word: the printer column `STEP`. */
export function stepOf(spec: Pick<ReleaseSpec, 'state' | 'suspend'>, facts: Facts): string {
  if (facts.suspended) return 'Suspended';
  if (facts.outcome)
    return { healthy: 'Steady', failed: 'Failed', rejected: 'Rejected', removed: 'Removed' }[facts.outcome.phase];
  if (spec.state === 'Absent') return 'Removing';
  const { tracks, progress } = facts;
  if (tracks?.leaving || progress?.returning) return 'Returning';
  if (facts.inventoryHash === undefined) return 'Accepted';
  if (facts.appliedHash !== facts.inventoryHash) return 'Applying';
  if (progress?.upAt !== undefined) return progress.paused ? 'Paused' : 'Shifting';
  return facts.rolledOutAt === undefined ? 'RollingOut' : 'Pruning';
}

/** How far a rollout in steps has come, in a few words: the printer column `ROLLOUT`. */
export function rolloutOf({ progress, outcome }: Facts): string | undefined {
  if (!progress || outcome) return undefined;
  const { step, of, weight, paused, returning } = progress;
  const at = `${step}/${of} at ${weight}%`;
  if (returning) return `${at}, going back: ${returning.reason}`;
  if (!paused) return at;
  const why = { step: 'pause', directive: 'by order', preview: 'preview' }[paused.why];
  return `${at}, paused: ${why}${paused.until === undefined ? '' : ` until ${paused.until}`}`;
}

/**
 * The conditions that follow from the facts. `Ready`, `Reconciling` and `Stalled` mean what kstatus takes them to mean
 * (kubernetes-sigs/cli-utils), so that other tools can wait for a Release.
 */
export function conditionsOf(
  spec: Pick<ReleaseSpec, 'state' | 'suspend'>,
  facts: Facts,
  actions: readonly Action[],
  refused?: { readonly generation: number; readonly reason: string; readonly message: string },
): Readonly<Record<string, Said>> {
  const { outcome, delay, drift, inventory } = facts;
  const step = stepOf(spec, facts);
  const stalled = outcome?.phase === 'failed' || outcome?.phase === 'rejected';
  const ended = outcome !== undefined || facts.suspended === true;
  // It ran, and what has to be done about it now cannot be done.
  const kept = outcome?.phase === 'healthy' && delay !== undefined && !facts.suspended;
  const why: Said = { status: 'False', reason: outcome?.reason ?? step, message: outcome?.message ?? '' };
  const objects = `${inventory.length} objects`;
  return {
    Ready: stalled
      ? why
      : outcome?.phase === 'removed'
        ? no('Removed', 'The environment was removed')
        : delay
          ? unknown(delay.reason, delay.message)
          : outcome?.phase === 'healthy'
            ? yes(
                'Healthy',
                drift ? 'Rolled out, and changed by somebody else since' : `${objects} stand as they should`,
              )
            : unknown(step, ''),
    Reconciling:
      ended && !kept
        ? no(step, '')
        : yes(delay?.reason ?? step, delay ? `attempt ${delay.attempt}: ${delay.message}` : ''),
    Stalled: stalled ? { ...why, status: 'True' } : no(step, ''),
    Adapted:
      facts.inventoryHash !== undefined
        ? yes('Planned', objects)
        : outcome?.phase === 'rejected'
          ? why
          : unknown(step, ''),
    Applied:
      facts.appliedHash !== undefined && facts.appliedHash === facts.inventoryHash
        ? yes('Applied', objects)
        : delay
          ? no(delay.reason, delay.message)
          : stalled
            ? why
            : unknown(step, ''),
    RolledOut: facts.rolledOutAt !== undefined ? yes('RolledOut', '') : stalled ? why : unknown(step, ''),
    ...shifted(facts),
    Pruned:
      facts.prunedAt !== undefined
        ? yes('Pruned', '')
        : outcome?.phase === 'healthy' || outcome?.phase === 'removed'
          ? yes('NothingLeft', '')
          : unknown(step, ''),
    Drifted: drift ? yes('Changed', drift.paths.join(', ').slice(0, 2000)) : no('AsApplied', ''),
    Reported: actions.length === 0 ? yes('Sent', '') : no('Waiting', `${actions.length} actions for the ledger`),
    // Only while there is one: a record that could not be kept here.
    ...(refused && { Refused: yes(refused.reason, `generation ${refused.generation}: ${refused.message}`) }),
  };
}

/** Only while a rollout in steps is under way. */
function shifted(facts: Facts): Readonly<Record<string, Said>> {
  const words = rolloutOf(facts);
  if (words === undefined) return {};
  const { paused, weight } = facts.progress!;
  return {
    TrafficShifted: weight === 100 ? yes('Shifted', words) : no('InSteps', words),
    Paused: paused ? yes(reasonOfPause(paused.why), words) : no('GoesOn', words),
  };
}

const reasonOfPause = (why: 'step' | 'directive' | 'preview'): string =>
  ({ step: 'Step', directive: 'Directive', preview: 'Preview' })[why];

/** Kubernetes' rule: the time of a transition changes with the status and with nothing else. */
export function withTransitions(
  before: readonly Condition[],
  said: Readonly<Record<string, Said>>,
  observedGeneration: number,
  now: string,
): Condition[] {
  const times = new Map(
    before.map(({ type, status, lastTransitionTime }) => [`${type} ${status}`, lastTransitionTime]),
  );
  return Object.entries(said).map(([type, { status, reason, message }]) => ({
    type,
    status,
    observedGeneration,
    lastTransitionTime: times.get(`${type} ${status}`) ?? now,
    reason: machineWord(reason),
    message,
  }));
}

/** A reason is a CamelCase word (api-conventions); what the API server refuses must not hide what happened. */
const machineWord = (reason: string): string => {
  const word = reason.replace(/[^A-Za-z0-9_]/g, '').slice(0, 100);
  return /^[A-Za-z]/.test(word) ? word : 'Unknown';
};

const yes = (reason: string, message: string): Said => ({ status: 'True', reason, message });
const no = (reason: string, message: string): Said => ({ status: 'False', reason, message });
const unknown = (reason: string, message: string): Said => ({ status: 'Unknown', reason, message });
