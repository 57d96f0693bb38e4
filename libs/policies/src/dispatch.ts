import type { Channel } from '@waybill/channel';
import { type EnvironmentEvent, environmentName, machineText } from '@waybill/domain';
import { type RecordedEvent, type WaybillError, derivedId, isWaybillError } from '@waybill/kernel';
import { desiredRecordOf } from './desired-record.js';
import { type Policy, type PolicyDependencies, causedBy } from './policy.js';
import { directiveOf, generationEvent } from './read.js';

export interface DispatchDependencies extends PolicyDependencies {
  readonly channel: Pick<Channel, 'publish'>;
  readonly contents: { get(digest: string): Promise<string> };
}

type Asked = Extract<EnvironmentEvent, { type: 'DeploymentRequested' | 'EnvironmentRemovalRequested' }>;

const NAME = 'dispatch-desired';

/**
 * Publishes the full desired state of each new generation, and again with each directive for its rollout. What the channel refuses until somebody mends it, such as a
 * topic with another cleanup policy, is told on the deployment that waits; a channel that is away is waited for.
 */
export function dispatchDesired(dependencies: DispatchDependencies): Policy {
  const { catalogue, channel, contents, send, now } = dependencies;
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

  /** What asked for the generation that the event is about, with the directive that it is. */
  async function askedBy(recorded: RecordedEvent) {
    const event = catalogue.upcast<EnvironmentEvent>(recorded);
    switch (event.type) {
      case 'DeploymentRequested':
      case 'EnvironmentRemovalRequested':
        return { event, recorded, directive: null };
      case 'RolloutDirected': {
        const asked = await generationEvent(dependencies, event.data.environment, event.data.generation);
        return asked && { ...asked, directive: directiveOf(event) };
      }
      default:
        return undefined;
    }
  }

  return {
    name: NAME,
    handles: new Set(['DeploymentRequested', 'EnvironmentRemovalRequested', 'RolloutDirected']),
    async react(recorded) {
      const found = await askedBy(recorded);
      if (!found) return;
      const record = await desiredRecordOf(found.event, found.recorded, contents, found.directive);
      try {
        await channel.publish(record);
      } catch (error) {
        if (isWaybillError(error, 'CONFIGURATION')) await tell(found.event, recorded, error);
        throw error;
      }
    },
  };
}
