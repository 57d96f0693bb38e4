import type { EnvironmentEvent, EnvironmentId } from '@waybill/domain';
import type { CommandDependencies } from '@waybill/kernel';
import type { Policy } from './policy.js';

export interface RetireDependencies extends Pick<CommandDependencies, 'catalogue'> {
  readonly channel: {
    /** Drops what is retained of an environment unless it is of a generation above this one. */
    retire(environment: EnvironmentId, generation: number): Promise<void>;
  };
}

type Removed = Extract<EnvironmentEvent, { type: 'EnvironmentRemoved' }>;

/**
 * Takes a removed environment off the channel: nobody has to be told any more that it is absent. The environment says
 * itself that it is removed, and only when nothing newer was asked for. Each location has a line of its own.
 */
export function retireRemoved({ catalogue, channel }: RetireDependencies): Policy {
  return {
    name: 'retire-removed',
    handles: new Set(['EnvironmentRemoved']),
    line: (recorded) => catalogue.upcast<Removed>(recorded).data.environment.location,
    async react(recorded) {
      const event = catalogue.upcast<EnvironmentEvent>(recorded);
      if (event.type === 'EnvironmentRemoved') await channel.retire(event.data.environment, event.data.generation);
    },
  };
}
