import type { Channel } from '@waybill/channel';
import { type EnvironmentEvent, environmentName, machineText } from '@waybill/domain';
import { type RecordedEvent, type WaybillError, derivedId, isWaybillError } from '@waybill/kernel';
import { desiredRecordOf } from './desired-record.js';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';

export interface DispatchDependencies extends PolicyDependencies {
  readonly channel: Pick<Channel, 'publish'>;
  readonly contents: { get(digest: string): Promise<string> };
}

type Asked = Extract<EnvironmentEvent, { type: 'DeploymentRequested' | 'EnvironmentRemovalRequested' }>;

const NAME = 'dispatch-desired';

/**
 * Publishes the full desired state of each new generation. What the channel refuses until somebody mends it, such as a
 * topic with another cleanup policy, is told on the deployment that waits; a channel that is away is waited for.
 */
export function dispatchDesired({ catalogue, channel, contents, send, now }: DispatchDependencies): Policy {
  let refused: { readonly event: string; readonly attempts: number } | undefined;

  async function tell({ data }: Asked, recorded: RecordedEvent, { message, hint }: WaybillError): Promise<void> {
    const attempt = refused?.event === recorded.id ? refused.attempts + 1 : 1;
    refused = { event: recorded.id, attempts: attempt };
    const { environment, generation } = data;
    const words = machineText(hint === undefined ? message : `${message}. ${hint}`);
    await send([
      {
        type: 'RecordReport',
        data: {
          environment,
          generation,
          release: 'release' in data ? data.release : null,
          // Below every epoch of an operator: whatever one says of it is newer.
          epoch: 0,
          seq: attempt,
          observation: { phase: 'delayed', attempt, reason: 'ChannelRefused', message: words },
        },
        metadata: {
          ...causedBy(recorded, NAME, environmentName(environment), now()),
          commandId: derivedId(NAME, recorded.id, String(attempt), words),
        },
      },
    ]);
  }

  return {
    name: NAME,
    handles: new Set(['DeploymentRequested', 'EnvironmentRemovalRequested']),
    async react(recorded) {
      const event = catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type !== 'DeploymentRequested' && event.type !== 'EnvironmentRemovalRequested') return;
      const record = await desiredRecordOf(event, recorded, contents);
      try {
        await channel.publish(record);
      } catch (error) {
        if (isWaybillError(error, 'CONFIGURATION')) await tell(event, recorded, error);
        throw error;
      }
    },
  };
}
