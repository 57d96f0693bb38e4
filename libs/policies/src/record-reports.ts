import { type Report, locationOf } from '@waybill/channel';
import { environmentName } from '@waybill/domain';
import { type Actor, type CommandMetadata, clampOccurredAt, derivedId } from '@waybill/kernel';
import type { PolicyDependencies } from './policy.js';
import { generationEvent } from './read.js';

/**
 * Records what an operator reported. A report about a generation that was never asked for is dropped and told to
 * `onUnknown`: nothing in the ledger could explain it.
 */
export function recordReports(
  dependencies: PolicyDependencies,
  onUnknown: (report: Report) => void,
): (report: Report) => Promise<void> {
  const { send, now } = dependencies;
  return async (report) => {
    const actor: Actor = { kind: 'operator', id: locationOf(report), roles: ['adapter'] };
    const { occurredAt } = clampOccurredAt(report.occurredAt, now());
    if (report.kind === 'connected') {
      const { location, epoch, software, capabilities } = report;
      const commandId = derivedId('operator-connected', location, String(epoch));
      await send({
        type: 'RecordOperatorConnected',
        data: { location, epoch, software, capabilities },
        metadata: { commandId, actor, now: occurredAt, correlationId: commandId, causationId: commandId },
      });
      return;
    }
    const { environment, generation, release, epoch, seq, observation } = report;
    const asked = await generationEvent(dependencies, environment, generation);
    if (!asked) return onUnknown(report);
    const metadata: CommandMetadata = {
      commandId: derivedId('report', environmentName(environment), String(generation), String(epoch), String(seq)),
      actor,
      now: occurredAt,
      correlationId: asked.recorded.correlationId,
      causationId: asked.recorded.id,
    };
    await send({ type: 'RecordReport', data: { environment, generation, release, epoch, seq, observation }, metadata });
  };
}
