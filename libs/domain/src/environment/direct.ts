import { WaybillError, assertNever } from '@waybill/kernel';
import { environmentName } from '../streams.js';
import type { EnvironmentCommand, RolloutContext } from './commands.js';
import type { Directive, EnvironmentEvent } from './events.js';
import type { EnvironmentState } from './state.js';

type DirectRollout = Extract<EnvironmentCommand, { type: 'DirectRollout' }>;

/**
 * Whoever races is put in sequence by the environment's stream: the newest directive of the newest generation counts,
 * and after an `abort` none does. What would change nothing is no event.
 */
export function directRollout({ data, context, metadata }: DirectRollout, state: EnvironmentState): EnvironmentEvent[] {
  const { environment, generation, directive, full } = data;
  const name = environmentName(environment);
  const { current } = state;
  if (!current || !context) throw nothingWanted(name);
  if (current.generation !== generation) throw notNewest(name, generation, state.generation);
  refuseWithoutSteps(name, current.generation, context);
  const last = state.directive;
  if (last?.kind === 'abort') {
    if (directive === 'abort') return [];
    throw refused(`the rollout of ${name} was aborted: generation ${generation} takes no directive any more`, AGAIN);
  }
  refuseEnded(name, generation, context);
  const step = directive === 'promote' ? promotedStep(name, data, context) : undefined;
  if (changesNothing(directive, full, step, last)) return [];
  if (directive === 'resume' && last?.kind !== 'pause') {
    throw refused(
      `nobody paused the rollout of ${name}: there is nothing to resume`,
      'To end the pause of a step, promote it.',
    );
  }
  const { actor } = metadata;
  const by = actor.kind === 'person' || actor.kind === 'service' ? actor.id : null;
  const seq = (last?.seq ?? 0) + 1;
  return [
    {
      type: 'RolloutDirected',
      data: { environment, generation, seq, directive, full, ...(step !== undefined && { step }), by },
    },
  ];
}

/**
 * The step whose pause a promote ends: the one it names, else where the rollout stands by what was reported, so that two
 * people who promote one pause end one. All the way is no step's. A canary has nothing to wait for before its first step.
 */
function promotedStep(
  name: string,
  { step, full }: DirectRollout['data'],
  context: RolloutContext,
): number | undefined {
  const at = Math.max(context.step, context.strategy === 'canary' ? 1 : 0);
  if (step !== undefined && step > context.of) {
    const message = `step ${step} is not one of the rollout of ${name}: it has ${context.of}`;
    throw new WaybillError('INVALID_INPUT', message, { fields: [{ field: 'step', message: `at most ${context.of}` }] });
  }
  if (step !== undefined && step < at) {
    throw refused(
      `step ${step} is not waited at: the rollout of ${name} is at step ${context.step} of ${context.of}`,
      `Look again (waybill status ${name}), and promote step ${at} if you mean that one.`,
    );
  }
  return full ? undefined : (step ?? at);
}

const AGAIN = 'Ask for a new release to try again.';

function refuseWithoutSteps(name: string, generation: number, { strategy }: RolloutContext): void {
  if (strategy !== 'rolling') return;
  throw refused(
    `generation ${generation} of ${name} is rolled out in one go: its strategy is rolling`,
    'Give the branch rule a canary or a blue-green, or cancel the release.',
  );
}

function refuseEnded(name: string, generation: number, { outcome, returned }: RolloutContext): void {
  const refuse = (how: string, hint: string): never => {
    throw refused(`the rollout of generation ${generation} of ${name} has ended: ${how}`, hint);
  };
  if (returned) return refuse('it went back to what ran before', AGAIN);
  switch (outcome) {
    case null:
      return;
    case 'healthy':
    case 'delivered':
      return refuse(`it is ${outcome}`, 'Roll back with waybill rollback <release>.');
    case 'failed':
    case 'rejected':
      return refuse(`it ${outcome === 'failed' ? 'failed' : 'was rejected'}`, AGAIN);
    default:
      assertNever(outcome);
  }
}

/** Twice is once; a promote counts for the pause of its step, and one all the way for every pause. */
function changesNothing(
  kind: Directive['kind'],
  full: boolean,
  step: number | undefined,
  last: Directive | null,
): boolean {
  if (!last || kind !== last.kind) return false;
  return kind !== 'promote' || last.full || (!full && step === last.step);
}

function notNewest(name: string, generation: number, newest: number): WaybillError {
  return new WaybillError('INVALID_STATE', `generation ${generation} of ${name} is not the newest: ${newest} is`, {
    hint: `Look at generation ${newest} (waybill environment show ${name}) before you direct that one.`,
  });
}

const nothingWanted = (name: string): WaybillError =>
  new WaybillError('INVALID_STATE', `nothing is to run in ${name}: there is no rollout`, {
    hint: 'waybill status shows what is deployed where.',
  });

const refused = (message: string, hint: string): WaybillError => new WaybillError('INVALID_STATE', message, { hint });
