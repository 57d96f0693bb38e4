import {
  type DeploymentReport,
  type LocationReport,
  type RefusedReport,
  type Report,
  type ReportsHandler,
  type ResyncReport,
  locationOf,
} from '@waybill/channel';
import { deploymentStreamOf, environmentName } from '@waybill/domain';
import { type Actor, type WaybillError, clampOccurredAt, derivedId, isWaybillError } from '@waybill/kernel';
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

/** What a report can have in it that no event can: trying again does not help, and others are not to wait for it. */
const NEVER = new Set(['INVALID_EVENT', 'INVALID_INPUT', 'EVENT_TOO_LARGE', 'COMMAND_ID_CONFLICT']);

/**
 * Records what an operator reported; reports of one deployment that come together, in one append. A report about a
 * generation that was never asked for is dropped and told to `onUnknown`: nothing in the ledger could explain it. Resolves
 * with those that can never be recorded, such as one with a text that is no Unicode.
 */
export function recordReports(
  dependencies: PolicyDependencies,
  { onUnknown, onHeard, onResync }: ReportListeners,
): ReportsHandler {
  const { send, now } = dependencies;
  const actorOf = (report: Report): Actor => ({ kind: 'operator', id: locationOf(report), roles: ['adapter'] });
  const occurred = (report: Report): string => clampOccurredAt(report.occurredAt, now()).occurredAt;

  async function recordConnected(report: Extract<Report, { kind: 'connected' }>): Promise<void> {
    const { location, epoch, software, capabilities } = report;
    // With its time: what was served before may be served again, and is news then as well.
    const commandId = derivedId('operator-connected', location, String(epoch), report.occurredAt);
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

  async function record(next: LocationReport | readonly DeploymentReport[]): Promise<void> {
    if (!('kind' in next)) await recordTogether(next);
    else if (next.kind === 'connected') await recordConnected(next);
    else if (next.kind === 'resync') await onResync?.(next);
  }

  async function recordOrRefuse(next: LocationReport | readonly DeploymentReport[]): Promise<readonly RefusedReport[]> {
    try {
      await record(next);
      return [];
    } catch (error) {
      if (!isWaybillError(error) || !NEVER.has(error.code)) throw error;
      const [only, second] = 'kind' in next ? [next] : next;
      if (only && !second) return [{ report: only, problem: problemOf(error) }];
      // Of those that go together none is recorded when one is refused.
      const refused: RefusedReport[] = [];
      for (const report of next as readonly DeploymentReport[]) refused.push(...(await recordOrRefuse([report])));
      return refused;
    }
  }

  return async (reports) => {
    const refused: RefusedReport[] = [];
    for (const next of inRuns(reports)) {
      const last = 'kind' in next ? next : next.at(-1)!;
      onHeard?.(locationOf(last), last.epoch);
      refused.push(...(await recordOrRefuse(next)));
    }
    return refused;
  };
}

const problemOf = ({ code, message }: WaybillError): string =>
  code === 'COMMAND_ID_CONFLICT' ? 'its epoch and seq were told before with other content' : message.slice(0, 300);

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
