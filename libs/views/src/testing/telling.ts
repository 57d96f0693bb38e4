import {
  derivedId,
  handleCommand,
  type Actor,
  type Command,
  type CommandResult,
  type Decider,
  type Event,
  type EventStore,
} from '@waybill/kernel';
import { createMemoryEventStore } from '@waybill/kernel/testing';
import { catalogue } from '@waybill/domain';

export const ADMIN: Actor = { kind: 'person', id: 'p-admin0001', roles: ['admin'] };
export const POLICY: Actor = { kind: 'policy', id: 'spec', roles: [] };
export const operatorOf = (location: string): Actor => ({ kind: 'operator', id: location, roles: [] });

/** Hands a command to the decider of a stream, as the product does. */
export type Tell = <State, C extends Command, E extends Event>(
  decider: Decider<State, C, E>,
  stream: string,
  command: Pick<C, 'type' | 'data' | 'context'>,
  actor: Actor,
  correlation?: string,
) => Promise<CommandResult<State>>;

/** A ledger in memory whose clock ticks a second an append, and whose ids are the same in every run. */
export function createTelling(): { store: EventStore; tell: Tell } {
  let seconds = 0;
  let commands = 0;
  const now = (): string => new Date(Date.UTC(2026, 0, 5, 12) + seconds * 1000).toISOString();
  const store = createMemoryEventStore({
    clock: () => {
      seconds += 1;
      return now();
    },
  });
  return {
    store,
    async tell<State, C extends Command, E extends Event>(
      decider: Decider<State, C, E>,
      stream: string,
      command: Pick<C, 'type' | 'data' | 'context'>,
      actor: Actor,
      correlation?: string,
    ) {
      commands += 1;
      const commandId = derivedId('spec', String(commands));
      const metadata = {
        commandId,
        actor,
        now: now(),
        correlationId: correlation ?? commandId,
        causationId: commandId,
      };
      return handleCommand({ store, catalogue }, decider, stream, { ...command, metadata } as C);
    },
  };
}
