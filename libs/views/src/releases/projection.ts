import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent, EnvironmentEvent, ReleaseEvent } from '@waybill/domain';
import type { Fact, Handler, Projection, Rows } from '../projection.js';
import { releaseLocationTable, releaseTable, type ReleaseLocation } from './table.js';

const onRelease: Handler<ReleaseEvent> = {
  touches(event, announce) {
    announce(releaseTable, event.data.release);
  },
  project(event, rows) {
    const releases = rows.of(releaseTable);
    const id = event.data.release;
    switch (event.type) {
      case 'ReleaseRequested':
        releases.put(requested(event));
        return;
      case 'BranchMatched': {
        const { rule, rulesRevision, slot } = event.data;
        releases.change(id, () => ({ state: 'PREPARING', rule, rulesRevision, slot }));
        return;
      }
      case 'BranchUnmatched': {
        const { rulesRevision, reason, closest } = event.data;
        releases.change(id, () => ({
          state: 'UNMATCHED',
          rulesRevision,
          unmatched: { reason, closest },
          finishedAt: event.recordedAt,
        }));
        return;
      }
      case 'DeliverableProvided': {
        const { deliverable } = event.data;
        releases.change(id, () => ({ deliverable, digest: deliverable.digest ?? null }));
        return;
      }
      case 'ConfigResolved': {
        const { config } = event.data;
        releases.change(id, () => ({ config, configCommit: config.commit, configProblem: null }));
        return;
      }
      case 'ConfigUnresolved': {
        const { release: _release, ...configProblem } = event.data;
        releases.change(id, () => ({ config: null, configCommit: null, configProblem }));
        return;
      }
      case 'ReleaseHeld': {
        const holds = event.data.reasons;
        releases.change(id, () => ({ state: 'HELD', holds }));
        return;
      }
      case 'ReleaseApproved': {
        const { release: _release, ...content } = event.data;
        const approval = { ...content, at: event.recordedAt };
        releases.change(id, (row) => ({ approvals: [...row.approvals, approval] }));
        return;
      }
      case 'ReleaseRefused': {
        const { by: endedBy, reason: endReason } = event.data;
        releases.change(id, () => ({
          state: 'REFUSED',
          holds: [],
          endedBy,
          endReason,
          finishedAt: event.recordedAt,
        }));
        return;
      }
      case 'ReleaseCancelled': {
        const { by: endedBy, cause: cancelCause, reason: endReason } = event.data;
        releases.change(id, (row) => ({
          state: 'CANCELLED',
          holds: [],
          locations: cancelUnstarted(row.locations),
          endedBy,
          cancelCause,
          endReason,
          finishedAt: event.recordedAt,
        }));
        return;
      }
      case 'ReleasePlanned': {
        const { metadataRevision, resources, stages } = event.data;
        const locations = stages.flatMap((names, stage) => names.map((location) => pending(location, stage)));
        const position = releases.get(id)?.position ?? Number(event.position);
        for (const { location } of locations) {
          rows.of(releaseLocationTable).put({ id: `${id}@${location}`, release: id, location, position });
        }
        releases.change(id, () => ({ state: 'PREPARING', holds: [], metadataRevision, resources, locations }));
        return;
      }
      case 'StageStarted': {
        const started = new Set(event.data.locations);
        releases.change(id, (row) => ({
          state: 'DEPLOYING',
          locations: row.locations.map((it) =>
            started.has(it.location) && it.state === 'pending' ? { ...it, state: 'deploying' } : it,
          ),
        }));
        return;
      }
      case 'LocationConcluded': {
        const { location, generation, outcome: state, message } = event.data;
        changeLocation(rows, id, location, () => ({ generation, state, message }));
        return;
      }
      case 'LocationMigrated': {
        const { location, to } = event.data;
        const position = releases.get(id)?.position;
        if (position === undefined) return;
        rows.of(releaseLocationTable).put({ id: `${id}@${to}`, release: id, location: to, position });
        changeLocation(rows, id, location, () => ({ location: to, generation: null, message: null }));
        return;
      }
      case 'ReleaseCompleted': {
        const { outcome } = event.data;
        const state = outcome === 'superseded' ? 'SUPERSEDED' : 'COMPLETED';
        releases.change(id, () => ({ state, outcome, finishedAt: event.recordedAt }));
        return;
      }
      case 'ReleaseFailed':
        releases.change(id, (row) => ({
          state: 'FAILED',
          locations: cancelUnstarted(row.locations),
          finishedAt: event.recordedAt,
        }));
        return;
      default:
        assertNever(event);
    }
  },
};

/** A release tells its generation as soon as the environment has given it, not only with the outcome. */
const onEnvironment: Handler<EnvironmentEvent> = {
  touches(event, announce) {
    if (event.type === 'DeploymentRequested') announce(releaseTable, event.data.release);
  },
  project(event, rows) {
    switch (event.type) {
      case 'DeploymentRequested': {
        const { release, generation } = event.data;
        changeLocation(rows, release, event.data.environment.location, () => ({ generation }));
        return;
      }
      // The release hears of a refusal through its own LocationConcluded.
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
        return;
      default:
        assertNever(event);
    }
  },
};

/** While a location is deploying, a release shows what the operator is waiting for there. */
const onDeployment: Handler<DeploymentEvent> = {
  touches(event, announce) {
    if (event.data.release !== null && isProgress(event)) announce(releaseTable, event.data.release);
  },
  project(event, rows) {
    if (event.data.release === null || !isProgress(event)) return;
    const message = progressWords(event);
    const { generation } = event.data;
    changeLocation(rows, event.data.release, event.data.environment.location, (it) =>
      it.state === 'deploying' && it.generation === generation && it.message !== message ? { message } : undefined,
    );
  },
};

/** What a location that is deploying waits for, or how far it is; null: it just goes on. */
function progressWords(event: DeploymentEvent): string | null {
  switch (event.type) {
    case 'DeploymentDelayed':
      return event.data.message;
    case 'TrafficShifted': {
      const { step, of, weight } = event.data;
      return `step ${step} of ${of}: ${weight} % of the traffic`;
    }
    case 'RolloutPaused': {
      const { step, until, why } = event.data;
      const at = step === 0 ? 'before any traffic is shifted' : `at step ${step}`;
      if (until !== null) return `pauses ${at} until ${until}`;
      return `pauses ${at} until somebody ${why === 'directive' ? 'resumes or promotes it' : 'promotes it'}`;
    }
    case 'ReturnedToStable':
      return 'all traffic went back to what ran before';
    default:
      return null;
  }
}

function isProgress(event: DeploymentEvent): boolean {
  switch (event.type) {
    case 'DeploymentDelayed':
    case 'ManifestsApplied':
    case 'DeploymentRolledOut':
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'ReturnedToStable':
      return true;
    case 'AnalysisMeasured':
    case 'DeploymentAccepted':
    case 'ManifestsAdapted':
    case 'ObjectsPruned':
    case 'DeploymentDelivered':
    case 'DeploymentHealthy':
    case 'DeploymentFailed':
    case 'DeploymentRejected':
    case 'DriftDetected':
    case 'DriftHealed':
    case 'DeploymentRemoved':
      return false;
    default:
      return assertNever(event);
  }
}

export const releaseProjection: Projection = {
  name: 'releases',
  version: 3,
  tables: [releaseTable, releaseLocationTable],
  on: { release: onRelease, environment: onEnvironment, deployment: onDeployment },
};

function requested(event: Fact<Extract<ReleaseEvent, { type: 'ReleaseRequested' }>>) {
  const { release, project, ref, commit, deliverable, requestedBy, trigger, reuses, source, metadataRevision } =
    event.data;
  return {
    id: release,
    position: Number(event.position),
    project,
    ref: ref.name,
    refKind: ref.kind,
    commit,
    state: 'PREPARING' as const,
    outcome: null,
    trigger,
    reuses,
    slot: null,
    rule: null,
    rulesRevision: null,
    unmatched: null,
    deliverable,
    digest: deliverable?.digest ?? null,
    config: null,
    configCommit: null,
    configProblem: null,
    holds: [],
    approvals: [],
    endedBy: null,
    cancelCause: null,
    endReason: null,
    metadataRevision: metadataRevision ?? null,
    resources: [],
    locations: [],
    requestedBy,
    requestedAt: event.recordedAt,
    finishedAt: null,
    via: source.via,
    pipelineId: source.pipelineId,
    jobId: source.jobId,
    url: source.url,
    attributes: source.attributes,
    correlationId: event.correlationId,
  };
}

const pending = (location: string, stage: number): ReleaseLocation => ({
  location,
  stage,
  generation: null,
  state: 'pending',
  message: null,
});

const cancelUnstarted = (locations: readonly ReleaseLocation[]): readonly ReleaseLocation[] =>
  locations.map((it) => (it.state === 'pending' ? { ...it, state: 'cancelled' } : it));

function changeLocation(
  rows: Rows,
  release: string,
  location: string,
  changes: (current: ReleaseLocation) => Partial<ReleaseLocation> | undefined,
): void {
  rows.of(releaseTable).change(release, (row) => {
    const current = row.locations.find((it) => it.location === location);
    const changed = current && changes(current);
    if (!changed) return undefined;
    return { locations: row.locations.map((it) => (it === current ? { ...it, ...changed } : it)) };
  });
}
