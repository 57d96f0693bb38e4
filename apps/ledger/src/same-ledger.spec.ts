import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openOperations } from '@waybill/stores';
import { existsSync, statSync } from 'node:fs';
import { copyFile, mkdtemp, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration } from './configuration.js';
import { startLedger } from './ledger-process.js';
import { createLog } from './log.js';

const log = createLog(() => undefined);

describe('a data folder that had a ledger', () => {
  let folder: string;
  let events: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'waybill-same-'));
    events = join(folder, 'events.sqlite');
    await start().then(({ stop }) => stop());
  });
  afterEach(() => rm(folder, { recursive: true }));

  const start = () => startLedger(readConfiguration([], { WAYBILL_DATA: folder, WAYBILL_LISTEN: '127.0.0.1:0' }), log);

  const refusal = async (): Promise<unknown> => {
    const started = await start().catch((error: unknown) => error);
    if (started instanceof Error) return started;
    await (started as Awaited<ReturnType<typeof start>>).stop();
    return 'it started';
  };

  it('starts again with it', async () => {
    const ledger = await start();
    expect(await ledger.parts.operations.ledger.id()).toBe(ledger.parts.store.ledgerId);
    await ledger.stop();
  });

  it('begins no new one where the log was deleted', async () => {
    await unlink(events);
    expect(await refusal()).toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/events\.sqlite is empty or missing/),
      hint: expect.stringMatching(/Restore the log from a backup/),
    });
    expect(existsSync(events)).toBe(false);
  });

  it('begins no new one where the log was emptied', async () => {
    await truncate(events);
    expect(await refusal()).toMatchObject({ code: 'STORE_CORRUPT' });
    expect(statSync(events).size).toBe(0);
  });

  it('takes no log of another ledger', async () => {
    const other = await mkdtemp(join(tmpdir(), 'waybill-other-'));
    const ledger = await startLedger(
      readConfiguration([], { WAYBILL_DATA: other, WAYBILL_LISTEN: '127.0.0.1:0' }),
      log,
    );
    await ledger.stop();
    await copyFile(join(other, 'events.sqlite'), events);
    await rm(other, { recursive: true });
    expect(await refusal()).toMatchObject({
      code: 'CONFIGURATION',
      message: expect.stringMatching(/holds ledger .*, but here is the data of ledger/),
    });
  });

  it('takes no older copy of its own log', async () => {
    const operations = openOperations({ file: join(folder, 'operations.sqlite') });
    await operations.checkpoints.save('spec', '90000');
    await operations.close();
    expect(await refusal()).toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringMatching(/the log ends at position \d+, but was read up to 90000 before/),
      hint: expect.stringMatching(/one and the same backup/),
    });
  });
});
