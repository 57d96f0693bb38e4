import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect } from '@waybill/example';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitNamed, imageOf, type Kit, onboard, startKit } from './harness/kit.js';
import { createToken, givenProject } from './harness/project.js';
import { releaseIn, requestRelease } from './harness/releases.js';
import { verifyChains } from './harness/verify-chains.js';

const NAME = 'Zebulon Quackenbush';
const LOGIN = 'zquackenbush';

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
  await onboard(kit, 'dev');
  await givenProject(kit, 'shop');
});
afterAll(() => kit.close());

const views = async (): Promise<string> => {
  const reads = [
    ['project', 'show', 'shop', '-o', 'json'],
    ['project', 'list', '-o', 'json'],
    ['location', 'list', '-o', 'json'],
    ['history', '-o', 'json'],
    ['status', '-o', 'json', '--removed'],
    ['status', 'shop.dev@dev', '-o', 'json'],
    ['events', '--limit', '10000', '-o', 'json'],
    ['person', 'list', '-o', 'json'],
  ];
  const outputs: string[] = [];
  for (const args of reads) {
    const ran = await kit.cli(...args);
    expect({ args, code: ran.code }).toEqual({ args, code: 0 });
    outputs.push(ran.out);
  }
  return outputs.join('\n');
};

it('a rebuild of the views gives what they were', async () => {
  const asked = await requestRelease(kit.admin, 'shop', 'dev', 'first');
  await releaseIn(kit.admin, asked.id, 'COMPLETED');
  const unmatched = await requestRelease(kit.admin, 'shop', 'hotfix-x', 'second');
  await releaseIn(kit.admin, unmatched.id, 'UNMATCHED');
  const before = await views();
  const rebuilt = await kit.cli('rebuild');
  expect({ code: rebuilt.code, out: rebuilt.out }).toEqual({
    code: 0,
    out: expect.stringContaining('views rebuilt from'),
  });
  expect(rebuilt.err).toContain('100 %');
  expect(await views()).toBe(before);
});

it('an erased person is in no view, no file and no event, and the log still verifies', async () => {
  const token = await createToken(kit.admin, { roles: ['DEVELOPER'], project: 'shop', person: LOGIN, name: NAME });
  const asked = await requestRelease(connect(kit.ledger.url, token), 'shop', 'dev', 'named');
  await releaseIn(kit.admin, asked.id, 'COMPLETED');
  expect(await views()).toContain(NAME);
  const why = await kit.cli('why', asked.id, '-o', 'wide');
  expect(why.out).toContain(NAME);

  expect((await kit.cli('person', 'erase', LOGIN)).code).toBe(2);
  expect((await kit.cli('person', 'erase', LOGIN, '--yes')).code).toBe(0);
  expect(await views()).not.toMatch(new RegExp(`${NAME}|${LOGIN}`, 'i'));
  expect((await kit.cli('why', asked.id, '-o', 'wide')).out).not.toContain(NAME);
  expect((await kit.cli('releases', 'show', asked.id)).code).toBe(0);

  const { data } = kit.ledger;
  await kit.ledger.stop();
  for (const file of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
    const bytes = fileText(join(data, file));
    if (bytes !== undefined)
      expect({ file, found: bytes.includes(NAME) || bytes.includes(LOGIN) }).toEqual({ file, found: false });
  }
  const verified = await verifyChains(data);
  expect(verified.problems).toEqual([]);
  expect(verified.events).toBeGreaterThan(20);
  await kit.restart();
});

it('a CLI release leaves a trail from the command to the delivered commit', async () => {
  const ran = await kit.cli(
    ...['release', 'shop', '--ref', 'dev', '--commit', commitNamed('trail'), '--image', imageOf('trail')],
    ...['--pipeline', '77', '--job', '7', '--attribute', 'ticket=OPS-7', '--wait', '--timeout', '60s', '-o', 'json'],
  );
  expect(ran.code).toBe(0);
  const release = ran.json<{ id: string }>();
  const [found] = (await kit.cli('history', '--pipeline', '77', '-o', 'json')).json<{ id: string }[]>();
  expect(found?.id).toBe(release.id);
  const shown = (await kit.cli('releases', 'show', release.id, '-o', 'json')).json<{
    correlationId: string;
    attributes: object;
  }>();
  expect(shown.attributes).toEqual({ ticket: 'OPS-7' });
  const types = (await kit.cli('events', '--correlation', shown.correlationId, '-o', 'json'))
    .json<{ type: string }[]>()
    .map(({ type }) => type);
  expect(types).toEqual(
    expect.arrayContaining([
      'ReleaseRequested',
      'BranchMatched',
      'ConfigResolved',
      'ReleasePlanned',
      'DeploymentRequested',
      'DeploymentDelivered',
      'ReleaseCompleted',
    ]),
  );
});

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
