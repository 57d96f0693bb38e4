import type {
  AccessEvent,
  CheckpointEvent,
  DeploymentEvent,
  EnvironmentEvent,
  IncidentEvent,
  LedgerEvent,
  LocationEvent,
  ProjectEvent,
  ReleaseEvent,
} from '@waybill/domain';
import { assertNever } from '@waybill/kernel';
import { accessSentence } from './sentences/access.js';
import { deploymentSentence } from './sentences/deployment.js';
import { environmentSentence } from './sentences/environment.js';
import { incidentSentence } from './sentences/incident.js';
import { ledgerSentence } from './sentences/ledger.js';
import { locationSentence } from './sentences/location.js';
import { projectSentence } from './sentences/project.js';
import { decisionWords, releaseSentence } from './sentences/release.js';
import type { Telling } from './sentences/telling.js';

export type { Telling } from './sentences/telling.js';

/** Every event there is. */
export type AnyEvent =
  | ProjectEvent
  | LocationEvent
  | ReleaseEvent
  | EnvironmentEvent
  | DeploymentEvent
  | IncidentEvent
  | AccessEvent
  | LedgerEvent
  | CheckpointEvent;

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
    case 'MigrationStarted':
    case 'MigrationStopped':
    case 'MigrationResumed':
    case 'MigrationRemovalRequested':
    case 'MigrationRemovalBegun':
    case 'MigrationReverted':
    case 'MigrationCompleted':
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
    case 'LocationMigrated':
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
    case 'EnvironmentCopied':
    case 'EnvironmentCopyRefused':
    case 'EnvironmentCutOver':
    case 'EnvironmentCutBack':
    case 'DeploymentForwarded':
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
    case 'IncidentOpened':
    case 'IncidentCaused':
    case 'IncidentResolved':
    case 'IncidentCorrected':
      return incidentSentence(event, telling);
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

/** Digests of what people wrote themselves, which the sentence quotes. */
export function writtenReason(event: AnyEvent): string | null {
  switch (event.type) {
    case 'ReleaseRequested':
    case 'ReleaseApproved':
    case 'ReleaseRefused':
    case 'ReleaseCancelled':
      return decisionWords(event);
    case 'IncidentOpened':
      return event.data.summary;
    case 'IncidentCorrected':
      return event.data.reason;
    default:
      return null;
  }
}
