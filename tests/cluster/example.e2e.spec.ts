import { expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plainEnvironment, ROOT } from '../e2e/harness/ledger-process.js';
import { until } from '../e2e/harness/until.js';

it('shows the example on two clusters, serves, and takes everything away on Ctrl-C', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'tools/example/cluster/main.mjs')], {
    cwd: ROOT,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  await Promise.race([
    until(
      'it serves',
      () => Promise.resolve(out),
      (text) => text.includes('Ctrl-C ends it'),
      110_000,
    ),
    ended.then((code) => {
      throw new Error(`it ended with ${code}: ${err}`);
    }),
  ]);
  for (const ref of ['dev', 'feature-login', 'feature-pay', 'release-1.2', 'lt-3', 'tag v1.2.0', 'hotfix-x']) {
    expect(out).toContain(`\n${ref}\n`);
  }
  expect(out).toMatch(/waybill-prod2 +a--prod +a +prod +1 +True +Healthy +Steady/);
  expect(out).toMatch(/prod1 +a--prod +4\/4/);
  expect(out).toMatch(/a\.feature-pay@feature +healthy/);
  const url = /Waybill is at (http\S+);/.exec(out)![1]!;
  const data = /WAYBILL_DATA=(\S+)\n/.exec(out)![1]!;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  await expect(fetch(`${url}/readyz`)).rejects.toThrow();
  expect(existsSync(data)).toBe(false);
});
