import { type Deliverable, ROLLBACK_OF, ROLLBACK_REASON, type ReleaseEvent, holdSentence } from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { type Telling, inWords, short, stripped, whoOf } from './telling.js';

export function releaseSentence(event: ReleaseEvent, telling: Telling): string {
  const { actor, nameOf } = telling;
  const who = whoOf(actor, nameOf);
  switch (event.type) {
    case 'ReleaseRequested': {
      const { project, ref, commit, trigger, reuses, source } = event.data;
      const from = source.pipelineId ? ` from pipeline ${source.pipelineId}` : '';
      const again = reuses ? `, using release ${short(reuses)} again` : '';
      const failed = source.attributes[ROLLBACK_OF];
      const after = trigger === 'rollback' && failed ? ` after release ${short(failed)} failed` : '';
      return `${who} asked for a release of ${project} at ${ref.kind} ${ref.name}, commit ${short(commit)} (${trigger}${after}${from}${again})${inWords(telling, decisionWords(event))}.`;
    }
    case 'BranchMatched': {
      const { rule, rulesRevision, slot } = event.data;
      return `Rule ${rule.name} matched (rules of revision ${rulesRevision}): ${rule.resources.join(', ')}, slot ${slot}.`;
    }
    case 'BranchUnmatched': {
      const { reason, closest } = event.data;
      if (reason === 'no-rules') return 'The project had no branch rules, so nothing is deployed.';
      return `No branch rule matched, so nothing is deployed${closest ? `; ${closest} came closest` : ''}.`;
    }
    case 'DeliverableProvided':
      return `${who} provided the deliverable ${deliverableWords(event.data.deliverable)}.`;
    case 'ConfigResolved': {
      const { directory, commit, fallback } = event.data.config;
      const how = fallback ? ', the directory of the rule, as the ref has none of its own' : '';
      return `The configuration was read from ${directory} at commit ${short(commit)}${how}.`;
    }
    case 'ConfigUnresolved': {
      const { problem, file, line, message } = event.data;
      const where = file ? ` (${file}${line ? `:${line}` : ''})` : '';
      return `The configuration could not be used, ${problem}${where}: ${stripped(message)}.`;
    }
    case 'ReleaseHeld':
      return `The release was held. ${event.data.reasons.map((hold) => holdSentence(hold).message).join(' ')}`;
    case 'ReleaseApproved':
      return `${nameOf(event.data.approver)} approved exactly this deliverable, configuration and rules revision${inWords(telling, decisionWords(event))}.`;
    case 'ReleaseRefused':
      return `${nameOf(event.data.by)} refused the release${inWords(telling, decisionWords(event))}.`;
    case 'ReleaseCancelled':
      return event.data.cause === 'branch-deleted'
        ? 'The release was cancelled because its branch was deleted.'
        : `${event.data.by ? nameOf(event.data.by) : who} cancelled the release${inWords(telling, decisionWords(event))}.`;
    case 'ReleasePlanned': {
      const { stages } = event.data;
      const plan = stages.map((locations) => locations.join(' and ')).join(', then ');
      return `Nothing held the release any more: it goes to ${plan}.`;
    }
    case 'StageStarted':
      return `Stage ${event.data.stage + 1} was started: ${event.data.locations.join(', ')}.`;
    case 'LocationConcluded': {
      const { location, outcome, message } = event.data;
      return `${location} ended ${outcome}${message ? `: ${stripped(message)}` : ''}.`;
    }
    case 'LocationMigrated':
      return `${event.data.location} was migrated: what counts for the release is what happens at ${event.data.to}.`;
    case 'ReleaseCompleted':
      return `The release completed: ${event.data.outcome}.`;
    case 'ReleaseFailed':
      return `The release failed in ${event.data.failed.join(', ')}.`;
    default:
      return assertNever(event);
  }
}

/** Digest of why somebody decided as they did, in their own words; null when nothing was written. */
export function decisionWords(event: ReleaseEvent): string | null {
  switch (event.type) {
    case 'ReleaseRequested':
      return event.data.trigger === 'rollback' ? (event.data.source.attributes[ROLLBACK_REASON] ?? null) : null;
    case 'ReleaseApproved':
    case 'ReleaseRefused':
    case 'ReleaseCancelled':
      return event.data.reason ?? null;
    default:
      return null;
  }
}

const deliverableWords = (deliverable: Deliverable): string =>
  deliverable.kind === 'image'
    ? `${deliverable.image}@${deliverable.digest.slice(0, 19)}`
    : `${deliverable.package} ${deliverable.version}`;
