import { assertNever } from '@waybill/kernel';
import type { DeploymentEvent, EnvironmentEvent } from '@waybill/domain';
import { environmentName } from '@waybill/domain';
import type { Fact, Handler, Projection } from '../projection.js';
import type { RowOf } from '../table.js';
import { directed, rolledOn } from './rollout.js';
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
          runningGeneration: before?.runningGeneration ?? null,
          rollout: null,
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
          migratedFrom: before?.migratedFrom ?? null,
          migratedTo: before?.migratedTo ?? null,
          cutOverAt: before?.cutOverAt ?? null,
          copyProblem: null,
          requestedAt: event.recordedAt,
        });
        return;
      }
      case 'EnvironmentCopied': {
        const migratedFrom = environmentName(event.data.migratedFrom);
        environments.change(name, () => ({ migratedFrom }));
        return;
      }
      case 'EnvironmentRemovalRequested': {
        const { generation, cause } = event.data;
        const moved = cause === 'migrated' || cause === 'requested';
        environments.change(name, (row) => ({
          state: 'removing',
          generation,
          currentGeneration: null,
          rollout: null,
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
          migratedTo: moved ? row.migratedTo : null,
          cutOverAt: moved ? row.cutOverAt : null,
          copyProblem: null,
          requestedAt: event.recordedAt,
        }));
        return;
      }
      case 'EnvironmentRemoved': {
        const { generation } = event.data;
        environments.change(name, (row) =>
          row.generation === generation
            ? { state: 'removed', message: null, pendingConfig: null, runningGeneration: null }
            : undefined,
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
      case 'EnvironmentCopyRefused': {
        const { message: copyProblem } = event.data;
        environments.change(name, () => ({ copyProblem }));
        return;
      }
      case 'EnvironmentCutOver': {
        const migratedTo = environmentName({ ...event.data.environment, location: event.data.to });
        environments.change(name, () => ({ migratedTo, cutOverAt: event.recordedAt, copyProblem: null }));
        return;
      }
      case 'EnvironmentCutBack':
        environments.change(name, () => ({ migratedTo: null, cutOverAt: null }));
        return;
      case 'RolloutDirected': {
        const { generation } = event.data;
        environments.change(name, (row) =>
          row.generation === generation ? { rollout: directed(row.rollout, event) } : undefined,
        );
        return;
      }
      // What runs there stays as it is.
      case 'DeploymentForwarded':
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
      // A late report of an older generation changes nothing here, except that it may have been good after all.
      const changes = row.generation === generation ? ofNewest(event, row) : {};
      const running = { runningGeneration: runningAfter(event, row) };
      return isGood(event) && generation > (row.lastGoodGeneration ?? 0)
        ? { ...changes, ...running, lastGoodGeneration: generation }
        : { ...changes, ...running };
    });
  },
};

const isGood = (event: DeploymentEvent): boolean =>
  event.type === 'DeploymentDelivered' || event.type === 'DeploymentHealthy';

/** A candidate runs beside what ran before, which goes on running when the candidate fails: it never left. */
function runningAfter(event: DeploymentEvent, row: EnvironmentRecord): number | null {
  const { generation } = event.data;
  const before = row.runningGeneration;
  switch (event.type) {
    case 'DeploymentDelivered':
    case 'DeploymentHealthy':
      return row.state === 'removed' ? before : Math.max(generation, before ?? 0);
    case 'TrafficShifted':
      return event.data.step === event.data.of ? Math.max(generation, before ?? 0) : before;
    case 'ReturnedToStable':
      return before === generation ? row.lastGoodGeneration : before;
    case 'DeploymentRemoved':
      return before !== null && before <= generation ? null : before;
    default:
      return before;
  }
}

function ofNewest(event: Fact<DeploymentEvent>, row: EnvironmentRecord): Partial<EnvironmentRecord> {
  switch (event.type) {
    case 'DeploymentAccepted':
    case 'ManifestsAdapted':
    case 'ManifestsApplied':
    case 'DeploymentRolledOut':
      return { state: row.currentGeneration === null ? 'removing' : 'deploying', message: null };
    case 'TrafficShifted':
    case 'RolloutPaused':
    case 'RolloutResumed':
    case 'AnalysisMeasured':
    case 'ReturnedToStable':
      return { state: 'deploying', message: null, rollout: rolledOn(row.rollout, event) };
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
  version: 3,
  tables: [environmentTable],
  on: { environment: onEnvironment, deployment: onDeployment },
};
