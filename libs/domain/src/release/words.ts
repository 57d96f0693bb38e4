import { assertNever } from '@waybill/kernel';
import type { Hold } from './events.js';
import type { ReleaseState } from './state.js';

/** What holds a release and what frees it, each a plain sentence or two. */
export function holdSentence(hold: Hold): { message: string; frees: string } {
  switch (hold.kind) {
    case 'awaiting-deliverable':
      return {
        message: 'It waits for its deliverable: no image or package is known for this commit yet.',
        frees: 'The pipeline or a developer provides it: waybill provide <release>.',
      };
    case 'awaiting-config':
      return {
        message: 'It waits for its configuration to be read from the config repository.',
        frees: 'Waybill reads it by itself; nothing is to be done.',
      };
    case 'missing-metadata':
      return {
        message:
          hold.field === '*'
            ? `The ${hold.section} metadata was not submitted yet: ${stripped(hold.why)}.`
            : `The ${hold.section} metadata lacks ${hold.field}: ${stripped(hold.why)}.`,
        frees: `Somebody with the role ${hold.section} submits it: waybill project set <project> ${hold.section} -f <file>.`,
      };
    case 'config':
      return {
        message: `${CONFIG_PROBLEMS[hold.problem]}: ${stripped(hold.message)}.`,
        frees:
          hold.problem === 'unreachable'
            ? 'Waybill tries again by itself; DevOps checks the address and the credential if it lasts.'
            : 'A developer commits the correction to the config repository; Waybill notices it by itself.',
      };
    case 'window-closed':
      return {
        message: `The release window is closed; it opens at ${hold.opensAt}.`,
        frees: 'It goes on by itself when the window opens; the business may change the window in its metadata.',
      };
    case 'approval-pending':
      return {
        message: `It has ${hold.have} of ${hold.need} ${hold.need === 1 ? 'approval' : 'approvals'}.`,
        frees:
          hold.approvers.length < hold.need
            ? 'The business names more approvers in its metadata: there are too few who may approve this release.'
            : `Approvers (${hold.approvers.join(', ')}) approve it: waybill approve <release>.`,
      };
    case 'resource-unavailable':
      return {
        message: `Resource ${hold.resource} cannot be used: ${stripped(hold.message)}.`,
        frees: `DevOps onboards ${hold.resource} or takes it out of the branch rule (for the next release).`,
      };
    default:
      return assertNever(hold);
  }
}

const CONFIG_PROBLEMS: Readonly<Record<Extract<Hold, { kind: 'config' }>['problem'], string>> = {
  missing: 'There is no configuration for it',
  invalid: 'Its configuration is not valid',
  unreachable: 'The config repository cannot be read',
  'too-large': 'Its configuration is too large',
  secret: 'Its configuration holds a secret, which must be a reference',
};

const stripped = (text: string): string => text.replace(/[.\s]+$/, '');

/** What {@link releaseReason} looks at: a release's state, or the same told by a view. */
export type ReleaseReasonSubject = Pick<
  ReleaseState,
  'phase' | 'unmatched' | 'holds' | 'stages' | 'currentStage' | 'locations' | 'outcome' | 'cancelCause'
> & {
  readonly requested: Pick<NonNullable<ReleaseState['requested']>, 'project' | 'ref'> | null;
  readonly rule: { readonly name: string } | null;
};

/** Why a release is in its phase, in a sentence or, when several things hold it, a few. */
export function releaseReason(subject: ReleaseReasonSubject): string {
  switch (subject.phase) {
    case 'none':
      return 'It was not requested.';
    case 'requested':
      return 'It was requested; the branch rules are being asked.';
    case 'unmatched':
      return unmatchedReason(subject);
    case 'preparing':
      return `Rule ${subject.rule?.name ?? ''} matched; what it needs is being gathered.`;
    case 'held':
      return subject.holds.map((hold) => holdSentence(hold).message).join(' ');
    case 'deploying': {
      const stage = subject.currentStage ?? 0;
      const waiting = namesWhere(subject, (outcome, of) => of === stage && outcome === undefined);
      return `Stage ${stage + 1} of ${subject.stages.length} is being deployed; waiting for ${waiting.join(', ')}.`;
    }
    case 'completed':
      return completedReason(subject);
    case 'failed': {
      const failed = namesWhere(subject, (outcome) => outcome === 'failed' || outcome === 'rejected');
      const words = failed.map((name) => {
        const { outcome, message } = subject.locations[name]!;
        return `${name} ${outcome === 'rejected' ? 'rejected it' : 'failed'}${message ? `: ${stripped(message)}` : ''}.`;
      });
      const cancelled = namesWhere(subject, (outcome) => outcome === 'cancelled');
      if (cancelled.length > 0) words.push(`Not started: ${cancelled.join(', ')}.`);
      return words.join(' ');
    }
    case 'refused':
      return 'An approver refused it.';
    case 'cancelled':
      return subject.cancelCause === 'branch-deleted'
        ? 'It was cancelled because its branch was deleted.'
        : 'It was cancelled.';
    default:
      return assertNever(subject.phase);
  }
}

function unmatchedReason({ requested, unmatched }: ReleaseReasonSubject): string {
  if (unmatched?.reason === 'no-rules') return `Project ${requested?.project ?? ''} has no branch rules yet.`;
  const ref = requested ? `${requested.ref.kind} ${requested.ref.name}` : 'it';
  return unmatched?.closest
    ? `No branch rule matches ${ref}; ${unmatched.closest} comes closest.`
    : `No branch rule matches ${ref}.`;
}

function completedReason(subject: ReleaseReasonSubject): string {
  switch (subject.outcome) {
    case 'superseded':
      return 'A newer release took its place everywhere.';
    case 'healthy':
    case 'delivered':
    case null: {
      const delivered = namesWhere(subject, (outcome) => outcome === 'delivered');
      const superseded = namesWhere(subject, (outcome) => outcome === 'superseded' || outcome === 'cancelled');
      const healthy = namesWhere(subject, (outcome) => outcome === 'healthy');
      if (delivered.length + superseded.length === 0) return 'Everything is rolled out and healthy.';
      return [
        healthy.length > 0 ? `Healthy in ${healthy.join(', ')}.` : [],
        delivered.length > 0
          ? `Delivered to the repository of ${delivered.join(', ')}; whether it runs is seen there.`
          : [],
        superseded.length > 0 ? `Superseded in ${superseded.join(', ')}.` : [],
      ]
        .flat()
        .join(' ');
    }
    default:
      return assertNever(subject.outcome);
  }
}

function namesWhere(
  { locations }: Pick<ReleaseState, 'locations'>,
  test: (outcome: ReleaseState['locations'][string]['outcome'], stage: number) => boolean,
): string[] {
  return Object.entries(locations).flatMap(([name, { outcome, stage }]) => (test(outcome, stage) ? [name] : []));
}
