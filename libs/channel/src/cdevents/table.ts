import {
  type DeploymentEvent,
  type EnvironmentEvent,
  type EnvironmentId,
  type LocationEvent,
  type LocationOutcome,
  type ProjectEvent,
  type ReleaseEvent,
  environmentName,
} from '@waybill/domain';
import type { FeedFacts } from './facts.js';
import { packageUrl } from './package-url.js';
import type { ContentOf, FeedKind } from './schema.js';

/** Events that the feed may tell of. */
export type ToldEvent = ProjectEvent | LocationEvent | ReleaseEvent | EnvironmentEvent | DeploymentEvent;

/** One row: an event of the ledger becomes this event of the feed. */
export interface FeedRow<Data = never> {
  readonly kind: FeedKind;
  /** When the row applies, in words for docs/cdevents.md; absent: always. */
  readonly when?: string;
  /** What the event of the feed is about: none when the row does not apply, several when it tells of several. */
  tell(data: Data, facts: FeedFacts): readonly Told[];
}

export interface Told {
  readonly subject: string;
  readonly content: ContentOf<FeedKind>;
  /** Of the several things that one event of the ledger tells of, the one at this location. */
  readonly location?: string;
}

type DataOf<Type extends ToldEvent['type']> = Extract<ToldEvent, { type: Type }>['data'];

/** `content` gives undefined where the row does not apply. */
function told<Data, Kind extends FeedKind>(
  kind: Kind,
  subject: (data: NoInfer<Data>) => string,
  content: (data: NoInfer<Data>, facts: FeedFacts) => ContentOf<Kind> | undefined,
  when?: string,
): FeedRow<Data> {
  return {
    kind,
    ...(when === undefined ? {} : { when }),
    tell(data, facts) {
      const is = content(data, facts);
      return is === undefined ? [] : [{ subject: subject(data), content: is }];
    },
  };
}

/** These fields as they are. */
const only =
  <Name extends string>(...names: readonly Name[]) =>
  <Data extends Readonly<Record<Name, unknown>>>(data: Data): Pick<Data, Name> =>
    Object.fromEntries(names.map((name) => [name, data[name]])) as Pick<Data, Name>;

interface Release {
  readonly release: string;
}
interface Environment {
  readonly environment: EnvironmentId;
}
interface Generation extends Environment {
  readonly generation: number;
}

const releaseId = ({ release }: Release): string => release;
const environmentId = ({ environment }: Environment): string => environmentName(environment);
const deploymentId = ({ environment, generation }: Generation): string =>
  `${environmentName(environment)}.${generation}`;
/** The service is what runs of one branch, wherever it runs. */
const serviceId = ({ environment: { project, slot } }: Environment): string => `${project}.${slot}`;
const taskId = (release: string, location: string): string => `${release}/${location}`;

const inEnvironment = (data: Environment) => ({ environment: { id: environmentId(data) } });
const named = ({ environment }: Environment) => ({ name: environmentName(environment) });

const run = ({ release }: Release, { requested, uriOf }: FeedFacts) => ({
  pipelineName: requested?.data.project ?? release,
  uri: uriOf('releases', release),
});
const task = (release: string, location: string) => ({ taskName: location, pipelineRun: { id: release } });

const RUN_OUTCOMES = { healthy: 'success', delivered: 'success', superseded: 'cancel' } as const;
const TASK_OUTCOMES = {
  healthy: 'success',
  delivered: 'success',
  failed: 'failure',
  rejected: 'error',
  superseded: 'cancel',
  cancelled: 'cancel',
} as const satisfies Record<LocationOutcome, string>;

const service =
  (wanted: 'first' | 'next' | 'rollback') =>
  (data: Generation, { deployment, requested, healthyBefore }: FeedFacts) => {
    if (!deployment || healthyBefore) return undefined;
    const rollback = requested?.data.trigger === 'rollback';
    const is = rollback ? 'rollback' : deployment.data.replaces === null ? 'first' : 'next';
    return is === wanted ? { ...inEnvironment(data), artifactId: packageUrl(deployment.data.deliverable) } : undefined;
  };

/**
 * What the feed tells, by event of the ledger. docs/cdevents.md shows this table; a spec holds both together and asks
 * for a word on every event type there is, here or in {@link NOT_TOLD}.
 *
 * A release is a pipeline run and each of its locations a task run: it is queued when asked for, starts when it is
 * planned, and finishes with one outcome. A service was deployed when an operator saw it healthy; what Git delivery can
 * know (`delivered`) is an event of ours, since nobody saw it run.
 */
export const FEED_TABLE: { readonly [Type in ToldEvent['type']]?: readonly FeedRow<DataOf<Type>>[] } = {
  ReleaseRequested: [told('pipelinerun.queued', releaseId, run)],
  BranchMatched: [
    told('waybill-release.matched', releaseId, ({ rule, slot }) => ({
      rule: rule.name,
      tier: rule.tier,
      slot,
      resources: rule.resources,
    })),
  ],
  BranchUnmatched: [
    told('waybill-release.unmatched', releaseId, only('reason', 'closest')),
    told('pipelinerun.finished', releaseId, (data, facts) => ({
      ...run(data, facts),
      outcome: 'cancel',
      errors: 'no branch rule matched: nothing is deployed',
    })),
  ],
  DeliverableProvided: [
    told('waybill-release.provided', releaseId, ({ deliverable }) => ({
      artifactId: packageUrl(deliverable),
    })),
  ],
  ConfigResolved: [
    told('waybill-release.configured', releaseId, ({ config }) => ({
      repository: config.repository,
      directory: config.directory,
      fallback: config.fallback,
      commit: config.commit,
      digest: config.digest,
    })),
  ],
  ConfigUnresolved: [told('waybill-release.misconfigured', releaseId, ({ release: _, ...problem }) => problem)],
  ReleaseHeld: [told('waybill-release.held', releaseId, only('reasons'))],
  ReleaseApproved: [
    told('waybill-release.approved', releaseId, ({ approver, deliverable, configDigest, rulesRevision }) => ({
      approver,
      artifactId: packageUrl(deliverable),
      configDigest,
      rulesRevision,
    })),
  ],
  ReleaseRefused: [
    told('waybill-release.refused', releaseId, only('by')),
    told('pipelinerun.finished', releaseId, (data, facts) => ({
      ...run(data, facts),
      outcome: 'cancel',
      errors: 'refused by an approver',
    })),
  ],
  ReleaseCancelled: [
    told('pipelinerun.finished', releaseId, (data, facts) => ({
      ...run(data, facts),
      outcome: 'cancel',
      errors: data.cause === 'branch-deleted' ? 'cancelled: its branch was deleted' : 'cancelled on request',
    })),
  ],
  ReleasePlanned: [told('pipelinerun.started', releaseId, run)],
  StageStarted: [
    {
      kind: 'taskrun.started',
      when: 'one for each location of the stage',
      tell: ({ release, locations }) =>
        locations.map((location) => ({
          subject: taskId(release, location),
          content: task(release, location),
          location,
        })),
    },
  ],
  LocationConcluded: [
    told(
      'taskrun.finished',
      ({ release, location }) => taskId(release, location),
      ({ release, location, outcome, message }) => ({
        ...task(release, location),
        outcome: TASK_OUTCOMES[outcome],
        ...(message === null ? {} : { errors: message }),
      }),
    ),
  ],
  LocationMigrated: [
    told(
      'taskrun.finished',
      ({ release, location }) => taskId(release, location),
      ({ release, location, to }) => ({
        ...task(release, location),
        outcome: 'cancel',
        errors: `${location} was migrated to ${to}`,
      }),
    ),
    told(
      'taskrun.started',
      ({ release, to }) => taskId(release, to),
      ({ release, to }) => task(release, to),
    ),
  ],
  ReleaseCompleted: [
    told('pipelinerun.finished', releaseId, (data, facts) => ({
      ...run(data, facts),
      outcome: RUN_OUTCOMES[data.outcome],
    })),
  ],
  ReleaseFailed: [
    told('pipelinerun.finished', releaseId, (data, facts) => ({
      ...run(data, facts),
      outcome: 'failure',
      errors: `failed at ${data.failed.join(', ')}`,
    })),
  ],

  DeploymentRequested: [
    told(
      'environment.created',
      environmentId,
      (data) => (data.replaces === null ? named(data) : undefined),
      'it replaces no generation',
    ),
    told(
      'environment.modified',
      environmentId,
      (data) => (data.replaces === null ? undefined : named(data)),
      'it replaces a generation',
    ),
  ],
  DeploymentRefused: [
    told('waybill-environment.refused', environmentId, (data) => ({
      ...inEnvironment(data),
      supersededBy: data.supersededBy?.release ?? null,
    })),
  ],
  RolloutDirected: [told('waybill-rollout.directed', deploymentId, only('seq', 'directive', 'full', 'by'))],
  EnvironmentRemovalRequested: [
    told('waybill-environment.removing', environmentId, (data) => ({
      ...inEnvironment(data),
      cause: data.cause,
    })),
  ],
  EnvironmentClosed: [
    told('waybill-environment.closed', environmentId, (data) => ({
      ...inEnvironment(data),
      cause: data.cause,
    })),
  ],
  EnvironmentRemoved: [told('environment.deleted', environmentId, named)],
  ConfigChangeNoticed: [
    told('waybill-environment.configchanged', environmentId, (data) => ({
      ...inEnvironment(data),
      directory: data.directory,
      commit: data.commit,
      digest: data.digest,
    })),
  ],

  DeploymentAccepted: [told('waybill-deployment.accepted', deploymentId, () => ({}))],
  ManifestsAdapted: [
    told('waybill-deployment.adapted', deploymentId, ({ objects, inventoryHash }) => ({
      objects: objects.length,
      inventoryHash,
    })),
  ],
  ManifestsApplied: [told('waybill-deployment.applied', deploymentId, only('inventoryHash', 'commit', 'durationMs'))],
  DeploymentRolledOut: [told('waybill-deployment.rolledout', deploymentId, only('durationMs'))],
  TrafficShifted: [told('waybill-rollout.shifted', deploymentId, only('step', 'of', 'weight', 'track', 'durationMs'))],
  RolloutPaused: [told('waybill-rollout.paused', deploymentId, only('step', 'until', 'why'))],
  RolloutResumed: [told('waybill-rollout.resumed', deploymentId, only('step', 'why'))],
  AnalysisMeasured: [
    told('waybill-rollout.analysed', deploymentId, only('step', 'measurement', 'verdict', 'value', 'message')),
  ],
  ReturnedToStable: [told('waybill-rollout.returned', deploymentId, only('why', 'durationMs'))],
  ObjectsPruned: [
    told('waybill-deployment.pruned', deploymentId, ({ objects, durationMs }) => ({
      objects: objects.length,
      durationMs,
    })),
  ],
  DeploymentDelivered: [
    told('waybill-deployment.delivered', deploymentId, ({ commit }, { deployment }) =>
      deployment ? { artifactId: packageUrl(deployment.data.deliverable), commit } : undefined,
    ),
  ],
  DeploymentHealthy: [
    told(
      'service.deployed',
      serviceId,
      service('first'),
      'the generation is healthy for the first time and replaces none',
    ),
    told(
      'service.upgraded',
      serviceId,
      service('next'),
      'the generation is healthy for the first time and replaces one',
    ),
    told(
      'service.rolledback',
      serviceId,
      service('rollback'),
      'the generation is healthy for the first time and its release is a rollback',
    ),
    told(
      'waybill-deployment.recovered',
      deploymentId,
      (_, { healthyBefore }) => (healthyBefore ? {} : undefined),
      'the generation was healthy before',
    ),
  ],
  DeploymentDelayed: [told('waybill-deployment.delayed', deploymentId, only('attempt', 'reason', 'message'))],
  DeploymentFailed: [told('waybill-deployment.failed', deploymentId, only('reason', 'message'))],
  DeploymentRejected: [told('waybill-deployment.rejected', deploymentId, only('reason', 'message'))],
  DriftDetected: [told('waybill-deployment.drifted', deploymentId, only('paths', 'commit', 'noticedAt'))],
  DriftHealed: [told('waybill-deployment.healed', deploymentId, only('commit'))],
  DeploymentRemoved: [told('service.removed', serviceId, inEnvironment)],

  BranchDeleted: [
    told(
      'branch.deleted',
      ({ project, branch }) => `${project}/${branch}`,
      () => ({}),
    ),
  ],
  OperatorConnected: [told('waybill-operator.connected', ({ location }) => location, only('epoch', 'software'))],
  OperatorSilent: [told('waybill-operator.silent', ({ location }) => location, only('epoch'))],
  OperatorHeard: [told('waybill-operator.heard', ({ location }) => location, only('epoch'))],
};

/** Events of the ledger that stay there, and why. */
export const NOT_TOLD: Readonly<Record<string, string>> = {
  ProjectRegistered: 'Set-up of the ledger: nothing was delivered.',
  DeveloperMetadataSubmitted: 'Set-up of the ledger: nothing was delivered.',
  BusinessMetadataSubmitted: 'Set-up of the ledger: nothing was delivered.',
  DevopsMetadataSubmitted: 'Set-up of the ledger: nothing was delivered.',
  BranchRulesDefined: 'Set-up of the ledger: nothing was delivered.',
  LocationOnboarded: 'Set-up of the ledger: nothing was delivered.',
  LocationChanged: 'Set-up of the ledger: nothing was delivered.',
  LocationRetired: 'Set-up of the ledger: nothing was delivered.',
  ResourceOnboarded: 'Set-up of the ledger: nothing was delivered.',
  ResourceChanged: 'Set-up of the ledger: nothing was delivered.',
  ResourceRetired: 'Set-up of the ledger: nothing was delivered.',
  LocationResynced: 'Between the ledger and its operators: what it put right has events of its own.',
  MigrationStarted: 'Between the locations: what is delivered for it has events of its own.',
  MigrationStopped: 'Between the locations: what is delivered for it has events of its own.',
  MigrationResumed: 'Between the locations: what is delivered for it has events of its own.',
  MigrationRemovalRequested: 'Between the locations: what is delivered for it has events of its own.',
  MigrationRemovalBegun: 'Between the locations: what is delivered for it has events of its own.',
  MigrationReverted: 'Between the locations: what is delivered for it has events of its own.',
  MigrationCompleted: 'Between the locations: what is delivered for it has events of its own.',
  EnvironmentCopied: 'The copy itself is told as an environment that is created.',
  EnvironmentCopyRefused: 'Nothing was delivered.',
  EnvironmentCutOver: 'What runs where is the same as before.',
  EnvironmentCutBack: 'What runs where is the same as before.',
  DeploymentForwarded: 'It is told of the environment that takes the release.',
  IncidentOpened: 'Incidents come from whoever watches the service, who tells of them where they are needed.',
  IncidentCaused: 'Incidents come from whoever watches the service, who tells of them where they are needed.',
  IncidentResolved: 'Incidents come from whoever watches the service, who tells of them where they are needed.',
  IncidentCorrected: 'Incidents come from whoever watches the service, who tells of them where they are needed.',
  AccessGranted: 'Who may do what is nobody else’s business.',
  AccessRevoked: 'Who may do what is nobody else’s business.',
  TokenCreated: 'Who may do what is nobody else’s business.',
  TokenRevoked: 'Who may do what is nobody else’s business.',
  LedgerCreated: 'Evidence: it is read from the ledger, with its proofs.',
  KeyIntroduced: 'Evidence: it is read from the ledger, with its proofs.',
  KeyRotated: 'Evidence: it is read from the ledger, with its proofs.',
  CheckpointSigned: 'Evidence: it is read from the ledger, with its proofs.',
};
