import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Kit, digestOf, startKit } from '../e2e/harness/kit.js';
import { ROOT } from '../e2e/harness/ledger-process.js';
import { devRule, givenProject } from '../e2e/harness/project.js';
import { environmentNamed, releaseIn, requestRelease } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';

const PYTHON = process.env['PYTHON'] || 'python3';
const brokers = process.env['KAFKA_BROKERS'] ?? '';

/** What is missing to run it; null when nothing is. */
function missing(): string | null {
  const { error, status } = spawnSync(PYTHON, ['-c', 'import kafka, jsonschema'], { stdio: 'ignore' });
  if (error) return `there is no ${PYTHON}`;
  return status === 0 ? null : `${PYTHON} lacks tests/adapter-python/requirements.txt`;
}

const lacking = missing();
if (lacking !== null) {
  if (process.env['CI'] || process.env['REQUIRE_EVERY_SUITE']) throw new Error(`the adapter cannot be run: ${lacking}`);
  console.warn(`the adapter in Python is not run: ${lacking}`);
}
const suite = lacking === null ? describe : describe.skip;

suite('an adapter in another language (skipped without Python and its packages)', () => {
  let kit: Kit;
  let adapter: ChildProcess;
  const prefix = `python-${process.pid}-`;
  const written = (path: string): string => join(kit.folder, 'written', 'shop.dev@dev', path);

  const start = (): ChildProcess =>
    spawn(
      PYTHON,
      [
        join(ROOT, 'tests/adapter-python/adapter.py'),
        ...['--brokers', brokers, '--prefix', prefix, '--location', 'dev'],
        ...['--folder', join(kit.folder, 'written'), '--schemas', join(ROOT, 'docs/schemas')],
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  const stop = async (): Promise<void> => {
    if (adapter.exitCode !== null || adapter.signalCode !== null) return;
    const ended = once(adapter, 'exit');
    adapter.kill('SIGKILL');
    await ended;
  };

  beforeAll(async () => {
    kit = await startKit({ WAYBILL_CHANNEL: `kafka://${brokers}?prefix=${prefix}` });
    await kit.admin.ask(`mutation Onboard($input: LocationInput!) { onboardLocation(input: $input) { position } }`, {
      input: { key: 'dev', delivery: { kind: 'cluster' } },
    });
    await kit.admin.ask(`mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { position } }`, {
      input: { key: 'kubernetes-dev', location: 'dev', kind: 'kubernetes', parameters: { namespace: 'dev' } },
    });
    await givenProject(kit, 'shop', { rules: [devRule({ resources: ['kubernetes-dev'] })] });
    adapter = start();
  });
  afterAll(async () => {
    await stop();
    await kit.close();
  });

  it('takes a release to the end', async () => {
    const { id } = await requestRelease(kit.admin, 'shop', 'dev', 'one');
    const release = await releaseIn(kit.admin, id, 'COMPLETED', 'FAILED');
    expect(release).toMatchObject({
      state: 'COMPLETED',
      outcome: 'healthy',
      locations: [{ location: 'dev', state: 'healthy', generation: 1 }],
    });
    const program = JSON.parse(readFileSync(written('program.json'), 'utf8')) as object;
    expect(program).toMatchObject({ name: 'shop--dev', deliverable: { digest: digestOf('one') } });
    const { location } = await kit.admin.ask<{ location: object }>(
      '{ location(key: "dev") { operator { software version capabilities silent } } }',
    );
    expect(location).toEqual({
      operator: { software: 'adapter-python', version: '1', capabilities: ['example.dev/v1'], silent: false },
    });
  });

  it('takes up what was asked for while it was away, and tells nothing twice', async () => {
    await stop();
    const { id } = await requestRelease(kit.admin, 'shop', 'dev', 'two');
    adapter = start();
    expect(await releaseIn(kit.admin, id, 'COMPLETED', 'FAILED')).toMatchObject({ outcome: 'healthy' });
    const { events } = await kit.admin.ask<{ events: { nodes: { type: string }[] } }>(
      '{ events(stream: "deployment-shop.dev@dev.1") { nodes { type } } }',
    );
    expect(events.nodes.map(({ type }) => type).sort()).toEqual([
      'DeploymentAccepted',
      'DeploymentHealthy',
      'DeploymentRolledOut',
      'ManifestsAdapted',
      'ManifestsApplied',
    ]);
  });

  it('removes what a deleted branch leaves', async () => {
    await kit.admin.ask(`mutation Delete($input: DeleteBranchInput!) { deleteBranch(input: $input) { position } }`, {
      input: { project: 'shop', branch: 'dev' },
    });
    await until(
      'the environment is removed',
      () => environmentNamed(kit.admin, 'shop.dev@dev'),
      (environment) => environment?.state === 'removed',
    );
    expect(existsSync(written('program.json'))).toBe(false);
  });
});
