import { WaybillError, assertNever, canonicalText, type Actor, type Decider } from '@waybill/kernel';
import { approvalBinding, approvalIsCurrent, approvalsNeeded, isRollback } from './approvals.js';
import type { EvaluationContext, ReleaseCommand } from './commands.js';
import { concludeLocation, redirectLocation } from './conclude.js';
import { provideDeliverable } from './deliverable.js';
import type { ReleaseEvent } from './events.js';
import { holdsOf, plannedResources, stagesOf, stagesToday } from './plan.js';
import { requestRelease } from './request.js';
import { evolveRelease, initialReleaseState, isOpen, isTerminal, type ReleaseState } from './state.js';

type CommandOf<Type extends ReleaseCommand['type']> = Extract<ReleaseCommand, { type: Type }>;

/**
 * What people ask at the wrong time is `INVALID_STATE`; what policies send too late (configuration, evaluation,
 * outcomes) is nothing to do, since their source cannot know better.
 */
export const releaseDecider: Decider<ReleaseState, ReleaseCommand, ReleaseEvent> = {
  initialState: initialReleaseState,
  decide(command, state) {
    if (command.type === 'RequestRelease') {
      return thenEvaluate(requestRelease(command, state), command.data, command.context.evaluation, state);
    }
    if (state.phase === 'none') {
      throw new WaybillError('NOT_FOUND', `there is no release ${command.data.release}`);
    }
    switch (command.type) {
      case 'ProvideDeliverable':
        return thenEvaluate(provideDeliverable(command, state), command.data, command.context, state);
      case 'RecordConfigResolved':
        return thenEvaluate(recordConfig(command, state), command.data, command.context, state);
      case 'RecordConfigUnresolved':
        return thenEvaluate(recordConfigProblem(command, state), command.data, command.context, state);
      case 'EvaluateRelease':
        return evaluate(command.data.release, command.context, state);
      case 'ApproveRelease':
        return thenEvaluate(approve(command, state), command.data, command.context, state);
      case 'RefuseRelease':
        return refuse(command, state);
      case 'CancelRelease':
        return cancel(command, state);
      case 'ConcludeLocation':
        return concludeLocation(command, state);
      case 'RedirectLocation':
        return redirectLocation(command, state);
      default:
        return assertNever(command);
    }
  },
  evolve: evolveRelease,
};

/** A retry or a rollback keeps the configuration as it stood. */
const keepsConfig = (state: ReleaseState): boolean =>
  state.config !== null && (state.requested?.trigger === 'retry' || state.requested?.trigger === 'rollback');

function recordConfig({ data }: CommandOf<'RecordConfigResolved'>, state: ReleaseState): ReleaseEvent[] {
  if (!isOpen(state) || keepsConfig(state)) return [];
  if (canonicalText(state.config) === canonicalText(data.config)) return [];
  return [{ type: 'ConfigResolved', data }];
}

function recordConfigProblem({ data }: CommandOf<'RecordConfigUnresolved'>, state: ReleaseState): ReleaseEvent[] {
  if (!isOpen(state) || keepsConfig(state)) return [];
  const known = state.configProblem && { release: data.release, ...state.configProblem };
  if (canonicalText(known) === canonicalText(data)) return [];
  return [{ type: 'ConfigUnresolved', data }];
}

/** Something changed that may have held the release: there is no moment in which nobody has looked. */
function thenEvaluate(
  changes: ReleaseEvent[],
  { release }: { readonly release: string },
  context: EvaluationContext | Pick<EvaluationContext, 'approvers'> | undefined,
  state: ReleaseState,
): ReleaseEvent[] {
  if (changes.length === 0 || !context || !('missing' in context)) return changes;
  return [...changes, ...evaluate(release, context, changes.reduce(evolveRelease, state))];
}

function evaluate(release: string, context: EvaluationContext, state: ReleaseState): ReleaseEvent[] {
  if (!isOpen(state)) return [];
  // While the configuration is being read there is nothing to say yet; its result is followed by an evaluation.
  if (context.configIsRead && !state.config && !state.configProblem) return [];
  const reasons = holdsOf(state, context);
  if (reasons.length > 0) {
    const asBefore = state.phase === 'held' && canonicalText(reasons) === canonicalText(state.holds);
    return asBefore ? [] : [{ type: 'ReleaseHeld', data: { release, reasons } }];
  }
  const resources = plannedResources(state.rule, context);
  const stages = stagesOf({ stages: stagesToday(state.rule, context) }, resources);
  const metadataRevision = state.metadataRevision ?? context.metadataRevision;
  return [
    { type: 'ReleasePlanned', data: { release, metadataRevision, resources, stages } },
    { type: 'StageStarted', data: { release, stage: 0, locations: stages[0]! } },
  ];
}

function approve({ data, context, metadata }: CommandOf<'ApproveRelease'>, state: ReleaseState): ReleaseEvent[] {
  const { release, reason } = data;
  if (!isOpen(state)) throw tooLate(release, state, 'approved');
  if (approvalsNeeded(state) === 0) {
    throw new WaybillError('INVALID_STATE', `release ${release} needs no approval`, {
      hint: isRollback(state)
        ? 'It rolls back to what was approved before.'
        : `Rule ${state.rule.name} asks for none; approvals are set in the branch rules.`,
    });
  }
  const approver = approverAmong(metadata.actor, context.approvers, state, 'approve');
  if (approver === state.requestedBy) {
    const others = context.approvers.filter((other) => other !== approver);
    throw new WaybillError('FORBIDDEN', `release ${release} was requested by ${approver}, who may not approve it`, {
      hint: others.length > 0 ? `One of these may: ${others.join(', ')}.` : NO_APPROVERS,
    });
  }
  const binding = approvalBinding(state);
  if (!binding) {
    const unknown = [state.deliverable ? [] : 'deliverable', state.config ? [] : 'configuration'].flat().join(' and ');
    throw new WaybillError('INVALID_STATE', `release ${release} cannot be approved yet: its ${unknown} is not known`, {
      hint: 'An approval binds deliverable and configuration: approve when the release waits for nothing else of these.',
    });
  }
  const repeated = state.approvals.some((a) => a.approver === approver && approvalIsCurrent(state, a));
  if (repeated) return [];
  const words = reason === undefined ? {} : { reason };
  return [{ type: 'ReleaseApproved', data: { release, approver, ...binding, ...words } }];
}

function refuse({ data, context, metadata }: CommandOf<'RefuseRelease'>, state: ReleaseState): ReleaseEvent[] {
  const { release, reason } = data;
  if (state.phase === 'refused') return [];
  if (!isOpen(state)) throw tooLate(release, state, 'refused');
  const by = approverAmong(metadata.actor, context.approvers, state, 'refuse');
  return [{ type: 'ReleaseRefused', data: { release, by, reason } }];
}

/** Deployments that were asked for already go on; the locations of later stages are not started. */
function cancel({ data, metadata }: CommandOf<'CancelRelease'>, state: ReleaseState): ReleaseEvent[] {
  const { release, cause, reason } = data;
  if (isTerminal(state.phase)) {
    if (cause === 'branch-deleted') return [];
    throw new WaybillError('INVALID_STATE', `release ${release} is ${state.phase} already`, {
      hint: 'Only a release that is not finished can be cancelled.',
    });
  }
  const { kind, id } = metadata.actor;
  const by = kind === 'person' || kind === 'service' ? id : null;
  return [{ type: 'ReleaseCancelled', data: { release, by, cause, reason } }];
}

const NO_APPROVERS = 'Nobody else is named as an approver: add approvers to the business metadata of the project.';

function approverAmong(
  actor: Actor,
  approvers: readonly string[],
  state: ReleaseState,
  verb: 'approve' | 'refuse',
): string {
  if (actor.kind === 'person' && approvers.includes(actor.id)) return actor.id;
  throw new WaybillError(
    'FORBIDDEN',
    `${actor.id} may not ${verb} releases of ${state.requested?.project ?? 'this project'}`,
    {
      hint: approvers.length > 0 ? `One of its approvers may: ${approvers.join(', ')}.` : NO_APPROVERS,
    },
  );
}

function tooLate(release: string, state: ReleaseState, participle: string): WaybillError {
  return new WaybillError('INVALID_STATE', `release ${release} is ${state.phase}: it can no longer be ${participle}`, {
    hint: state.phase === 'deploying' ? 'Cancel it, or roll back with a new release.' : 'Request a new release.',
  });
}
