import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryTiles } from '@waybill/evidence/testing';
import { CHECKPOINT_STREAM, catalogue } from '@waybill/domain';
import type { EventStore } from '@waybill/kernel';
import { createMemoryEventStore, sampleEvents } from '@waybill/kernel/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureLedgerKey, publicKeys } from './keys.js';
import { type Sealer, createSealer } from './sealer.js';

let folder: string;
let store: EventStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-sealer-'));
  store = createMemoryEventStore();
});
afterEach(() => rmSync(folder, { recursive: true }));

const parts = (data = folder, tiles = createMemoryTiles()) => ({
  store,
  catalogue,
  configuration: { data },
  now: () => new Date().toISOString(),
  operations: { tiles },
});
const checkpoints = async (): Promise<number[]> =>
  (await store.readStream(CHECKPOINT_STREAM)).map(({ data }) => Number(data['treeSize']));
const write = (stream: string, count: number) => store.append(stream, sampleEvents(count), 'no-stream');

describe('the sealer', () => {
  it('signs what is new, once, and at least every so many events on the way', async () => {
    await ensureLedgerKey(parts());
    await write('thing-1', 998);
    await write('thing-2', 702);
    const sealer = createSealer(parts());
    expect(await sealer.seal(600)).toMatchObject({ treeSize: 1702 });
    expect(await checkpoints()).toEqual([1000, 1702]);
    expect(await sealer.seal()).toMatchObject({ treeSize: 1702 });
    expect(await checkpoints()).toHaveLength(2);
  });

  it('makes one checkpoint of those that several processes sign at once', async () => {
    await ensureLedgerKey(parts());
    await write('thing-1', 10);
    const sealers = Array.from({ length: 4 }, (): Sealer => createSealer(parts()));
    const sealed = await Promise.all(sealers.map((sealer) => sealer.seal()));
    expect(new Set(sealed.map((one) => one!.note)).size).toBe(1);
    expect(await checkpoints()).toEqual([12]);
  });

  it('signs nothing where the key is not, and says what others signed', async () => {
    await ensureLedgerKey(parts());
    const elsewhere = createSealer(parts(join(folder, 'elsewhere')));
    expect(await elsewhere.seal()).toBeUndefined();
    await createSealer(parts()).seal();
    await write('thing-1', 3);
    expect(await elsewhere.seal()).toMatchObject({ treeSize: 2 });
    expect(await checkpoints()).toEqual([2]);
    expect(await elsewhere.read([])).toBe(3);
  });

  it('has one first key, whoever of several processes starts first', async () => {
    await Promise.all([ensureLedgerKey(parts()), ensureLedgerKey(parts(join(folder, 'other')))]);
    expect(await publicKeys(parts())).toHaveLength(1);
  });

  it('takes up the key of a start that ended before it introduced it', async () => {
    await ensureLedgerKey(parts());
    const [key] = await publicKeys(parts());
    // The same ledger, as it would be had the process been killed between the file and the event.
    store = createMemoryEventStore({ ledgerId: store.ledgerId });
    await ensureLedgerKey(parts());
    expect(await publicKeys(parts())).toEqual([key]);
  });
});
