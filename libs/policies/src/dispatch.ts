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
type Directed = Extract<EnvironmentEvent, { type: 'RolloutDirected' }>;

const NAME = 'dispatch-desired';

/**
 * Publishes the full desired state of each new generation, and again with each directive for its rollout. Each location
 * has a line of its own. What the channel refuses until somebody mends it, such as a topic with another cleanup policy,
 * is told on every deployment that waits for it; a channel that is away is waited for.
 */
export function dispatchDesired(dependencies: DispatchDependencies): Policy {
  const { catalogue, channel, contents, send, now } = dependencies;
  /** How often each event that waits was held up by a refusal. */
  const refusals = new Map<string, number>();

  async function tell(recorded: RecordedEvent, { message, hint }: WaybillError): Promise<void> {
    const attempt = (refusals.get(recorded.id) ?? 0) + 1;
    refusals.set(recorded.id, attempt);
    // The ledger records attempts 1, 2, 4, 8…
    if ((attempt & (attempt - 1)) !== 0) return;
    const found = await askedBy(recorded);
    if (!found) return;
    const { data } = found.event;
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
    line: (recorded) => catalogue.upcast<Asked | Directed>(recorded).data.environment.location,
    async react(recorded) {
      const found = await askedBy(recorded);
      if (!found) return;
      await channel.publish(await desiredRecordOf(found.event, found.recorded, contents, found.directive));
      refusals.delete(recorded.id);
    },
    async heldUp(events, error) {
      if (!isWaybillError(error, 'CONFIGURATION')) return;
      for (const recorded of events) await tell(recorded, error);
    },
  };
}
