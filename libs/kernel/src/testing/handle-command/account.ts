import { z } from 'zod';
import { EventCatalogue, defineStream, type EventsOf } from '../../catalogue.js';
import { assertNever, type Command, type Decider } from '../../decider.js';
import { WaybillError } from '../../errors.js';
import { newId } from '../../ids.js';

/** The smallest domain that has everything: a refusal, a command with two events, one with none, an old version. */
const account = defineStream('account', 'An account, for specs.', {
  Opened: { version: 1, doc: 'It was opened.', data: z.strictObject({ owner: z.string() }) },
  Deposited: {
    version: 2,
    doc: 'Money came in.',
    data: z.strictObject({ amount: z.int().min(1), currency: z.string().length(3) }),
    upcast: { 1: (data) => ({ ...data, currency: 'EUR' }) },
    changed: { 2: 'It has a currency.' },
  },
});
export type AccountEvent = EventsOf<typeof account.events>;

export type AccountCommand =
  | Command<'Open', { owner: string; deposit: number }, { currency: string }>
  | Command<'Deposit', { amount: number }, { currency: string }>
  | Command<'Keep', Record<string, never>, undefined>;

export interface AccountState {
  readonly owner: string | null;
  readonly balance: number;
}

export const accountCatalogue = new EventCatalogue([account]);

export const accountDecider: Decider<AccountState, AccountCommand, AccountEvent> = {
  initialState: { owner: null, balance: 0 },
  decide(command, state) {
    switch (command.type) {
      case 'Open':
        if (state.owner !== null) throw new WaybillError('ALREADY_EXISTS', 'the account is open');
        return [
          { type: 'Opened', data: { owner: command.data.owner } },
          { type: 'Deposited', data: { amount: command.data.deposit, currency: command.context.currency } },
        ];
      case 'Deposit':
        if (state.owner === null) throw new WaybillError('NOT_FOUND', 'no such account');
        return [{ type: 'Deposited', data: { amount: command.data.amount, currency: command.context.currency } }];
      case 'Keep':
        return [];
      default:
        return assertNever(command);
    }
  },
  evolve(state, event) {
    switch (event.type) {
      case 'Opened':
        return { ...state, owner: event.data.owner };
      case 'Deposited':
        return { ...state, balance: state.balance + event.data.amount };
      default:
        return assertNever(event);
    }
  },
};

type Content = AccountCommand extends infer C ? (C extends Command ? Pick<C, 'type' | 'data'> : never) : never;

/** A command with metadata of its own; `commandId` repeats an earlier one. */
export function accountCommand(
  content: Content,
  { commandId = newId(), now = '2026-11-23T12:00:00.000Z', currency = 'EUR' } = {},
): AccountCommand {
  return {
    ...content,
    context: content.type === 'Keep' ? undefined : { currency },
    metadata: {
      commandId,
      actor: { kind: 'person', id: 'p-0123456789abcdef0123', roles: ['developer'] },
      now,
      correlationId: commandId,
      causationId: commandId,
    },
  } as AccountCommand;
}
