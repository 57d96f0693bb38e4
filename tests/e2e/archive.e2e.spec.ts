import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CliRun, runWaybill } from './harness/cli.js';
import { type Kit, startKit, temporaryFolder } from './harness/kit.js';
import { ROOT, eventStoreOf, plainEnvironment } from './harness/ledger-process.js';
import { until } from './harness/until.js';

let kit: Kit;
/** A folder of somebody else's, where no ledger is. */
let elsewhere: string;

beforeAll(async () => {
  elsewhere = temporaryFolder();
  kit = await startKit({ WAYBILL_WITNESS: `git+file://${join(elsewhere, 'witness.git')}` });
});
afterAll(() => kit.close());

async function ask(...args: string[]): Promise<string> {
  const ran = await kit.cli(...args);
  expect({ args, code: ran.code, err: ran.err }).toMatchObject({ args, code: 0 });
  return ran.out;
}

function keep(name: string, text: string): string {
  writeFileSync(join(elsewhere, name), text);
  return name;
}

/** Without server, token or data folder. */
const offline = (...args: string[]): Promise<CliRun> =>
  runWaybill(args, { WAYBILL_URL: 'http://127.0.0.1:9' }, '', elsewhere);

const project = (key: string): Promise<string> => ask('project', 'create', key, '--name', key);

it('an archive verifies with nothing but the key, and names what was changed in it', async () => {
  await project('alpha');
  await project('beta');
  keep('ledger.pub', await ask('key'));
  await ask('export', join(elsewhere, 'ledger.archive'));
  const sound = await offline('verify', 'ledger.archive', '--key', 'ledger.pub');
  expect([sound.code, sound.out]).toEqual([0, expect.stringMatching(/^sound: \d+ events in \d+ streams/)]);
  expect(sound.out).not.toContain('not sealed');

  const text = readFileSync(join(elsewhere, 'ledger.archive'), 'utf8');
  const line = text.split('\n').findIndex((each) => each.includes('"stream":"project-alpha"')) + 1;
  keep('changed.archive', text.replace('"name":"alpha"', '"name":"Alpha"'));
  const changed = await offline('verify', 'changed.archive', '--key', 'ledger.pub', '-o', 'json');
  expect([changed.code, changed.json<{ problem: unknown }>().problem]).toEqual([
    1,
    expect.objectContaining({ kind: 'changed', line, stream: 'project-alpha', revision: 0 }),
  ]);
});

it('goes on through a kill and a change of keys, and still verifies with the first key and an old checkpoint', async () => {
  keep('kept.note', await ask('checkpoint'));
  await project('gamma');
  await kit.ledger.kill();
  await kit.restart();
  await project('delta');
  await ask('export', join(elsewhere, 'between.archive'));
  keep('between.note', await ask('checkpoint'));
  await kit.ledger.stop();
  const { data } = kit.ledger;
  const rotated = spawnSync(process.execPath, [join(ROOT, 'apps/ledger/dist/main.js'), '--rotate-key'], {
    encoding: 'utf8',
    env: { ...plainEnvironment(), WAYBILL_DATA: data, WAYBILL_EVENT_STORE: eventStoreOf(data) },
  });
  expect(rotated).toMatchObject({ status: 0, stdout: expect.stringContaining('from here on') });
  await kit.restart();
  expect(await ask('key')).not.toBe(readFileSync(join(elsewhere, 'ledger.pub'), 'utf8'));

  await ask('export', join(elsewhere, 'later.archive'));
  for (const key of ['ledger.pub', keep('second.pub', await ask('key'))]) {
    const verified = await offline('verify', 'later.archive', '--key', key, '-o', 'json');
    expect(verified.json<{ problem: unknown; unsealed: unknown }>()).toMatchObject({ problem: null, unsealed: null });
  }
  const kept = await offline('verify', 'later.archive', '--key', 'ledger.pub', '--checkpoint', 'kept.note');
  expect(kept.code).toBe(0);
  const older = await offline('verify', 'ledger.archive', '--key', 'ledger.pub', '--checkpoint', 'between.note');
  expect([older.code, older.out]).toEqual([1, expect.stringContaining('the archive has')]);
});

it('proves a single event, and that the log continues the checkpoint that was kept', async () => {
  const [event] = JSON.parse(await ask('events', '--stream', 'project-gamma', '-o', 'json')) as { id: string }[];
  keep('event.proof', await ask('prove', event!.id, '--checkpoint', join(elsewhere, 'kept.note')));
  const proved = await offline('verify', '--proof', 'event.proof', '--key', 'ledger.pub', '--checkpoint', 'kept.note');
  expect([proved.code, proved.out]).toEqual([
    0,
    expect.stringMatching(/^proved: revision 0 of project-gamma is event/),
  ]);
  expect(proved.out).toContain('that checkpoint continues the one of');
});

it('was witnessed: every checkpoint is a commit', async () => {
  const newest = await ask('checkpoint');
  const git = (...args: string[]): string =>
    spawnSync('git', ['-C', join(elsewhere, 'witness.git'), ...args], { encoding: 'utf8' }).stdout;
  const [ledger] = readdirOfTree(git('ls-tree', '--name-only', 'main'));
  const path = `main:${ledger}/newest.note`;
  await until(
    'the witness keeps the newest checkpoint',
    async () => git('show', path),
    (note) => note === newest,
  );
  expect(readdirOfTree(git('ls-tree', '--name-only', `main:${ledger}`)).length).toBeGreaterThan(2);
});

it('keeps its private keys to itself', () => {
  const archives = readdirSync(elsewhere).filter((name) => !name.endsWith('.git'));
  for (const name of archives) {
    expect(readFileSync(join(elsewhere, name), 'utf8')).not.toContain('PRIVATE KEY');
  }
});

const readdirOfTree = (listing: string): string[] => listing.split('\n').filter((name) => name !== '');
