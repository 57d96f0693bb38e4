import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testKubernetes } from '@waybill/adapters/testing';
import { kubectlOf, LOCATIONS, untilServed } from '@waybill/example';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { startExample } from '../e2e/harness/example-run.js';
import { ROOT } from '../e2e/harness/ledger-process.js';
import { environmentNamed } from '../e2e/harness/releases.js';
import { until } from '../e2e/harness/until.js';
import { getObject, kubectl, listObjects, namesIn, type SeenRelease } from './harness/kubectl.js';
import { eventsOf } from './harness/shop.js';
import { type Stage, startStage } from './harness/stage.js';

interface Listed {
  readonly id: string;
  readonly ref: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly slot: string | null;
  readonly commit: string;
  readonly locations: readonly { readonly location: string; readonly state: string; readonly generation: number }[];
}

let stage: Stage;
let account: string;
let releases: Map<string, Listed>;

beforeAll(async () => {
  const crds = execFileSync(process.execPath, [join(ROOT, 'tools/servers/istio-crds.mjs')], { encoding: 'utf8' });
  await kubectl('apply', '--server-side', '-f', crds.trim());
  await untilServed(kubectlOf(testKubernetes()), 'virtualservices.networking.istio.io');
  stage = await startStage(LOCATIONS);
  await Promise.all(LOCATIONS.map((location) => stage.place(location).start()));
  const { code, out, err } = await startExample(stage.kit.ledger, ['--cluster']).ended;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  account = out;
  const listed = (await stage.kit.cli('history', 'A', '-o', 'json')).json<Listed[]>();
  releases = new Map(listed.map((release) => [release.ref, release]));
});
afterAll(() => stage.close());

const of = (ref: string): Listed => {
  const release = releases.get(ref);
  if (!release) throw new Error(`no release of ${ref}`);
  return release;
};

describe('the reference table, in a cluster', () => {
  it.each([
    ['dev', ['dev']],
    ['feature-login', ['feature']],
    ['feature-pay', ['feature']],
    ['release-1.2', ['release']],
    ['lt-3', ['lt']],
    ['v1.2.0', ['prod1', 'prod2']],
  ])('%s is healthy in %s', async (ref, locations) => {
    const release = of(ref);
    expect(release).toMatchObject({ state: 'COMPLETED', outcome: 'healthy' });
    expect(release.locations.map(({ location, state, generation }) => ({ location, state, generation }))).toEqual(
      locations.map((location) => ({ location, state: 'healthy', generation: 1 })),
    );
    for (const location of locations) {
      const { target } = stage.place(location);
      const name = `a--${release.slot}`;
      const deployment = await getObject(target, 'deployment', name);
      expect(deployment!.metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'a',
        'app.kubernetes.io/instance': name,
        'app.kubernetes.io/managed-by': 'waybill',
        'waybill.dev/project': 'a',
        'waybill.dev/slot': release.slot,
        'waybill.dev/location': location,
      });
      expect(deployment!.metadata.annotations).toMatchObject({
        'waybill.dev/release': release.id,
        'waybill.dev/generation': '1',
        [ref === 'v1.2.0' ? 'waybill.dev/tag' : 'waybill.dev/branch']: ref,
        'waybill.dev/commit': release.commit,
        'waybill.dev/pipeline-id': `example-${release.commit.slice(0, 8)}`,
        'waybill.dev/job-id': 'release',
      });
      const { template, replicas } = deployment!.spec as { template: { metadata: object }; replicas: number };
      expect(template.metadata).toMatchObject({ annotations: { 'waybill.dev/release': release.id } });
      expect(deployment!.status).toMatchObject({ readyReplicas: replicas });
      expect(await getObject(target, 'virtualservices.networking.istio.io', name)).not.toBeNull();
    }
  });

  it('lets two feature branches live side by side', async () => {
    expect(await namesIn(stage.place('feature').target, 'deployments,services')).toEqual([
      'Deployment a--feature-login',
      'Deployment a--feature-pay',
      'Service a--feature-login',
      'Service a--feature-pay',
    ]);
  });

  it('brings along what the configuration brings along', async () => {
    const budget = await getObject(stage.place('prod2').target, 'poddisruptionbudget', 'a-budget');
    expect(budget!.metadata.labels).toMatchObject({ 'waybill.dev/slot': 'prod' });
  });

  it('keeps hotfix-x in the ledger alone', async () => {
    expect(of('hotfix-x')).toMatchObject({ state: 'UNMATCHED', locations: [] });
    const everywhere = JSON.parse(await kubectl('get', 'releases.waybill.dev', '-A', '-o', 'json')) as {
      items: SeenRelease[];
    };
    expect(everywhere.items.map(({ metadata }) => metadata.name).filter((name) => name.includes('hotfix'))).toEqual([]);
  });
});

describe('what people are shown', () => {
  it('is a line for each Release', async () => {
    const rows = (await kubectl('get', 'releases', '-n', stage.place('feature').namespace)).trim().split('\n');
    expect(rows[0]!.trim().split(/\s+/)).toEqual(
      'NAME PROJECT SLOT GENERATION READY REASON STEP WEIGHT ROLLOUT AGE'.split(' '),
    );
    expect(rows.slice(1).map((row) => row.split(/\s+/).slice(0, 7).join(' '))).toEqual([
      'a--feature-login a feature-login 1 True Healthy Steady',
      'a--feature-pay a feature-pay 1 True Healthy Steady',
    ]);
  });

  it('is each action with how long it took', async () => {
    const release = of('v1.2.0');
    const why = await stage.kit.cli('why', release.id.slice(0, 8));
    expect(why.code).toBe(0);
    for (const location of ['prod1', 'prod2']) {
      const stream = `deployment-a.prod@${location}.1`;
      const events = await eventsOf(stage.kit.admin, stream);
      expect(events.map(({ type }) => type)).toEqual([
        'DeploymentAccepted',
        'ManifestsAdapted',
        'ManifestsApplied',
        'DeploymentRolledOut',
        'DeploymentHealthy',
      ]);
      for (const type of ['ManifestsApplied', 'DeploymentRolledOut']) {
        const { data } = events.find((event) => event.type === type)!;
        expect(data['durationMs']).toEqual(expect.any(Number));
      }
      expect(why.out).toContain(location);
    }
    expect(why.out).toMatch(/applied.*\d+ ?m?s/i);
    expect(why.out).toMatch(/rolled out.*\d+ ?m?s/i);
  });

  it('is an account that names every ref and how to see why', () => {
    for (const release of releases.values()) expect(account).toContain(`npx waybill why ${release.id.slice(0, 8)}`);
    expect(account).toContain('landed   prod2, slot prod, healthy as generation 1');
  });
});

describe('a deleted branch', () => {
  it('takes everything of its own away and nothing else, and its Release goes when the ledger knows', async () => {
    const { namespace, target } = stage.place('feature');
    const login = () => listObjects(target, 'deployments,services,configmaps,virtualservices.networking.istio.io');
    const before = (await login()).filter(({ metadata }) => metadata.name === 'a--feature-login');
    const deleted = await stage.kit.cli('branch', 'delete', 'a', 'feature-pay');
    expect({ code: deleted.code, err: deleted.code === 0 ? '' : deleted.err }).toEqual({ code: 0, err: '' });
    await until(
      'the environment is removed',
      () => environmentNamed(stage.kit.admin, 'a.feature-pay@feature'),
      (environment) => environment?.state === 'removed',
    );
    await until(
      'its Release is gone',
      () => namesIn(namespace, 'releases.waybill.dev'),
      (names) => names.join() === 'Release a--feature-login',
    );
    expect(await namesIn(target, 'deployments,services,virtualservices.networking.istio.io')).toEqual([
      'Deployment a--feature-login',
      'Service a--feature-login',
      'VirtualService a--feature-login',
    ]);
    const after = (await login()).filter(({ metadata }) => metadata.name === 'a--feature-login');
    expect(after.map(({ metadata }) => metadata.resourceVersion)).toEqual(
      before.map(({ metadata }) => metadata.resourceVersion),
    );
    expect(of('feature-login').state).toBe('COMPLETED');
    const told = (await eventsOf(stage.kit.admin, 'deployment-a.feature-pay@feature.2')).map(({ type }) => type);
    expect(told).toEqual(['DeploymentAccepted', 'DeploymentRemoved']);
  });
});
