import type { Channel } from '@waybill/channel';
import type { EnvironmentEvent } from '@waybill/domain';
import type { CommandDependencies } from '@waybill/kernel';
import { desiredRecordOf } from './desired-record.js';
import type { Policy } from './policy.js';

export interface DispatchDependencies extends CommandDependencies {
  readonly channel: Pick<Channel, 'publish'>;
  readonly contents: { get(digest: string): Promise<string> };
}

/** Publishes the full desired state of each new generation. */
export function dispatchDesired({ catalogue, channel, contents }: DispatchDependencies): Policy {
  return {
    name: 'dispatch-desired',
    handles: new Set(['DeploymentRequested', 'EnvironmentRemovalRequested']),
    async react(recorded) {
      const event = catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type !== 'DeploymentRequested' && event.type !== 'EnvironmentRemovalRequested') return;
      await channel.publish(await desiredRecordOf(event, recorded, contents));
    },
  };
}
