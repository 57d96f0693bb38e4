import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent, EnvironmentEvent } from '@waybill/domain';
import { environmentName } from '@waybill/domain';
import type { Handler, Projection } from '../projection.js';
import type { RowOf } from '../table.js';
import { environmentTable } from './table.js';

type EnvironmentRecord = RowOf<typeof environmentTable.columns>;

const onEnvironment: Handler<EnvironmentEvent> = {
  touches(event, announce) {
    announce(environmentTable, environmentName(event.data.environment));
  },
  project(event, rows) {
    const environments = rows.of(environmentTable);
    const name = environmentName(event.data.environment);
    switch (event.type) {
      case 'DeploymentRequested': {
        const { environment, generation, release, ref, commit, deliverable, configDigest, tier } = event.data;
        const before = environments.get(name);
        environments.put({
          name,
          project: environment.project,
          slot: environment.slot,
          location: environment.location,
          state: 'deploying',
          generation,
          currentGeneration: generation,
          lastGoodGeneration: before?.lastGoodGeneration ?? null,
          release,
          ref: ref.name,
          refKind: ref.kind,
          commit,
          deliverable,
          configDigest,
          tier,
          message: null,
          drift: null,
          // Also when another digest is deployed: what is pending now is noticed again against that one.
          pendingConfig: null,
          requestedAt: event.recordedAt,
        });
        return;
      }
      case 'EnvironmentRemovalRequested': {
        const { generation } = event.data;
        environments.change(name, () => ({
          state: 'removing',
          generation,
          currentGeneration: null,
          release: null,
          ref: null,
          refKind: null,
          commit: null,
          deliverable: null,
          configDigest: null,
          tier: null,
          message: null,
          drift: null,
          pendingConfig: null,
          requestedAt: event.recordedAt,
        }));
        return;
      }
      case 'EnvironmentRemoved': {
        const { generation } = event.data;
        environments.change(name, (row) =>
          row.generation === generation ? { state: 'removed', message: null, pendingConfig: null } : undefined,
        );
        return;
      }
      case 'ConfigChangeNoticed': {
        const { directory, commit, digest } = event.data;
        const pendingConfig = { directory, commit, digest, noticedAt: event.recordedAt };
        environments.change(name, (row) => {
          if (row.currentGeneration === null) return undefined;
          return { pendingConfig: digest === row.configDigest ? null : pendingConfig };
        });
        return;
      }
      // What runs there stays as it is.
      case 'RolloutDirected':
      case 'DeploymentRefused':
      case 'EnvironmentClosed':
        return;
      default:
        assertNever(event);
    }
  },
};

const onDeployment: Handler<DeploymentEvent> = {
  touches(event, announce) {
    announce(environmentTable, environmentName(event.data.environment));
  },
  project(event, rows) {
    const { generation } = event.data;
    rows.of(environmentTable).change(environmentName(event.data.environment), (row) => {
      const changes = row.generation === generation ? ofNewest(event, row) : {};
      // A late report of an older generation changes nothing here, except that it may have been good after all.
      return isGood(event) && generation > (row.lastGoodGeneration ?? 0)
        ? { ...changes, lastGoodGeneration: generation }
        : changes;
    });
  },
};

const isGood = (event: DeploymentEvent): boolean =>
  event.type === 'DeploymentDelivered' || event.type === 'DeploymentHealthy';

function ofNewest(event: DeploymentEvent, row: EnvironmentRecord): Partial<EnvironmentRecord> {
  switch (event.type) {
    case 'DeploymentAccepted':
    case 'ManifestsAdapted':
    case 'ManifestsApplied':
    case 'DeploymentRolledOut':
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'AnalysisMeasured':
    case 'ReturnedToStable':
      return { state: row.currentGeneration === null ? 'removing' : 'deploying', message: null };
    case 'ObjectsPruned':
      return {};
    case 'DeploymentDelivered':
      return { state: 'delivered', message: null };
    case 'DeploymentHealthy':
      return { state: 'healthy', message: null };
    case 'DeploymentDelayed':
      return { state: 'delayed', message: event.data.message };
    case 'DeploymentFailed':
      return { state: 'failed', message: event.data.message };
    case 'DeploymentRejected':
      return { state: 'rejected', message: event.data.message };
    case 'DriftDetected': {
      const { paths, commit, noticedAt } = event.data;
      return { drift: { paths, commit, noticedAt } };
    }
    case 'DriftHealed':
      return { drift: null };
    // The environment confirms it with EnvironmentRemoved.
    case 'DeploymentRemoved':
      return { message: null };
    default:
      return assertNever(event);
  }
}

export const environmentProjection: Projection = {
  name: 'environments',
  version: 1,
  tables: [environmentTable],
  on: { environment: onEnvironment, deployment: onDeployment },
};
