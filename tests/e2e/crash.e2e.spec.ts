import { describe, expect, it } from '@jest/globals';
import { connect } from '@waybill/example';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startExample } from './harness/example-run.js';
import { type FinalState, finalStateOf } from './harness/final-state.js';
import { QUICK, temporaryFolder } from './harness/kit.js';
import { startLedger } from './harness/ledger-process.js';

/** Kills at random moments; more in a longer run: WAYBILL_KILLS=20 npx jest --config tests/e2e/jest.config.cjs crash */
const KILLS = Number(process.env['WAYBILL_KILLS'] ?? 3);

let undisturbed: { state: FinalState; tookMs: number } | undefined;

/** The example from start to end in one ledger that nobody kills. */
async function runUndisturbed(): Promise<{ state: FinalState; tookMs: number }> {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const ledger = await startLedger(data, QUICK);
  const started = Date.now();
  const { code, err } = await startExample(ledger).ended;
  const tookMs = Date.now() - started;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  const state = await finalStateOf(connect(ledger.url, ledger.adminToken), data);
  await ledger.stop();
  rmSync(folder, { recursive: true });
  return { state, tookMs };
}

describe('kill -9 during the example', () => {
  const moments = Array.from({ length: KILLS }, () => Math.random());

  it.each(moments)('at %f of the way ends in the same final state when started again', async (moment) => {
    undisturbed ??= await runUndisturbed();
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    const first = await startLedger(data, QUICK);
    const example = startExample(first);
    await Promise.race([example.ended, new Promise((done) => setTimeout(done, moment * (undisturbed?.tookMs ?? 0)))]);
    example.child.kill('SIGKILL');
    await first.kill();
    await example.ended;

    const second = await startLedger(data, QUICK);
    const { code, err } = await startExample(second).ended;
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(await finalStateOf(connect(second.url, second.adminToken), data)).toEqual(undisturbed.state);
    await second.stop();
    rmSync(folder, { recursive: true });
  });

  it('of the ledger alone: what was asked for is finished without anybody asking again', async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    const first = await startLedger(data, QUICK);
    const example = startExample(first);
    await new Promise<void>((done) => {
      example.child.stderr?.on('data', (text: string) => {
        if (text.includes('release-1.2')) done();
      });
    });
    await first.kill();
    example.child.kill('SIGKILL');
    await example.ended;
    const second = await startLedger(data, QUICK);
    const client = connect(second.url, second.adminToken);
    const { until } = await import('./harness/until.js');
    await until(
      'every release is done',
      async () => (await finalStateOf(client, data)).releases,
      (releases) => releases.every(({ state }) => ['COMPLETED', 'UNMATCHED'].includes(state)),
    );
    await second.stop();
    rmSync(folder, { recursive: true });
  });
});
