import { afterAll, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './harness/kit.js';
import { plainEnvironment, ROOT } from './harness/ledger-process.js';
import { until } from './harness/until.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  readonly child: ChildProcess;
  readonly text: () => string;
  readonly ended: Promise<number | null>;
}

/** What `npm start` runs, on a data folder and port of its own. */
function start(
  env: Record<string, string> = {},
  program = process.execPath,
  args = [join(ROOT, 'tools/start.mjs')],
): Started {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...plainEnvironment(), WAYBILL_DATA: join(folder, 'data'), WAYBILL_LISTEN: '127.0.0.1:0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, text: () => text, ended: new Promise((done) => child.once('close', (code) => done(code))) };
}

const REFS = ['dev', 'feature-login', 'feature-pay', 'release-1.2', 'lt-3', 'tag v1.2.0', 'hotfix-x'];

const greeted = (started: Started): Promise<string> => printed(started, 'Ctrl-C ends it');

/** What it printed once these words are among it; fails at once when it ends before. */
function printed(started: Started, words: string): Promise<string> {
  return Promise.race([
    until(
      `it prints ${words}`,
      () => Promise.resolve(started.text()),
      (text) => text.includes(words),
      110_000,
    ),
    started.ended.then((code) => {
      throw new Error(`it ended with code ${code}: ${started.text()}`);
    }),
  ]);
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  );

it('shows the example, serves, ends with 0 on Ctrl-C, and finds everything again', async () => {
  const first = start();
  const text = await greeted(first);
  for (const ref of REFS) expect(text).toContain(`\n${ref}\n`);
  const url = /Waybill is at (http\S+)/.exec(text)?.[1] ?? '';
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  const link = /Log in with\s+(http\S+)/.exec(text)?.[1] ?? '';
  expect((await fetch(link, { redirect: 'manual' })).status).toBeLessThan(400);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(await answers(url)).toBe(false);

  const second = start();
  expect(await greeted(second)).toContain('found again in the ledger');
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
});

it('that is killed in the middle of the example leaves no process behind, and the next one finishes it', async () => {
  const data = join(folder, 'killed');
  const first = start({ WAYBILL_DATA: data });
  await printed(first, 'Pushing feature-pay');
  first.child.kill('SIGKILL');
  await first.ended;
  const second = start({ WAYBILL_DATA: data });
  const text = await greeted(second);
  for (const ref of REFS) expect(text).toContain(`\n${ref}\n`);
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
});

it('ends with 0 when npm is asked to end, and ends when npm is killed', async () => {
  const env = { WAYBILL_DATA: join(folder, 'npm'), WAYBILL_EXAMPLE: 'off' };
  const asked = start(env, 'npm', ['start']);
  await greeted(asked);
  asked.child.kill('SIGINT');
  expect(await asked.ended).toBe(0);
  const started = start(env, 'npm', ['start']);
  const url = /Waybill is at (http\S+)/.exec(await greeted(started))?.[1] ?? '';
  started.child.kill('SIGKILL');
  await until(
    'nothing answers',
    () => answers(url),
    (there) => !there,
  );
});

it('passes on the code and the sentence of a ledger that cannot start', async () => {
  const started = start({ WAYBILL_LISTEN: 'nowhere' });
  expect(await started.ended).toBe(2);
  expect(started.text()).toContain('WAYBILL_LISTEN');
});

it.each(['', 'below'])('tells in one sentence that the data folder is a file %s', async (below) => {
  const file = join(folder, 'file');
  writeFileSync(file, 'not a folder');
  const started = start({ WAYBILL_DATA: join(file, below) });
  expect(await started.ended).toBe(2);
  expect(started.text()).toMatch(/waybill ledger: cannot use .* as the data folder: .*WAYBILL_DATA/);
  expect(started.text()).not.toMatch(/\n\s+at /);
});

it('hands its flags on to the ledger', async () => {
  const refused = start({}, process.execPath, [join(ROOT, 'tools/start.mjs'), '--listen', 'nowhere']);
  expect(await refused.ended).toBe(2);
  expect(refused.text()).toContain('--listen=nowhere');
  const asked = start({}, process.execPath, [join(ROOT, 'tools/start.mjs'), '--help']);
  expect(await asked.ended).toBe(0);
  expect(asked.text()).toMatch(/--listen\s+WAYBILL_LISTEN/);
});
