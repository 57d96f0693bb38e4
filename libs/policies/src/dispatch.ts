import type { Channel, DesiredState } from '@waybill/channel';
import type { EnvironmentEvent } from '@waybill/domain';
import type { CommandDependencies } from '@waybill/kernel';
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
      const ids = { correlationId: recorded.correlationId, causationId: recorded.id };
      if (event.type === 'DeploymentRequested') {
        const { environment, generation, release, desired: digest } = event.data;
        // Its digest says that it is what this ledger composed.
        const desired = JSON.parse(await contents.get(digest)) as DesiredState;
        await channel.publish({
          schema: 'waybill.dev/desired-record/v1',
          environment,
          generation,
          state: 'present',
          release,
          digest,
          desired,
          ...ids,
        });
      } else if (event.type === 'EnvironmentRemovalRequested') {
        const { environment, generation } = event.data;
        await channel.publish({
          schema: 'waybill.dev/desired-record/v1',
          environment,
          generation,
          state: 'absent',
          release: null,
          digest: null,
          desired: null,
          ...ids,
        });
      }
    },
  };
}
