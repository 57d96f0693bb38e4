import { assertNever } from '@waybill/kernel';
import { environmentName, type DeploymentEvent } from '@waybill/domain';
import type { Handler } from '../projection.js';
import type { RowOf } from '../table.js';
import { STILL_INSTANT, STILL_POSITION, standingTable } from './table.js';

type Standing = Pick<RowOf<typeof standingTable.columns>, 'state' | 'message' | 'drift'>;

const UNDER_WAY: Standing = { state: 'deploying', message: null, drift: null };

export const onDeployment: Handler<DeploymentEvent> = {
  touches(event, announce) {
    announce(standingTable, nameOf(event));
  },
  project(event, rows) {
    const standings = rows.of(standingTable);
    const deployment = nameOf(event);
    const before = standings.get(deployment);
    const now = standingAfter(event, before ?? UNDER_WAY);
    if (now === undefined) return;
    const fromPosition = Number(event.position);
    // Reports of one operator follow each other, but its clock may have been put back in between.
    const happenedFrom = before && before.happenedFrom > event.occurredAt ? before.happenedFrom : event.occurredAt;
    if (before) {
      const id = `${deployment} ${before.fromPosition}`;
      standings.put({ ...before, id, untilPosition: fromPosition, happenedUntil: happenedFrom });
    }
    standings.put({
      id: deployment,
      deployment,
      ...now,
      recordedAt: event.recordedAt,
      fromPosition,
      untilPosition: STILL_POSITION,
      happenedFrom,
      happenedUntil: STILL_INSTANT,
    });
  },
};

const nameOf = ({ data }: DeploymentEvent): string => `${environmentName(data.environment)}.${data.generation}`;

/** Undefined when the event changes nothing that an environment tells. */
function standingAfter(event: DeploymentEvent, before: Standing): Standing | undefined {
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
      return before.state === 'deploying' ? undefined : { ...before, state: 'deploying', message: null };
    case 'DeploymentDelivered':
      return { ...before, state: 'delivered', message: null };
    case 'DeploymentHealthy':
      return before.state === 'healthy' ? undefined : { ...before, state: 'healthy', message: null };
    case 'DeploymentDelayed':
      return { ...before, state: 'delayed', message: event.data.message };
    case 'DeploymentFailed':
      return { ...before, state: 'failed', message: event.data.message };
    case 'DeploymentRejected':
      return { ...before, state: 'rejected', message: event.data.message };
    case 'DriftDetected': {
      const { paths, commit, noticedAt } = event.data;
      return { ...before, drift: { paths, commit, noticedAt } };
    }
    case 'DriftHealed':
      return before.drift === null ? undefined : { ...before, drift: null };
    case 'ObjectsPruned':
    case 'DeploymentRemoved':
      return undefined;
    default:
      return assertNever(event);
  }
}
