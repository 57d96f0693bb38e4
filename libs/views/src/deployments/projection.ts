import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent, EnvironmentEvent, EnvironmentId } from '@waybill/domain';
import { environmentName } from '@waybill/domain';
import type { Fact, Handler, Projection, Rows } from '../projection.js';
import type { RowOf } from '../table.js';
import { STILL_INSTANT, STILL_POSITION } from '../history/table.js';
import { deploymentTable } from './table.js';

type DeploymentRecord = RowOf<typeof deploymentTable.columns>;

export const deploymentName = (environment: EnvironmentId, generation: number): string =>
  `${environmentName(environment)}.${generation}`;

type GenerationRequested = Extract<EnvironmentEvent, { type: 'DeploymentRequested' | 'EnvironmentRemovalRequested' }>;

const onEnvironment: Handler<EnvironmentEvent> = {
  touches(event, announce) {
    if (event.type === 'EnvironmentRemoved') {
      announce(deploymentTable, deploymentName(event.data.environment, event.data.generation));
      return;
    }
    if (event.type !== 'DeploymentRequested' && event.type !== 'EnvironmentRemovalRequested') return;
    const { environment, generation } = event.data;
    // Generations grow by one: the one before is the only one that can still be under way.
    if (generation > 1) announce(deploymentTable, deploymentName(environment, generation - 1));
  },
  project(event, rows) {
    switch (event.type) {
      case 'DeploymentRequested':
        supersede(event, rows);
        rows.of(deploymentTable).put(requested(event, event.data));
        return;
      case 'EnvironmentRemovalRequested':
        supersede(event, rows);
        rows.of(deploymentTable).put(requested(event, null));
        return;
      case 'EnvironmentRemoved': {
        const { environment, generation } = event.data;
        rows.of(deploymentTable).change(deploymentName(environment, generation), (row) => endedBy(event, row));
        return;
      }
      case 'RolloutDirected':
      case 'DeploymentRefused':
      case 'EnvironmentClosed':
      case 'ConfigChangeNoticed':
      case 'EnvironmentCopied':
      case 'EnvironmentCopyRefused':
      case 'EnvironmentCutOver':
      case 'EnvironmentCutBack':
      case 'DeploymentForwarded':
        return;
      default:
        assertNever(event);
    }
  },
};

const onDeployment: Handler<DeploymentEvent> = {
  touches(event, announce) {
    announce(deploymentTable, deploymentName(event.data.environment, event.data.generation));
  },
  project(event, rows) {
    // A report of a generation this ledger never asked for has no row: the events stay findable by stream.
    rows
      .of(deploymentTable)
      .change(deploymentName(event.data.environment, event.data.generation), (row) => reported(event, row));
  },
};

/** A superseded deployment that concludes after all says how; its progress no longer matters. */
function reported(event: Fact<DeploymentEvent>, row: DeploymentRecord): Partial<DeploymentRecord> {
  const finishedAt = event.recordedAt;
  switch (event.type) {
    case 'DeploymentAccepted':
      return underWay(row, 'accepted');
    case 'ManifestsAdapted':
      return { ...underWay(row, 'adapted'), objects: event.data.objects };
    case 'ManifestsApplied':
      return {
        ...underWay(row, 'applied'),
        deliveredCommit: event.data.commit ?? row.deliveredCommit,
      };
    case 'DeploymentRolledOut':
      return underWay(row, 'rolled-out');
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'AnalysisMeasured':
    case 'ReturnedToStable':
    case 'ObjectsPruned':
      return {};
    case 'DeploymentDelivered':
      return {
        state: 'delivered',
        ...goodSince(event, row),
        message: null,
        deliveredCommit: event.data.commit,
        finishedAt,
      };
    case 'DeploymentHealthy':
      return { state: 'healthy', ...goodSince(event, row), message: null, finishedAt };
    case 'DeploymentDelayed':
      return row.state === 'superseded' ? {} : { state: 'delayed', message: event.data.message, finishedAt: null };
    case 'DeploymentFailed':
      return { state: 'failed', message: event.data.message, finishedAt };
    case 'DeploymentRejected':
      return { state: 'rejected', message: event.data.message, finishedAt };
    case 'DriftDetected': {
      const { paths, commit, noticedAt } = event.data;
      return { drift: { paths, commit, noticedAt } };
    }
    case 'DriftHealed':
      return { drift: null };
    case 'DeploymentRemoved':
      return { state: 'removed', message: null, deliveredCommit: event.data.commit ?? row.deliveredCommit, finishedAt };
    default:
      return assertNever(event);
  }
}

const goodSince = (event: Fact<DeploymentEvent>, row: DeploymentRecord): Partial<DeploymentRecord> =>
  row.good ? {} : { good: true, goodPosition: Number(event.position), goodHappenedAt: event.occurredAt };

function underWay(
  row: DeploymentRecord,
  state: 'accepted' | 'adapted' | 'applied' | 'rolled-out',
): Partial<DeploymentRecord> {
  return row.state === 'superseded' ? {} : { state, message: null, finishedAt: null };
}

function supersede(event: Fact<GenerationRequested>, rows: Rows): void {
  const { environment, generation } = event.data;
  if (generation === 1) return;
  rows.of(deploymentTable).change(deploymentName(environment, generation - 1), (row) => {
    const ended = endedBy(event, row);
    switch (row.state) {
      case 'requested':
      case 'accepted':
      case 'adapted':
      case 'applied':
      case 'rolled-out':
      case 'delayed':
        return {
          ...ended,
          state: 'superseded',
          message: `generation ${generation} was asked for before this one was concluded`,
          finishedAt: event.recordedAt,
        };
      case 'delivered':
      case 'healthy':
      case 'failed':
      case 'rejected':
      case 'removed':
      case 'superseded':
        return ended;
      default:
        return assertNever(row.state);
    }
  });
}

/** Only once: what was removed is not ended again by the generation that comes after it. */
function endedBy(event: Fact<EnvironmentEvent>, row: DeploymentRecord): Partial<DeploymentRecord> {
  if (row.untilPosition !== STILL_POSITION) return {};
  const happenedUntil = row.happenedAt > event.occurredAt ? row.happenedAt : event.occurredAt;
  return { untilPosition: Number(event.position), happenedUntil };
}

/** A removal is a generation too: one that wants nothing. */
function requested(
  event: Fact<GenerationRequested>,
  wanted: Extract<EnvironmentEvent, { type: 'DeploymentRequested' }>['data'] | null,
): DeploymentRecord {
  const { environment, generation } = event.data;
  return {
    name: deploymentName(environment, generation),
    position: Number(event.position),
    askedFor: wanted?.order ?? Number(event.position),
    environment: environmentName(environment),
    project: environment.project,
    slot: environment.slot,
    location: environment.location,
    generation,
    state: 'requested',
    good: false,
    message: null,
    release: wanted?.release ?? null,
    ref: wanted?.ref.name ?? null,
    refKind: wanted?.ref.kind ?? null,
    commit: wanted?.commit ?? null,
    deliverable: wanted?.deliverable ?? null,
    configDigest: wanted?.configDigest ?? null,
    tier: wanted?.tier ?? null,
    desired: wanted?.desired ?? null,
    replaces: wanted ? wanted.replaces : generation > 1 ? generation - 1 : null,
    copyOf: wanted?.copyOf
      ? deploymentName({ ...environment, location: wanted.copyOf.location }, wanted.copyOf.generation)
      : null,
    counts: wanted?.counts ?? true,
    deliveredCommit: null,
    objects: [],
    requestedAt: event.recordedAt,
    finishedAt: null,
    untilPosition: STILL_POSITION,
    happenedAt: event.occurredAt,
    happenedUntil: STILL_INSTANT,
    goodPosition: null,
    goodHappenedAt: null,
    drift: null,
    correlationId: event.correlationId,
  };
}

export const deploymentProjection: Projection = {
  name: 'deployments',
  version: 3,
  tables: [deploymentTable],
  on: { environment: onEnvironment, deployment: onDeployment },
};
