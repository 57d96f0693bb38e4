import { WaybillError } from '@waybill/kernel';
import { closestRule } from '../rules/explain.js';
import { compileRules, matchRef } from '../rules/match.js';
import { slotOf } from '../slot.js';
import type { Deliverable } from '../vocabulary.js';
import type { ReleaseCommand, RequestContext } from './commands.js';
import type { ReleaseEvent } from './events.js';
import { sameDeliverable } from './deliverable.js';
import type { ReleaseState } from './state.js';

type RequestRelease = Extract<ReleaseCommand, { type: 'RequestRelease' }>;

/**
 * One append: what was asked for, the rule that matched or why none did, and the configuration when it is at hand: an
 * earlier intent is used again, or its repository is on this machine.
 */
export function requestRelease(command: RequestRelease, state: ReleaseState): ReleaseEvent[] {
  const { data, context, metadata } = command;
  const { release, project, ref } = data;
  if (state.phase !== 'none') {
    throw new WaybillError('ALREADY_EXISTS', `release ${release} was requested already`, {
      hint: 'Give a new release a new id; repeat the same command id to retry.',
    });
  }
  const { deliverable, config, metadataRevision } = takenOver(command);
  const byCaller = metadata.actor.kind === 'person' || metadata.actor.kind === 'service';
  const events: ReleaseEvent[] = [
    {
      type: 'ReleaseRequested',
      data: {
        ...data,
        deliverable,
        requestedBy: byCaller ? metadata.actor.id : null,
        ...(metadataRevision === null ? {} : { metadataRevision }),
      },
    },
  ];
  const { rules, rulesRevision } = context;
  if (rulesRevision === null || rules.length === 0) {
    events.push({
      type: 'BranchUnmatched',
      data: { release, rulesRevision: null, reason: 'no-rules', closest: null },
    });
    return events;
  }
  const matched = matchRef(compileRules(rules), ref);
  if (!matched) {
    const closest = closestRule(rules, ref);
    events.push({ type: 'BranchUnmatched', data: { release, rulesRevision, reason: 'no-match', closest } });
    return events;
  }
  const slot = slotOf(project, ref);
  events.push({ type: 'BranchMatched', data: { release, rulesRevision, rule: matched.rule, slot } });
  const known = config ?? context.config;
  if (known) events.push({ type: 'ConfigResolved', data: { release, config: known } });
  return events;
}

interface Intent {
  readonly deliverable: Deliverable | null;
  readonly config: NonNullable<RequestContext['reused']>['config'];
  readonly metadataRevision: number | null;
}

/**
 * What is known from the start. The metadata as it stood goes with the whole intent only: with a configuration that is
 * resolved anew, today's metadata is used. A rollback skips approvals and windows, so it must lead to an intent that
 * was planned, complete and unchanged.
 */
function takenOver({ data, context }: RequestRelease): Intent {
  const { reused } = context;
  if (data.trigger === 'rollback' && !(reused?.deliverable && reused.config && reused.metadataRevision !== null)) {
    throw new WaybillError('INVALID_STATE', 'there is nothing to roll back to: that release was never deployed', {
      hint: 'Roll back to a release that was planned, or request a new one.',
      fields: [{ field: 'reuses', message: 'names no release that was deployed' }],
    });
  }
  if ((reused === null) !== (data.reuses === null)) {
    throw new WaybillError('INVALID_INPUT', 'a reused intent and the release it comes from go together', {
      fields: [{ field: 'reuses', message: 'does not fit what is taken over' }],
    });
  }
  if (!reused) return { deliverable: data.deliverable, config: null, metadataRevision: null };
  if (data.deliverable && reused.deliverable && !sameDeliverable(data.deliverable, reused.deliverable)) {
    throw new WaybillError('INVALID_INPUT', `release ${data.reuses} has another deliverable`, {
      hint: 'Leave the deliverable out to use the earlier one, or request a new release.',
      fields: [{ field: 'deliverable', message: 'differs from that of the release that is used again' }],
    });
  }
  const deliverable = reused.deliverable ?? data.deliverable;
  const whole = reused.deliverable !== null && reused.config !== null;
  return { deliverable, config: reused.config, metadataRevision: whole ? reused.metadataRevision : null };
}
