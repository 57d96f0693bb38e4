import {
  type AccessEvent,
  type CheckpointEvent,
  type DeploymentEvent,
  type Deliverable,
  type EnvironmentEvent,
  type EnvironmentId,
  type LedgerEvent,
  type LocationEvent,
  type ProjectEvent,
  type ReleaseEvent,
  ROLLBACK_OF,
  ROLLBACK_REASON,
  environmentName,
  holdSentence,
} from '@waybill/domain';
import { type Actor, assertNever } from '@waybill/kernel';
import { directiveSentence, rolloutSentence } from './rollout-sentences.js';

/** Every event there is. */
export type AnyEvent =
  | ProjectEvent
  | LocationEvent
  | ReleaseEvent
  | EnvironmentEvent
  | DeploymentEvent
  | AccessEvent
  | LedgerEvent
  | CheckpointEvent;

/** What the sentences need beside the event. */
export interface Telling {
  readonly actor: Actor;
  /** How a person or a service is called; its opaque id when that is not known or was erased. */
  readonly nameOf: (id: string) => string;
  /** What a person wrote, by its digest; undefined when it was erased. */
  readonly wordsOf: (digest: string) => string | undefined;
}

/** One plain sentence that tells what an event says. */
export function sentenceOf(event: AnyEvent, telling: Telling): string {
  switch (event.type) {
    case 'ProjectRegistered':
    case 'DeveloperMetadataSubmitted':
    case 'BusinessMetadataSubmitted':
    case 'DevopsMetadataSubmitted':
    case 'BranchRulesDefined':
    case 'BranchDeleted':
      return projectSentence(event, telling);
    case 'LocationOnboarded':
    case 'LocationChanged':
    case 'LocationRetired':
    case 'ResourceOnboarded':
    case 'ResourceChanged':
    case 'ResourceRetired':
    case 'OperatorConnected':
    case 'OperatorSilent':
    case 'OperatorHeard':
    case 'LocationResynced':
      return locationSentence(event, telling);
    case 'ReleaseRequested':
    case 'BranchMatched':
    case 'BranchUnmatched':
    case 'DeliverableProvided':
    case 'ConfigResolved':
    case 'ConfigUnresolved':
    case 'ReleaseHeld':
    case 'ReleaseApproved':
    case 'ReleaseRefused':
    case 'ReleaseCancelled':
    case 'ReleasePlanned':
    case 'StageStarted':
    case 'LocationConcluded':
    case 'ReleaseCompleted':
    case 'ReleaseFailed':
      return releaseSentence(event, telling);
    case 'DeploymentRequested':
    case 'DeploymentRefused':
    case 'RolloutDirected':
    case 'EnvironmentRemovalRequested':
    case 'EnvironmentClosed':
    case 'EnvironmentRemoved':
    case 'ConfigChangeNoticed':
      return environmentSentence(event, telling);
    case 'DeploymentAccepted':
    case 'ManifestsAdapted':
    case 'ManifestsApplied':
    case 'DeploymentRolledOut':
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'AnalysisMeasured':
    case 'ReturnedToStable':
    case 'ObjectsPruned':
    case 'DeploymentDelivered':
    case 'DeploymentHealthy':
    case 'DeploymentDelayed':
    case 'DeploymentFailed':
    case 'DeploymentRejected':
    case 'DriftDetected':
    case 'DriftHealed':
    case 'DeploymentRemoved':
      return deploymentSentence(event);
    case 'AccessGranted':
    case 'AccessRevoked':
    case 'TokenCreated':
    case 'TokenRevoked':
      return accessSentence(event, telling);
    case 'LedgerCreated':
    case 'KeyIntroduced':
    case 'KeyRotated':
      return ledgerSentence(event);
    case 'CheckpointSigned':
      return `The log up to its ${event.data.treeSize}. event was sealed with key ${event.data.keyId}.`;
    default:
      return assertNever(event);
  }
}

function projectSentence(event: ProjectEvent, { actor, nameOf }: Telling): string {
  const who = whoOf(actor, nameOf);
  switch (event.type) {
    case 'ProjectRegistered':
      return `${who} registered project ${event.data.project} as "${event.data.name}".`;
    case 'DeveloperMetadataSubmitted':
      return `${who} submitted the developer section of ${event.data.project}.`;
    case 'BusinessMetadataSubmitted':
      return `${who} submitted the business section of ${event.data.project}.`;
    case 'DevopsMetadataSubmitted':
      return `${who} submitted the devops section of ${event.data.project}.`;
    case 'BranchRulesDefined': {
      const { project, preset, rules } = event.data;
      const how = preset ? `took the preset ${preset}` : `defined ${count(rules.length, 'branch rule')}`;
      return `${who} ${how} for ${project}.`;
    }
    case 'BranchDeleted': {
      const { branch, project, slot } = event.data;
      return `${who} reported that branch ${branch} of ${project} was deleted; the environments of slot ${slot} are to go.`;
    }
    default:
      return assertNever(event);
  }
}

function locationSentence(event: LocationEvent, { actor, nameOf }: Telling): string {
  const who = whoOf(actor, nameOf);
  switch (event.type) {
    case 'LocationOnboarded':
      return `${who} onboarded location ${event.data.location}, delivered through ${event.data.delivery.kind}.`;
    case 'LocationChanged':
      return `${who} changed how location ${event.data.location} is delivered: through ${event.data.delivery.kind}.`;
    case 'LocationRetired':
      return `${who} retired location ${event.data.location}: it takes no more deployments.`;
    case 'ResourceOnboarded':
      return `${who} onboarded resource ${event.data.resource} at ${event.data.location}.`;
    case 'ResourceChanged':
      return `${who} changed resource ${event.data.resource} at ${event.data.location}.`;
    case 'ResourceRetired':
      return `${who} retired resource ${event.data.resource} at ${event.data.location}.`;
    case 'OperatorConnected':
      return `The operator of ${event.data.location} connected (${softwareWords(event.data.software)}).`;
    case 'OperatorSilent':
      return `The operator of ${event.data.location} was not heard of for longer than it should be.`;
    case 'OperatorHeard':
      return `The operator of ${event.data.location} is heard of again.`;
    case 'LocationResynced': {
      const { location, corrected, further } = event.data;
      const words = corrected.map(({ environment, generation, by }) =>
        by === 'published'
          ? `generation ${generation} of ${environmentName(environment)} was sent again`
          : `how generation ${generation} of ${environmentName(environment)} ended was taken over`,
      );
      const more = further > 0 ? [`and ${further} more`] : [];
      return `What stands at ${location} was compared with the ledger: ${[...words, ...more].join(', ')}.`;
    }
    default:
      return assertNever(event);
  }
}

function releaseSentence(event: ReleaseEvent, telling: Telling): string {
  const { actor, nameOf } = telling;
  const who = whoOf(actor, nameOf);
  switch (event.type) {
    case 'ReleaseRequested': {
      const { project, ref, commit, trigger, reuses, source } = event.data;
      const from = source.pipelineId ? ` from pipeline ${source.pipelineId}` : '';
      const again = reuses ? `, using release ${short(reuses)} again` : '';
      const failed = source.attributes[ROLLBACK_OF];
      const after = trigger === 'rollback' && failed ? ` after release ${short(failed)} failed` : '';
      return `${who} asked for a release of ${project} at ${ref.kind} ${ref.name}, commit ${short(commit)} (${trigger}${after}${from}${again})${inWords(telling, writtenReason(event))}.`;
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
      return `${nameOf(event.data.approver)} approved exactly this deliverable, configuration and rules revision${inWords(telling, writtenReason(event))}.`;
    case 'ReleaseRefused':
      return `${nameOf(event.data.by)} refused the release${inWords(telling, writtenReason(event))}.`;
    case 'ReleaseCancelled':
      return event.data.cause === 'branch-deleted'
        ? 'The release was cancelled because its branch was deleted.'
        : `${event.data.by ? nameOf(event.data.by) : who} cancelled the release${inWords(telling, writtenReason(event))}.`;
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
    case 'ReleaseCompleted':
      return `The release completed: ${event.data.outcome}.`;
    case 'ReleaseFailed':
      return `The release failed in ${event.data.failed.join(', ')}.`;
    default:
      return assertNever(event);
  }
}

function environmentSentence(event: EnvironmentEvent, { actor, nameOf }: Telling): string {
  const where = environmentName(event.data.environment);
  switch (event.type) {
    case 'DeploymentRequested': {
      const { generation, release, replaces } = event.data;
      const instead = replaces ? `, in place of generation ${replaces}` : '';
      return `${where} accepted release ${short(release)} as generation ${generation}${instead}.`;
    }
    case 'DeploymentRefused': {
      const { release, supersededBy } = event.data;
      const why = supersededBy
        ? `release ${short(supersededBy.release)} was asked for later and has generation ${supersededBy.generation}`
        : 'the environment was removed after it was asked for';
      return `${where} refused release ${short(release)}: ${why}.`;
    }
    case 'RolloutDirected':
      return directiveSentence(event, event.data.by === null ? whoOf(actor, nameOf) : nameOf(event.data.by));
    case 'EnvironmentRemovalRequested': {
      const { generation, cause } = event.data;
      const why = cause === 'branch-deleted' ? 'its branch was deleted' : `${whoOf(actor, nameOf)} asked for it`;
      return `${where} is to be removed as generation ${generation}: ${why}.`;
    }
    case 'EnvironmentClosed':
      return `${where} takes no release any more that was asked for before; nothing ran there.`;
    case 'EnvironmentRemoved':
      return `${where} is removed: the operator confirmed that nothing is left.`;
    case 'ConfigChangeNoticed':
      return `The configuration of ${where} changed in ${event.data.directory}, commit ${short(event.data.commit)}.`;
    default:
      return assertNever(event);
  }
}

function deploymentSentence(event: DeploymentEvent): string {
  const what = deploymentOf(event.data);
  switch (event.type) {
    case 'DeploymentAccepted':
      return `The operator of ${event.data.environment.location} took on ${what}.`;
    case 'ManifestsAdapted':
      return `${what} was adapted to ${count(event.data.objects.length, 'object')}.`;
    case 'ManifestsApplied': {
      const { commit, durationMs } = event.data;
      return `${what} was applied${commit ? ` as commit ${short(commit)}` : ''} in ${Math.round(durationMs)} ms.`;
    }
    case 'DeploymentRolledOut':
      return `${what} was rolled out in ${Math.round(event.data.durationMs)} ms.`;
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'AnalysisMeasured':
    case 'ReturnedToStable':
      return rolloutSentence(event, what);
    case 'ObjectsPruned':
      return `${what} removed ${count(event.data.objects.length, 'object')} that it no longer needs: ${event.data.objects.map(objectWords).join(', ')}.`;
    case 'DeploymentDelivered':
      return `${what} stands in the repository of its location, commit ${short(event.data.commit)}.`;
    case 'DeploymentHealthy':
      return `${what} is rolled out and healthy.`;
    case 'DeploymentDelayed':
      return `${what} is tried again (attempt ${event.data.attempt}), ${event.data.reason}: ${stripped(event.data.message)}.`;
    case 'DeploymentFailed':
      return `${what} failed, ${event.data.reason}: ${stripped(event.data.message)}.`;
    case 'DeploymentRejected':
      return `${what} was rejected and nothing was changed, ${event.data.reason}: ${stripped(event.data.message)}.`;
    case 'DriftDetected': {
      const { paths, commit } = event.data;
      return `Somebody changed what ${what} had applied${commit ? `, commit ${short(commit)}` : ''}: ${paths.join(', ')}.`;
    }
    case 'DriftHealed':
      return `What stands there is again what ${what} had applied.`;
    case 'DeploymentRemoved':
      return `${what} removed everything of the environment.`;
    default:
      return assertNever(event);
  }
}

function accessSentence(event: AccessEvent, { actor, nameOf }: Telling): string {
  const who = whoOf(actor, nameOf);
  const whom = nameOf(event.data.principal);
  switch (event.type) {
    case 'AccessGranted':
      return `${who} granted ${whom} the role ${event.data.role} for ${scopeWords(event.data.scope)}.`;
    case 'AccessRevoked':
      return `${who} took the role ${event.data.role} for ${scopeWords(event.data.scope)} back from ${whom}.`;
    case 'TokenCreated':
      return `${who} created a token for ${whom}${event.data.expiresAt ? `, good until ${event.data.expiresAt}` : ''}.`;
    case 'TokenRevoked':
      return `${who} revoked a token of ${whom}.`;
    default:
      return assertNever(event);
  }
}

function ledgerSentence(event: LedgerEvent): string {
  switch (event.type) {
    case 'LedgerCreated':
      return `The log ${event.data.ledger} was begun.`;
    case 'KeyIntroduced':
      return `Key ${event.data.keyId} signs checkpoints.`;
    case 'KeyRotated':
      return `Key ${event.data.keyId} signs checkpoints from here on, vouched for by ${event.data.previousKeyId}.`;
    default:
      return assertNever(event);
  }
}

/** Digest of why somebody decided as they did, in their own words; null when nothing was written. */
export function writtenReason(event: AnyEvent): string | null {
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

function inWords({ wordsOf }: Telling, digest: string | null): string {
  const words = digest === null ? undefined : wordsOf(digest);
  return words === undefined ? '' : `: "${words.replace(/\s+/g, ' ').trim()}"`;
}

function whoOf({ kind, id }: Actor, nameOf: Telling['nameOf']): string {
  switch (kind) {
    case 'person':
    case 'service':
      return nameOf(id);
    case 'policy':
      return `The policy ${id}`;
    case 'operator':
      return `The operator of ${id}`;
    case 'system':
      return 'Waybill';
    default:
      return assertNever(kind);
  }
}

const deploymentOf = (data: { environment: EnvironmentId; generation: number }): string =>
  `Generation ${data.generation} of ${environmentName(data.environment)}`;

const deliverableWords = (deliverable: Deliverable): string =>
  deliverable.kind === 'image'
    ? `${deliverable.image}@${deliverable.digest.slice(0, 19)}`
    : `${deliverable.package} ${deliverable.version}`;

const scopeWords = (scope: string): string => (scope === '*' ? 'all projects' : scope);
const objectWords = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind} ${name}`;
const short = (id: string): string => id.slice(0, 8);
const stripped = (text: string): string => text.replace(/[.\s]+$/, '');
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const softwareWords = ({ name, version }: { readonly name: string; readonly version: string | null }): string =>
  version === null ? name : `${name} ${version}`;
