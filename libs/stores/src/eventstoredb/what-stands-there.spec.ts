import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@waybill/kernel';
import { sampleEvent, sampleEvents } from '@waybill/kernel/testing';
import { startEventStoreDbDouble, type EventStoreDbDouble } from '../testing/index.js';
import { openEventStoreDbStore } from './event-store.js';

const json = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));

describe('what stands in EventStoreDB', () => {
  let double: EventStoreDbDouble;
  let store: EventStore;

  beforeEach(async () => {
    double = await startEventStoreDbDouble();
    store = await openEventStoreDbStore({ url: double.url });
  });
  afterEach(async () => {
    await store.close();
    double.stop();
  });

  it('is data that people can read, and the envelope beside it', async () => {
    const sent = sampleEvent({ data: { '10': 1, '9': 'nine', name: 'Ünïcode' } });
    const { events } = await store.append('thing-1', [sent], 'no-stream');
    const [stored] = double.log.stream('thing-1')!;
    expect(stored).toMatchObject({
      id: sent.id,
      type: sent.type,
      stream: 'thing-1',
      revision: 0,
      contentType: 'application/json',
    });
    expect(String(stored!.position)).toBe(events[0]!.position);
    expect(json(stored!.data)).toEqual(sent.data);
    expect(json(stored!.metadata)).toEqual({
      ledger: store.ledgerId,
      id: sent.id,
      version: sent.version,
      occurredAt: sent.occurredAt,
      recordedAt: events[0]!.recordedAt,
      actor: sent.actor,
      commandId: sent.commandId,
      commandDigest: sent.commandDigest,
      $correlationId: sent.correlationId,
      $causationId: sent.causationId,
      previousHash: events[0]!.previousHash,
      hash: events[0]!.hash,
    });
    expect(await store.readStream('thing-1')).toStrictEqual(events);
  });

  it('is no new ledger where one is known to be, and not another one', async () => {
    const url = `${double.url}&prefix=emptied-`;
    const before = double.log.all().length;
    await expect(openEventStoreDbStore({ url, known: 'l-1' })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/is empty or missing.*l-1/),
    });
    expect(double.log.all()).toHaveLength(before);
    await (await openEventStoreDbStore({ url, ledgerId: 'l-2' })).close();
    await expect(openEventStoreDbStore({ url, known: 'l-1' })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await (await openEventStoreDbStore({ url, known: 'l-2' })).close();
  });

  it('is one ledger id, whoever opens it first and however many do', async () => {
    const url = `${double.url}&prefix=raced-`;
    const stores = await Promise.all([1, 2, 3, 4].map((n) => openEventStoreDbStore({ url, ledgerId: `l-${n}` })));
    const [first] = stores;
    for (const { ledgerId } of stores) expect(ledgerId).toBe(first!.ledgerId);
    await Promise.all(stores.map((one) => one.close()));
    const again = await openEventStoreDbStore({ url, ledgerId: 'l-5' });
    expect(again.ledgerId).toBe(first!.ledgerId);
    expect(await again.readAll(undefined, 10)).toEqual([]);
    await again.close();
  });

  it('may be several ledgers, each under its prefix', async () => {
    const other = await openEventStoreDbStore({ url: `${double.url}&prefix=other.` });
    const shared = sampleEvent();
    await store.append('thing-1', [shared, sampleEvent()], 'no-stream');
    await other.append('thing-1', [shared], 'no-stream');
    expect(double.log.stream('other.thing-1')).toHaveLength(1);
    expect(await store.readAll(undefined, 10)).toHaveLength(2);
    expect(await other.readAll(undefined, 10)).toStrictEqual(await other.readStream('thing-1'));
    expect(await other.lastPosition()).toBe((await other.readStream('thing-1'))[0]!.position);
    await other.close();
  });

  it('is refused when somebody else wrote to a stream of ours', async () => {
    await store.append('thing-1', sampleEvents(1), 'no-stream');
    double.log.append('thing-1', 0, [
      {
        id: sampleEvent().id,
        type: 'Forged',
        contentType: 'application/json',
        data: Buffer.from('{}'),
        metadata: new Uint8Array(),
      },
    ]);
    const corrupt = { code: 'STORE_CORRUPT', message: expect.stringContaining('Forged') };
    await expect(store.readStream('thing-1')).rejects.toMatchObject(corrupt);
    await expect(store.append('thing-1', sampleEvents(1), 1)).rejects.toMatchObject(corrupt);
    expect(await store.readAll(undefined, 10)).toHaveLength(1);
  });

  it('never gets a stream whose name Waybill keeps for itself', async () => {
    await expect(store.append('waybill_ledger', sampleEvents(1), 'no-stream')).rejects.toMatchObject({
      code: 'INVALID_EVENT',
    });
  });

  it('is refused when a position lies in the middle of an event', async () => {
    const { position } = await store.append('thing-1', sampleEvents(1), 'no-stream');
    await store.append('thing-1', sampleEvents(1), 0);
    await expect(store.readAll(String(Number(position) + 1), 10)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const seen = store.subscribe({ after: String(Number(position) + 1) })[Symbol.asyncIterator]();
    await expect(seen.next()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
