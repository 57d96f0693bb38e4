import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Client, connect } from '@waybill/example';
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporaryFolder } from '../e2e/harness/kit.js';
import { type LedgerProcess, ROOT, startFailing, startLedger } from '../e2e/harness/ledger-process.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One log in a double of EventStoreDB, one set of views in PostgreSQL, a data folder for each process. */
describe('two ledger processes on one log and one set of views', () => {
  let double: ChildProcess;
  let projecting: LedgerProcess;
  let answering: LedgerProcess;
  let ask: { readonly projecting: Client; readonly answering: Client };

  beforeAll(async () => {
    const main = join(ROOT, 'tools/eventstoredb-double/dist/main.js');
    double = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const eventStore = await new Promise<string>((done) =>
      createInterface({ input: double.stdout! }).once('line', done),
    );
    const start = (name: string, roles: string): Promise<LedgerProcess> =>
      startLedger(join(folder, name), { WAYBILL_EVENT_STORE: `${eventStore}&prefix=two.`, WAYBILL_ROLES: roles });
    projecting = await start('projecting', 'api,projector,checkpointer');
    answering = await start('answering', 'api');
    const clientOf = ({ url, adminToken }: LedgerProcess): Client => connect(url, adminToken);
    ask = { projecting: clientOf(projecting), answering: clientOf(answering) };
  });
  afterAll(async () => {
    await Promise.all([projecting.kill(), answering.kill()]);
    double.kill('SIGKILL');
  });

  const register = async (client: Client, key: string): Promise<string> => {
    const mutation = `mutation Register($key: String!) { registerProject(input: { key: $key }) { project { key } position } }`;
    const { registerProject } = await client.ask<{ registerProject: { project: { key: string }; position: string } }>(
      mutation,
      { key },
    );
    expect(registerProject.project).toEqual({ key });
    return registerProject.position;
  };

  const keysAfter = async (client: Client, position: string): Promise<string[]> => {
    const query = `query Keys($position: Position!) @readAfter(position: $position, timeoutSeconds: 30) {
      projects(first: 100) { nodes { key } }
    }`;
    const { projects } = await client.ask<{ projects: { nodes: { key: string }[] } }>(query, { position });
    return projects.nodes.map(({ key }) => key);
  };

  it('show each other’s writes, also while the views are rebuilt', async () => {
    expect(await keysAfter(ask.projecting, await register(ask.answering, 'a'))).toEqual(['a']);
    await ask.projecting.ask('mutation Rebuild { rebuildViews { state } }');
    const written = ['b', 'c', 'd', 'e'];
    for (const [index, key] of written.entries()) {
      const [from, to] = index % 2 === 0 ? [ask.answering, ask.projecting] : [ask.projecting, ask.answering];
      expect(await keysAfter(to, await register(from, key))).toEqual(['a', ...written.slice(0, index + 1)]);
    }
  });

  it('go on answering when the one that projects is killed', async () => {
    await projecting.kill();
    expect(await keysAfter(ask.answering, '0')).toHaveLength(5);
  });
});

it('a ledger that finds no PostgreSQL ends with one sentence, and tells no password', async () => {
  const { code, stderr } = await startFailing(join(folder, 'nowhere'), {
    WAYBILL_VIEWS: 'postgres://ann:s3cret@127.0.0.1:1/x',
  });
  const [last] = stderr.trim().split('\n').slice(-1);
  expect(code).toBe(1);
  expect(last).toMatch(
    /^waybill ledger: no connection to the views in 127\.0\.0\.1:1\/x: .*ECONNREFUSED.*\. Start PostgreSQL/,
  );
  expect(stderr).not.toContain('s3cret');
});
