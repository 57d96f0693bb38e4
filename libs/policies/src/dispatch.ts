import type { Channel } from '@waybill/channel';
import type { EnvironmentEvent } from '@waybill/domain';
import type { CommandDependencies } from '@waybill/kernel';
import { desiredRecordOf } from './desired-record.js';
import type { Policy } from './policy.js';
import { directiveOf, generationEvent } from './read.js';

export interface DispatchDependencies extends CommandDependencies {
  readonly channel: Pick<Channel, 'publish'>;
  readonly contents: { get(digest: string): Promise<string> };
}

/** Publishes the full desired state of each new generation, and again with each directive for its rollout. */
export function dispatchDesired(dependencies: DispatchDependencies): Policy {
  const { catalogue, channel, contents } = dependencies;
  return {
    name: 'dispatch-desired',
    handles: new Set(['DeploymentRequested', 'EnvironmentRemovalRequested', 'RolloutDirected']),
    async react(recorded) {
      const event = catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type === 'RolloutDirected') {
        const { environment, generation } = event.data;
        const asked = await generationEvent(dependencies, environment, generation);
        if (!asked) return;
        return channel.publish(await desiredRecordOf(asked.event, asked.recorded, contents, directiveOf(event)));
      }
      if (event.type !== 'DeploymentRequested' && event.type !== 'EnvironmentRemovalRequested') return;
      await channel.publish(await desiredRecordOf(event, recorded, contents));
    },
  };
}
