import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commitOf, deliveryPath, LOCATIONS } from '@waybill/example';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startExample } from './harness/example-run.js';
import { filesAt, git, tip, trailersOf } from './harness/git.js';
import { runWaybill } from './harness/cli.js';
import { digestOf, type Kit, startKit } from './harness/kit.js';
import { ROOT } from './harness/ledger-process.js';

interface Listed {
  readonly id: string;
  readonly ref: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly reason: string;
  readonly slot: string | null;
  readonly commit: string;
  readonly rule: { readonly name: string; readonly resources: readonly string[] } | null;
  readonly locations: readonly { readonly location: string; readonly state: string; readonly generation: number }[];
}

let kit: Kit;
let account: string;
let releases: Map<string, Listed>;

beforeAll(async () => {
  kit = await startKit();
  const { code, out, err } = await startExample(kit.ledger).ended;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  account = out;
  const listed = (await kit.cli('history', 'A', '-o', 'json')).json<Listed[]>();
  releases = new Map(listed.map((release) => [release.ref, release]));
});
afterAll(() => kit.close());

const example = (): string => join(kit.ledger.data, 'example');
const delivery = (location: string): string => deliveryPath(example(), location);
const of = (ref: string): Listed => {
  const release = releases.get(ref);
  if (!release) throw new Error(`no release of ${ref}`);
  return release;
};

describe('the reference table', () => {
  it.each([
    ['dev', 'dev', 'dev', ['dev']],
    ['feature-login', 'feature', 'feature-login', ['feature']],
    ['feature-pay', 'feature', 'feature-pay', ['feature']],
    ['release-1.2', 'release', null, ['release']],
    ['lt-3', 'lt', 'lt-3', ['lt']],
    ['v1.2.0', 'tag', 'prod', ['prod1', 'prod2']],
  ])('%s matches %s and lands there', (ref, rule, slot, locations) => {
    const release = of(ref);
    expect(release).toMatchObject({ state: 'COMPLETED', outcome: 'delivered' });
    expect(release.rule?.name).toBe(rule);
    expect([...(release.rule?.resources ?? [])].sort()).toEqual(
      locations.flatMap((location) => [`istio-${location}`, `kubernetes-${location}`]).sort(),
    );
    if (slot !== null) expect(release.slot).toBe(slot);
    expect(release.locations.map(({ location, state, generation }) => ({ location, state, generation }))).toEqual(
      locations.map((location) => ({ location, state: 'delivered', generation: 1 })),
    );
    for (const location of locations) {
      const files = Object.keys(filesAt(delivery(location), `a/${release.slot}`));
      expect(files).toContain(`a/${release.slot}/deployment-a--${release.slot}.yaml`);
      expect(files.some((file) => file.includes('virtualservice'))).toBe(true);
    }
  });

  it('gives release-1.2 a slot that no other ref can have', () => {
    expect(of('release-1.2').slot).toMatch(/^release-1-2-[0-9a-z]+$/);
  });

  it('keeps hotfix-x in the ledger though no rule matched', async () => {
    const release = of('hotfix-x');
    expect(release).toMatchObject({ state: 'UNMATCHED', rule: null, slot: null, locations: [] });
    const tested = await kit.cli('rules', 'test', 'A', 'hotfix-x');
    expect(tested.code).toBe(1);
    expect(tested.out).toContain('no rule matches branch hotfix-x');
    for (const location of LOCATIONS) {
      expect(Object.keys(filesAt(delivery(location))).filter((path) => path.includes('hotfix'))).toEqual([]);
    }
  });

  it('lets two feature branches live side by side', async () => {
    const files = Object.keys(filesAt(delivery('feature')));
    expect(files).toEqual(
      expect.arrayContaining([
        'a/feature-login/deployment-a--feature-login.yaml',
        'a/feature-pay/deployment-a--feature-pay.yaml',
      ]),
    );
    const status = (await kit.cli('status', 'A', '--location', 'feature', '-o', 'json')).json<
      { name: string; state: string }[]
    >();
    expect(status.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      'a.feature-login@feature delivered',
      'a.feature-pay@feature delivered',
    ]);
    expect(filesAt(delivery('feature'))['a/feature-login/deployment-a--feature-login.yaml']).toContain('replicas: 2');
    expect(filesAt(delivery('feature'))['a/feature-pay/deployment-a--feature-pay.yaml']).toContain('replicas: 1');
  });
});

describe('what stands in a location’s repository', () => {
  it('is one commit a deployment, with trailers that join it to its origin', () => {
    const release = of('dev');
    expect(git(delivery('dev'), 'rev-list', '--count', 'main')).toBe('1');
    expect(trailersOf(delivery('dev'), 'main')).toMatchObject({
      Release: release.id,
      Deployment: 'a.dev@dev.1',
      Generation: '1',
      Branch: 'dev',
      Commit: release.commit,
      Pipeline: `example-${release.commit.slice(0, 8)}`,
      Job: 'release',
    });
    expect(release.commit).toBe(commitOf(join(example(), 'service'), 'dev'));
    expect(git(delivery('feature'), 'rev-list', '--count', 'main')).toBe('2');
  });

  it('is what render prints locally, but for what names the release', async () => {
    const out = join(kit.folder, 'rendered');
    const { commit } = of('dev');
    const shown = (await kit.cli('releases', 'show', of('dev').id.slice(0, 8), '-o', 'json')).json<{
      deliverable: { image: string; digest: string };
    }>();
    const image = `${shown.deliverable.image}@${shown.deliverable.digest}`;
    const ran = await kit.cli('render', 'A', 'dev', '--out', out, '--commit', commit, '--image', image);
    expect(ran.code).toBe(0);
    const delivered = Object.entries(filesAt(delivery('dev'), 'a/dev')).filter(([path]) => path.endsWith('.yaml'));
    expect(ran.out.trim().split('\n')).toHaveLength(delivered.length);
    for (const [path, text] of delivered) {
      const name = path.slice('a/dev/'.length);
      const printed = ran.out.split('\n').find((file) => file.endsWith(`/${name}`)) ?? name;
      expect(unbound(readFileSync(printed, 'utf8'))).toBe(unbound(text));
    }
    rmSync(out, { recursive: true });
  });

  it('renders a local configuration that nobody has committed', async () => {
    const folder = join(example(), 'config/a/feature-login');
    const ran = await kit.cli('render', 'A', 'feature-xyz', '--config', folder);
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('replicas: 2');
    expect(ran.out).toContain('a--feature-xyz');
  });
});

/** Without the annotations that name release, generation, pipeline and job: a rendering has none of them. */
const unbound = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s+waybill\.dev\/(release|generation|pipeline|job|attribute)[\w.-]*:/.test(line))
    .join('\n');

describe('the account', () => {
  it('says for each ref what happened and how to see why', async () => {
    for (const release of releases.values()) expect(account).toContain(`npx waybill why ${release.id.slice(0, 8)}`);
    expect(account).toContain(`commit ${tip(delivery('prod2'))?.slice(0, 8)}`);
    const why = await kit.cli('why', of('v1.2.0').id.slice(0, 8));
    expect(why.code).toBe(0);
    expect(why.out).toContain('prod1');
    expect((await kit.cli('why', of('hotfix-x').id)).out).toMatch(/no rule|matched no|match/i);
  });

  it('finds everything again, also after a restart', async () => {
    const again = await startExample(kit.ledger).ended;
    expect(again.code).toBe(0);
    expect(again.out).toContain('found again');
    await kit.restart();
    const later = await startExample(kit.ledger).ended;
    expect(later.code).toBe(0);
    expect(later.out).toBe(again.out.replaceAll(/WAYBILL_URL=\S+/g, `WAYBILL_URL=${kit.ledger.url}`));
    const count = (await kit.cli('history', 'A', '-o', 'json')).json<Listed[]>().length;
    expect(count).toBe(releases.size);
    expect(git(delivery('dev'), 'rev-list', '--count', 'main')).toBe('1');
  });
});

describe('a release from a terminal', () => {
  const env = (): Record<string, string> => ({ WAYBILL_URL: kit.ledger.url, WAYBILL_DATA: kit.ledger.data });
  const ask = (args: string[], cwd: string) =>
    runWaybill(
      ['release', 'A', ...args, '--image', `registry.example/a@${digestOf('x')}`, '-o', 'json'],
      env(),
      '',
      cwd,
    );

  it('takes branch and commit of the repository it is run in', async () => {
    const ran = await ask(['--wait', '--timeout', '60s'], join(example(), 'service'));
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' });
    expect(ran.json()).toMatchObject({ ref: 'dev', commit: of('dev').commit, state: 'COMPLETED' });
  });

  it('looks a named ref up in the project’s own repository when run elsewhere, and never takes another’s commit', async () => {
    const ran = await ask(['--ref', 'hotfix-x'], ROOT);
    expect(ran.json()).toMatchObject({ ref: 'hotfix-x', commit: of('hotfix-x').commit });
    const unknown = await ask(['--ref', 'main-of-somebody'], ROOT);
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('which commit is branch main-of-somebody?');
  });
});
