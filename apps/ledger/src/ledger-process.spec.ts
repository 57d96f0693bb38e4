import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isWaybillError } from '@waybill/kernel';
import { mkdtemp, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAdminToken } from './access/admin-token.js';
import { openParts } from './app.module.js';
import { type Configuration, readConfiguration } from './configuration.js';
import { startLedger } from './ledger-process.js';
import { createLog } from './log.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waybill-process-'));
});
afterEach(() => rm(folder, { recursive: true }));

const log = createLog(() => undefined);
const configured = (listen = '127.0.0.1:0'): Configuration =>
  readConfiguration([], { WAYBILL_DATA: folder, WAYBILL_LISTEN: listen });
const adminToken = async (): Promise<string> => (await readFile(join(folder, 'admin-token'), 'utf8')).trim();

async function refusal(configuration = configured()): Promise<Error> {
  const started = await startLedger(configuration, log).catch((error: unknown) => error as Error);
  if (started instanceof Error) return started;
  await started.stop();
  throw new Error('it started');
}

const status = async (url: string, token: string): Promise<number> => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  return (await fetch(`${url}/graphql`, { method: 'POST', headers, body: '{"query":"{me{id}}"}' })).status;
};

describe('starting a ledger', () => {
  it('where the port is taken ends in a sentence naming it, and leaves the folder free', async () => {
    const other: Server = await new Promise((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
    });
    const { port } = other.address() as AddressInfo;
    const lines: string[] = [];
    const telling = createLog((line) => void lines.push(line));
    const error = await startLedger(configured(`127.0.0.1:${port}`), telling).then(
      () => new Error('it started'),
      (refused: Error) => refused,
    );
    expect(lines).toEqual([]);
    expect(isWaybillError(error, 'CONFIGURATION')).toBe(true);
    expect(error.message).toBe(`port ${port} on 127.0.0.1 is in use by another program`);
    await new Promise((resolve) => other.close(resolve));
    const ledger = await startLedger(configured(`127.0.0.1:${port}`), log);
    await ledger.stop();
  });

  it('over a damaged log is refused by name', async () => {
    await (await startLedger(configured(), log)).stop();
    await writeFile(join(folder, 'events.sqlite'), 'this is no database, and it is long enough to be looked at');
    const error = await refusal();
    expect(isWaybillError(error, 'STORE_CORRUPT') || isWaybillError(error, 'CONFIGURATION')).toBe(true);
    expect(error.message).toContain('events.sqlite');
  });

  it('again keeps the admin token, and its grant once taken stays taken', async () => {
    const first = await startLedger(configured(), log);
    const token = await adminToken();
    await first.stop();
    const second = await startLedger(configured(), log);
    expect(await adminToken()).toBe(token);
    expect(await status(second.parts.address.url(), token)).toBe(200);
    await second.stop();
    // It was used: that the file is gone means that somebody put the token elsewhere.
    await unlink(join(folder, 'admin-token'));
    const third = await startLedger(configured(), log);
    await expect(adminToken()).rejects.toThrow('ENOENT');
    await third.stop();
  });

  it('after a crash between token and file makes a token that works', async () => {
    await (await startLedger(configured(), log)).stop();
    await unlink(join(folder, 'admin-token'));
    const ledger = await startLedger(configured(), log);
    expect(await status(ledger.parts.address.url(), await adminToken())).toBe(200);
    await ledger.stop();
  });

  it('gives a new admin token to whoever may write the data folder', async () => {
    await (await startLedger(configured(), log)).stop();
    const lost = await adminToken();
    const parts = await openParts(configured(), log);
    await writeAdminToken(parts, folder);
    await parts.close();
    expect(await adminToken()).not.toBe(lost);
    expect((await stat(join(folder, 'admin-token'))).mode & 0o777).toBe(0o600);
    const ledger = await startLedger(configured(), log);
    expect(await status(ledger.parts.address.url(), await adminToken())).toBe(200);
    await ledger.stop();
  });
});
