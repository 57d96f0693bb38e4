import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError } from '../../errors.js';
import type { EventStore } from '../../event-store.js';
import { commandDigest, handleCommand, handleCommands, loadStream } from '../../handle-command.js';
import { eventId, newId } from '../../ids.js';
import {
  manualClock,
  sampleEvent,
  wholeLog,
  type ManualClock,
  type StoreFactory,
  type StoreUnderTest,
} from '../event-store/sample-events.js';
import { accountCatalogue, accountCommand, accountDecider, type AccountCommand } from './account.js';

/** What {@link handleCommand} promises, over any event store. */
export function handleCommandContract(name: string, factory: StoreFactory): void {
  describe(`handleCommand contract: ${name}`, () => {
    const stream = 'account-1';
    let clock: ManualClock;
    let tested: StoreUnderTest;

    beforeEach(async () => {
      clock = manualClock();
      tested = await factory({ clock: clock.read });
    });
    afterEach(() => tested.dispose());

    const handle = (command: AccountCommand, store = tested.store, on = stream) =>
      handleCommand({ store, catalogue: accountCatalogue }, accountDecider, on, command);
    const handleAll = (commands: readonly AccountCommand[]) =>
      handleCommands({ store: tested.store, catalogue: accountCatalogue }, accountDecider, stream, commands);
    const load = () => loadStream({ store: tested.store, catalogue: accountCatalogue }, accountDecider, stream);
    const open = (options = {}) => accountCommand({ type: 'Open', data: { owner: 'Ada', deposit: 10 } }, options);
    const deposit = (amount: number, options = {}) => accountCommand({ type: 'Deposit', data: { amount } }, options);

    it('writes the decided events in full and returns the state behind them', async () => {
      const command = open();
      const result = await handle(command);
      const { commandId, actor, now, correlationId, causationId } = command.metadata;
      expect(result).toStrictEqual({
        state: { owner: 'Ada', balance: 10 },
        events: await tested.store.readStream(stream),
        revision: 1,
        position: await tested.store.lastPosition(),
        repeated: false,
      });
      for (const [index, event] of result.events.entries()) {
        expect(event).toMatchObject({
          id: eventId(commandId, index),
          stream,
          revision: index,
          occurredAt: now,
          actor,
          commandId,
          commandDigest: commandDigest(command),
          correlationId,
          causationId,
        });
      }
      expect(result.events.map(({ type, version }) => ({ type, version }))).toEqual([
        { type: 'Opened', version: 1 },
        { type: 'Deposited', version: 2 },
      ]);
      expect(await load()).toStrictEqual({ state: result.state, events: result.events, revision: 1 });
    });

    it('writes nothing when there is nothing to do or the decider refuses', async () => {
      expect(await handle(accountCommand({ type: 'Keep', data: {} }))).toStrictEqual({
        state: accountDecider.initialState,
        events: [],
        revision: -1,
        position: undefined,
        repeated: false,
      });
      await expect(handle(deposit(1))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await handle(open());
      await expect(handle(open())).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      expect(await wholeLog(tested.store)).toHaveLength(2);
    });

    it('refuses an event that its schema refuses, naming the field', async () => {
      await handle(open());
      await expect(handle(deposit(-1))).rejects.toMatchObject({ code: 'INVALID_EVENT', fields: [{ field: 'amount' }] });
    });

    it('returns the first result of a repeated command, at the end of the stream and after others wrote', async () => {
      const command = open();
      const first = await handle(command);
      expect(await handle(command)).toStrictEqual({ ...first, repeated: true });
      await handle(deposit(5));
      // A retry comes later and may find other context; what was asked for is the same.
      const retried = open({ commandId: command.metadata.commandId, now: '2026-11-23T12:01:00.000Z', currency: 'CHF' });
      expect(await handle(retried)).toStrictEqual({
        state: { owner: 'Ada', balance: 15 },
        events: first.events,
        revision: 2,
        position: first.position,
        repeated: true,
      });
      expect(await wholeLog(tested.store)).toHaveLength(3);
    });

    it('refuses a command id that was used for other content, or on another stream', async () => {
      const { commandId } = (await handle(open())).events[0]!;
      for (const other of [deposit(5, { commandId }), accountCommand({ type: 'Keep', data: {} }, { commandId })]) {
        await expect(handle(other)).rejects.toMatchObject({ code: 'COMMAND_ID_CONFLICT' });
      }
      await expect(handle(open({ commandId }), tested.store, 'account-2')).rejects.toMatchObject({
        code: 'COMMAND_ID_CONFLICT',
        message: expect.stringContaining(commandId),
      });
      expect(await wholeLog(tested.store)).toHaveLength(2);
    });

    it('writes several commands in one append, each under its own id, and none when one is refused', async () => {
      const [first, second] = [open(), deposit(5)];
      await expect(handleAll([first, second, open()])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
      expect(await wholeLog(tested.store)).toHaveLength(0);
      const both = await handleAll([first, second]);
      expect(both).toMatchObject({ state: { balance: 15 }, revision: 2, repeated: false });
      expect(both.events.map(({ commandId }) => commandId)).toEqual(
        [first, first, second].map(({ metadata }) => metadata.commandId),
      );
      expect(await handle(second)).toMatchObject({ events: both.events.slice(2), repeated: true });
      // What was recorded of them before is not recorded again.
      const third = deposit(7);
      const all = await handleAll([first, second, third]);
      expect(all).toMatchObject({ state: { balance: 22 }, revision: 3, repeated: false });
      expect(await handleAll([first, second, third])).toStrictEqual({ ...all, repeated: true });
      const used = handleAll([deposit(1), deposit(2, { commandId: third.metadata.commandId })]);
      await expect(used).rejects.toMatchObject({ code: 'COMMAND_ID_CONFLICT' });
      expect(await wholeLog(tested.store)).toHaveLength(4);
    });

    it('loads and decides again when it loses a race', async () => {
      await handle(open());
      const results = await Promise.all([1, 2, 4, 8, 16].map((amount) => handle(deposit(amount))));
      expect((await load()).state.balance).toBe(10 + 31);
      expect(results.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6]);
    });

    it('writes once when one command is sent several times at once, each with its own clock and context', async () => {
      await handle(open());
      const commandId = newId();
      const sent = [0, 1, 2, 3].map((second) =>
        deposit(5, { commandId, now: `2026-11-23T12:00:0${second}.000Z`, currency: second === 2 ? 'CHF' : 'EUR' }),
      );
      const results = await Promise.all([...sent, sent[0]!].map((command) => handle(command)));
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      for (const { events, state } of results) {
        expect(events).toStrictEqual(results[0]!.events);
        expect(state).toEqual({ owner: 'Ada', balance: 15 });
      }
      expect((await load()).revision).toBe(2);
    });

    it('gives up after a bounded number of lost races', async () => {
      await handle(open());
      let attempts = 0;
      const contested: EventStore = {
        ...tested.store,
        async append(on, events, expected) {
          attempts += 1;
          const data = { amount: 1, currency: 'EUR' };
          await tested.store.append(on, [sampleEvent({ type: 'Deposited', version: 2, data })], expected);
          return tested.store.append(on, events, expected);
        },
      };
      await expect(handle(deposit(100), contested)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
      expect(attempts).toBeGreaterThan(2);
      expect(attempts).toBeLessThanOrEqual(10);
      expect((await load()).state.balance).toBe(10 + attempts);
    });

    it('finds its own events when the acknowledgement was lost and the command is repeated', async () => {
      const deaf: EventStore = {
        ...tested.store,
        async append(...args) {
          await tested.store.append(...args);
          throw new RetryableError('STORE_UNAVAILABLE', 'the answer was lost');
        },
      };
      const command = open();
      await expect(handle(command, deaf)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await handle(command)).toMatchObject({ repeated: true, revision: 1, state: { balance: 10 } });
      expect(await wholeLog(tested.store)).toHaveLength(2);
    });

    it('reads events of an older version in today’s shape and leaves them as written', async () => {
      await handle(open());
      const old = sampleEvent({ type: 'Deposited', version: 1, data: { amount: 7 } });
      await tested.store.append(stream, [old], 1);
      const { state, events } = await load();
      expect(state.balance).toBe(17);
      expect(events[2]).toMatchObject({ version: 1, data: { amount: 7 } });
      expect(accountCatalogue.upcast(events[2]!).data).toEqual({ amount: 7, currency: 'EUR' });
    });
  });
}
