import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@waybill/example';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onboard, QUICK, temporaryFolder } from '../e2e/harness/kit.js';
import { type LedgerProcess, ROOT, startFailing, startLedger } from '../e2e/harness/ledger-process.js';
import { createToken, givenProject } from '../e2e/harness/project.js';
import { releaseIn, requestRelease } from '../e2e/harness/releases.js';

/** One ledger in two processes: one answers, the other does the work; a third one comes too late with another log. */
describe('two processes that share log, views and state', () => {
  const folder = temporaryFolder();
  const state = `${process.env['DATABASE_URL']}?schema=e2e_${randomBytes(5).toString('hex')}`;
  let double: ChildProcess;
  let eventStore: string;
  let answering: LedgerProcess;
  let working: LedgerProcess;

  beforeAll(async () => {
    const main = join(ROOT, 'tools/eventstoredb-double/dist/main.js');
    double = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    eventStore = await new Promise<string>((done) => createInterface({ input: double.stdout! }).once('line', done));
    const start = (name: string, roles: string): Promise<LedgerProcess> =>
      startLedger(join(folder, name), {
        ...QUICK,
        WAYBILL_EVENT_STORE: `${eventStore}&prefix=shared.`,
        WAYBILL_STATE: state,
        WAYBILL_ROLES: roles,
      });
    answering = await start('answering', 'api,projector');
    working = await start('working', 'api,policies,dispatcher,operator,reports,checkpointer');
  });
  afterAll(async () => {
    await Promise.all([answering.kill(), working.kill()]);
    double.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('bring a release that one was asked for to its end in the other', async () => {
    const kit = { folder, admin: connect(answering.url, answering.adminToken) };
    await onboard(kit, 'dev');
    await givenProject(kit, 'shop');
    const { id } = await requestRelease(kit.admin, 'shop', 'dev');
    const { outcome, deployments } = await releaseIn(kit.admin, id, 'COMPLETED', 'FAILED');
    expect({ outcome, states: deployments.map((one) => one.state) }).toEqual({
      outcome: 'delivered',
      states: ['delivered'],
    });
  });

  it('know the same tokens and people', async () => {
    const admin = connect(answering.url, answering.adminToken);
    const token = await createToken(admin, { roles: ['ANALYST'], person: 'dora', name: 'Dora' });
    const { projects } = await connect(working.url, token).ask<{ projects: { nodes: unknown[] } }>(
      `{ projects(first: 1) { nodes { key } } }`,
    );
    expect(projects.nodes).toHaveLength(1);
  });

  it('let no other ledger use their state', async () => {
    const { code, stderr } = await startFailing(join(folder, 'stranger'), {
      WAYBILL_EVENT_STORE: `${eventStore}&prefix=stranger.`,
      WAYBILL_STATE: state,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/is empty or missing, but here is the data of ledger/);
  });
});
