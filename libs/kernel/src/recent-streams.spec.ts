import { describe, expect, it } from '@jest/globals';
import { loadStream, handleCommand } from './handle-command.js';
import { createRecentStreams } from './recent-streams.js';
import { accountCatalogue as catalogue, accountCommand, accountDecider } from './testing/handle-command/account.js';
import { createMemoryEventStore } from './testing/memory-event-store.js';

const open = () => accountCommand({ type: 'Open', data: { owner: 'Ada', deposit: 10 } });
const deposit = () => accountCommand({ type: 'Deposit', data: { amount: 1 } });

describe('recent streams', () => {
  it('read only what was written since, by whomever, and load the same', async () => {
    const store = createMemoryEventStore();
    const read: (number | undefined)[] = [];
    const watched: typeof store = {
      ...store,
      readStream: (stream, options) => {
        read.push(options?.from);
        return store.readStream(stream, options);
      },
    };
    const remembering = { store: watched, catalogue, recent: createRecentStreams() };
    const first = open();
    await handleCommand(remembering, accountDecider, 'account-1', first);
    await loadStream(remembering, accountDecider, 'account-1');
    await handleCommand({ store, catalogue }, accountDecider, 'account-1', deposit());
    await handleCommand(remembering, accountDecider, 'account-1', deposit());
    expect(await loadStream(remembering, accountDecider, 'account-1')).toStrictEqual(
      await loadStream({ store, catalogue }, accountDecider, 'account-1'),
    );
    expect(read).toEqual([undefined, 0, 2, 3]);
    expect(await handleCommand(remembering, accountDecider, 'account-1', first)).toMatchObject({ repeated: true });
  });

  it('keep no more than they may, and no state of another decider', async () => {
    const store = createMemoryEventStore();
    const recent = createRecentStreams(7);
    const remembering = { store, catalogue, recent };
    for (const stream of ['account-1', 'account-2', 'account-3']) {
      await handleCommand(remembering, accountDecider, stream, open());
      await loadStream(remembering, accountDecider, stream);
    }
    expect(recent.get(accountDecider, 'account-1')).toBeUndefined();
    expect(recent.get(accountDecider, 'account-3')).toMatchObject({ revision: 1, state: { balance: 10 } });
    expect(recent.get({ ...accountDecider }, 'account-3')).toBeUndefined();
  });
});
