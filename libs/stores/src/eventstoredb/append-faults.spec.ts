import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError, verifyChain, type EventStore } from '@waybill/kernel';
import { sampleEvent, sampleEvents } from '@waybill/kernel/testing';
import { startEventStoreDbDouble, type EventStoreDbDouble } from '../testing/index.js';
import { openEventStoreDbStore } from './event-store.js';

/** What the streams of one server hold when calls go wrong between us and it. */
describe('appending to EventStoreDB when calls go wrong', () => {
  let double: EventStoreDbDouble;
  let store: EventStore;
  const opened: EventStore[] = [];
  const doubles: EventStoreDbDouble[] = [];

  const open = async (url: string): Promise<EventStore> => {
    const another = await openEventStoreDbStore({ url });
    opened.push(another);
    return another;
  };
  /** Waits a second for an answer, not ten. */
  const impatient = (): Promise<EventStore> => open(`${double.url}&defaultDeadline=1000`);
  const start = async (options = {}): Promise<EventStoreDbDouble> => {
    const another = await startEventStoreDbDouble(options);
    doubles.push(another);
    return another;
  };

  beforeEach(async () => {
    double = await start();
    store = await open(double.url);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    for (const one of doubles.splice(0)) one.stop();
  });

  const lost = async (promise: Promise<unknown>): Promise<void> => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining(`${double.port}`) });
  };

  it.each(['unavailable', 'never'] as const)(
    'settles an append whose acknowledgement was lost (%s), at once and after others wrote',
    async (answer) => {
      const sent = sampleEvents(3);
      const teller = answer === 'never' ? await impatient() : store;
      double.inject({ fault: 'lose-acknowledgement', stream: 'thing-1', answer });
      await lost(teller.append('thing-1', sent, 'no-stream'));
      const stored = await store.readStream('thing-1');
      const settled = { events: stored, position: stored[2]!.position, repeated: true };
      expect(await store.append('thing-1', sent, 'no-stream')).toStrictEqual(settled);
      await store.append('thing-1', sampleEvents(1), 2);
      expect(await store.append('thing-1', sent, 'no-stream')).toStrictEqual(settled);

      const behind = sampleEvents(2);
      double.inject({ fault: 'lose-acknowledgement', stream: 'thing-1', answer });
      await lost(teller.append('thing-1', behind, 3));
      expect(await store.append('thing-1', behind, 3)).toMatchObject({ repeated: true });
      const events = await store.readStream('thing-1');
      expect(events.map(({ id }) => id).slice(4)).toEqual(behind.map(({ id }) => id));
      expect(verifyChain(store.ledgerId, events)).toBeUndefined();
    },
  );

  it('writes on repetition what was lost on the way there', async () => {
    const sent = sampleEvents(2);
    double.inject({ fault: 'refuse-append', stream: 'thing-1' });
    await lost(store.append('thing-1', sent, 'no-stream'));
    expect(await store.readStream('thing-1')).toEqual([]);
    const { events, repeated } = await store.append('thing-1', sent, 'no-stream');
    expect(repeated).toBe(false);
    expect(events.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
    expect(await store.readStream('thing-1')).toStrictEqual(events);
  });

  it.each(['refuse-append', 'lose-acknowledgement'] as const)(
    'writes once when saying whose an id is went wrong (%s)',
    async (fault) => {
      const sent = sampleEvents(2);
      double.inject({ fault, stream: sent[1]!.id });
      await lost(store.append('thing-1', sent, 'no-stream'));
      expect(await store.append('thing-1', sent, 'no-stream')).toMatchObject({ repeated: false });
      expect(await store.append('thing-1', sent, 'no-stream')).toMatchObject({ repeated: true });
      expect(await store.readStream('thing-1')).toHaveLength(2);
    },
  );

  it('does not take for its own what another process wrote under the same ids while its append was on the way', async () => {
    const other = await open(double.url);
    const sent = sampleEvents(2);
    const elsewhere = sent.map((event) => ({ ...event, occurredAt: '2026-11-23T11:00:00.000Z' }));
    double.inject({ fault: 'hold-append', stream: 'thing-1' });
    const late = store.append('thing-1', sent, 'no-stream');
    await claimed(double, sent[1]!.id);
    const quick = await other.append('thing-1', elsewhere, 'no-stream');
    expect(quick.repeated).toBe(false);
    double.inject({ fault: 'let-go' });
    await expect(late).rejects.toMatchObject({ code: 'EVENT_ID_CONFLICT' });
    expect(await store.readStream('thing-1')).toStrictEqual(quick.events);
  });

  it('finds its own events when another process sent the very same append and was faster', async () => {
    const other = await open(double.url);
    const sent = sampleEvents(2);
    double.inject({ fault: 'hold-append', stream: 'thing-1' });
    const late = store.append('thing-1', sent, 'no-stream');
    await claimed(double, sent[1]!.id);
    const quick = await other.append('thing-1', sent, 'no-stream');
    double.inject({ fault: 'let-go' });
    expect(await late).toStrictEqual({ ...quick, repeated: true });
    expect(await store.readStream('thing-1')).toStrictEqual(quick.events);
  });

  it('writes once when an attempt that was given up arrives after all', async () => {
    const sent = sampleEvents(2);
    const teller = await impatient();
    double.inject({ fault: 'hold-append', stream: 'thing-1' });
    await lost(teller.append('thing-1', sent, 'no-stream'));
    const { events, repeated } = await store.append('thing-1', sent, 'no-stream');
    expect(repeated).toBe(false);
    double.inject({ fault: 'let-go' });
    await store.append('thing-1', sampleEvents(1), 1);
    expect((await store.readStream('thing-1')).slice(0, 2)).toStrictEqual(events);
    expect(verifyChain(store.ledgerId, await store.readStream('thing-1'))).toBeUndefined();
  });

  it('lets one of several processes win each revision, and the chain hold', async () => {
    const others = [store, await open(double.url), await open(double.url)];
    for (let revision = -1; revision < 9; revision++) {
      const outcomes = await Promise.allSettled(
        others.map((one) => one.append('thing-1', sampleEvents(1), revision === -1 ? 'no-stream' : revision)),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'REVISION_CONFLICT' });
      }
    }
    const events = await store.readStream('thing-1');
    expect(events).toHaveLength(10);
    expect(verifyChain(store.ledgerId, events)).toBeUndefined();
  });

  it('keeps an event’s own id in the server after a lost race', async () => {
    const other = await open(double.url);
    await store.append('thing-1', sampleEvents(1), 'no-stream');
    await other.append('thing-1', sampleEvents(1), 0);
    const event = sampleEvent();
    await expect(store.append('thing-1', [event], 0)).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await store.append('thing-1', [event], 1);
    expect(double.log.stream('thing-1')!.at(-1)!.id).toBe(event.id);
  });

  it('keeps an id for the stream it was sent to first, also when it never got there', async () => {
    const event = sampleEvent();
    double.inject({ fault: 'refuse-append', stream: 'thing-1' });
    await lost(store.append('thing-1', [event], 'no-stream'));
    await expect(store.append('thing-2', [event], 'no-stream')).rejects.toMatchObject({
      code: 'EVENT_ID_CONFLICT',
      message: expect.stringContaining('thing-1'),
    });
    expect(await store.append('thing-1', [event], 'no-stream')).toMatchObject({ repeated: false });
  });

  it('says that the server is away, and goes on when it is back', async () => {
    const sent = sampleEvents(1);
    double.inject({ fault: 'unavailable', on: true });
    await lost(store.append('thing-1', sent, 'no-stream'));
    await lost(store.readStream('thing-1'));
    await lost(store.readAll(undefined, 1));
    await lost(store.lastPosition());
    double.inject({ fault: 'unavailable', on: false });
    expect(await store.append('thing-1', sent, 'no-stream')).toMatchObject({ repeated: false });
  });

  it('reconnects to a server that was started again', async () => {
    await store.append('thing-1', sampleEvents(1), 'no-stream');
    double.stop();
    await lost(store.append('thing-1', sampleEvents(1), 0));
    await start({ port: double.port, log: double.log });
    const sent = sampleEvents(1);
    expect(await store.append('thing-1', sent, 0)).toMatchObject({ repeated: false, events: [{ revision: 1 }] });
  });

  it('goes to the leader when the node it is connected to does not lead', async () => {
    const leader = await start({ log: double.log });
    double.inject({ fault: 'not-leader', leader: { host: leader.host, port: leader.port } });
    const { events, repeated } = await store.append('thing-1', sampleEvents(2), 'no-stream');
    expect(repeated).toBe(false);
    expect(await store.readStream('thing-1')).toStrictEqual(events);
    expect(leader.calls.append).toBeGreaterThan(0);
  });

  it('asks the leader for the end of the log: a follower may not have it yet', async () => {
    const { position } = await store.append('thing-1', sampleEvents(1), 'no-stream');
    const leader = await start({ log: double.log });
    double.inject({ fault: 'not-leader', leader: { host: leader.host, port: leader.port } });
    expect(await store.lastPosition()).toBe(position);
    expect(leader.calls.read).toBeGreaterThan(0);
  });

  it('finds the leader of a cluster by asking its nodes', async () => {
    const leader = await start({ log: double.log });
    double.inject({ fault: 'not-leader', leader: { host: leader.host, port: leader.port } });
    const hosts = [double, leader].map(({ host, port }) => `${host}:${port}`).join(',');
    const clustered = await open(`esdb://${hosts}?tls=false`);
    expect(await clustered.append('thing-1', sampleEvents(1), 'no-stream')).toMatchObject({ repeated: false });
    expect(leader.calls.append).toBeGreaterThan(0);
    expect(double.calls.gossip + leader.calls.gossip).toBeGreaterThan(0);
  });

  it('gives up while no node leads, and has written nothing', async () => {
    double.inject({ fault: 'not-leader', leader: { host: double.host, port: double.port } });
    const sent = sampleEvents(1);
    await lost(store.append('thing-1', sent, 'no-stream'));
    double.inject({ fault: 'not-leader', leader: null });
    expect(await store.append('thing-1', sent, 'no-stream')).toMatchObject({ repeated: false });
  });

  it('says so when the server writes at another revision, as it does after a stream was deleted', async () => {
    const append = double.log.append.bind(double.log);
    const deleted: typeof append = (stream, expected, proposed) => {
      const appended = append(stream, expected, proposed);
      return stream === 'thing-1' && appended.result === 'success' ? { ...appended, revision: 5 } : appended;
    };
    Object.assign(double.log, { append: deleted });
    await expect(store.append('thing-1', sampleEvents(1), 'no-stream')).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
  });

  it('refuses an append that is too large for the server, and writes nothing', async () => {
    const events = [1, 2].map(() => sampleEvent({ data: { text: 'x'.repeat(600_000) } }));
    await expect(store.append('thing-1', events, 'no-stream')).rejects.toMatchObject({ code: 'EVENT_TOO_LARGE' });
    expect(await store.readStream('thing-1')).toEqual([]);
  });
});

/** Resolves when the server knows whose an event id is. */
async function claimed(double: EventStoreDbDouble, id: string): Promise<void> {
  const isThere = (): boolean => double.log.all().some(({ stream }) => stream.endsWith(id));
  if (isThere()) return;
  await new Promise<void>((resolve) => {
    const stop = double.log.listen(() => {
      if (!isThere()) return;
      stop();
      resolve();
    });
  });
}
