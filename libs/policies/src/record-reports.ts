import {
  type DeploymentReport,
  type LocationReport,
  type Report,
  type ResyncReport,
  locationOf,
} from '@waybill/channel';
import { deploymentStreamOf, environmentName } from '@waybill/domain';
import { type Actor, clampOccurredAt, derivedId } from '@waybill/kernel';
import type { PolicyDependencies } from './policy.js';
import { generationEvent } from './read.js';

export interface ReportListeners {
  /** A report about a generation that was never asked for. */
  onUnknown(report: Report): void;
  /** The operator of the location was there, by whatever it said. */
  onHeard?(location: string, epoch: number): void;
  /** What stands at the location; awaited, so that it is delivered again when it could not be answered. */
  onResync?(report: ResyncReport): Promise<void>;
}

/**
 * Records what an operator reported; reports of one deployment that come together, in one append. A report about a
 * generation that was never asked for is dropped and told to `onUnknown`: nothing in the ledger could explain it.
 */
export function recordReports(
  dependencies: PolicyDependencies,
  { onUnknown, onHeard, onResync }: ReportListeners,
): (reports: readonly Report[]) => Promise<void> {
  const { send, now } = dependencies;
  const actorOf = (report: Report): Actor => ({ kind: 'operator', id: locationOf(report), roles: ['adapter'] });
  const occurred = (report: Report): string => clampOccurredAt(report.occurredAt, now()).occurredAt;

  async function recordConnected(report: Extract<Report, { kind: 'connected' }>): Promise<void> {
    const { location, epoch, software, capabilities } = report;
    const commandId = derivedId('operator-connected', location, String(epoch));
    await send({
      type: 'RecordOperatorConnected',
      data: { location, epoch, software, capabilities },
      metadata: {
        commandId,
        actor: actorOf(report),
        now: occurred(report),
        correlationId: commandId,
        causationId: commandId,
      },
    });
  }

  async function recordTogether(reports: readonly DeploymentReport[]): Promise<void> {
    const { environment, generation } = reports[0]!;
    const asked = await generationEvent(dependencies, environment, generation);
    if (!asked) return reports.forEach(onUnknown);
    const { correlationId, id: causationId } = asked.recorded;
    await send(
      reports.map((report) => {
        const { release, epoch, seq, observation } = report;
        return {
          type: 'RecordReport',
          data: { environment, generation, release, epoch, seq, observation },
          metadata: {
            commandId: derivedId(
              'report',
              environmentName(environment),
              String(generation),
              String(epoch),
              String(seq),
            ),
            actor: actorOf(report),
            now: occurred(report),
            correlationId,
            causationId,
          },
        };
      }),
    );
  }

  return async (reports) => {
    for (const next of inRuns(reports)) {
      const last = 'kind' in next ? next : next.at(-1)!;
      onHeard?.(locationOf(last), last.epoch);
      if (!('kind' in next)) await recordTogether(next);
      else if (next.kind === 'connected') await recordConnected(next);
      else if (next.kind === 'resync') await onResync?.(next);
    }
  };
}

/** Neighbours about one deployment together; the order stays. */
function inRuns(reports: readonly Report[]): (LocationReport | DeploymentReport[])[] {
  const runs: ReturnType<typeof inRuns> = [];
  for (const report of reports) {
    const last = runs.at(-1);
    if (report.kind !== 'deployment') runs.push(report);
    else if (Array.isArray(last) && streamOf(last[0]!) === streamOf(report)) last.push(report);
    else runs.push([report]);
  }
  return runs;
}

const streamOf = ({ environment, generation }: DeploymentReport): string => deploymentStreamOf(environment, generation);
