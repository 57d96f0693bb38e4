import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesAt } from './harness/git.js';
import { deliveryOf, digestOf, type Kit, onboard, startKit } from './harness/kit.js';
import { completed, migrationWhen, readMigration } from './harness/migration.js';
import { PLAIN, givenProject } from './harness/project.js';
import { environmentNamed, releaseIn, requestRelease } from './harness/releases.js';
import { until } from './harness/until.js';

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit.close());

const rule = (location: string) => ({
  name: 'main',
  branch: '^(main|next)$',
  resources: [`kubernetes-${location}`, `istio-${location}`],
  tier: 'prod',
  directory: 'main',
  stages: [[location]],
});

/** Two locations, and projects whose branch main runs at the first. */
async function given(left: string, to: string, projects: readonly string[]): Promise<void> {
  await onboard(kit, left, to);
  for (const project of projects) {
    await givenProject(kit, project, { rules: [rule(left)], files: { [`${project}/main/waybill.yaml`]: PLAIN } });
  }
  for (const project of projects) await deploy(project, 'main', `${project} first`);
}

async function deploy(project: string, ref: string, label: string) {
  const asked = await requestRelease(kit.admin, project, ref, label);
  return releaseIn(kit.admin, asked.id, 'COMPLETED');
}

const deployed = (location: string, project: string, slot = 'main'): string =>
  filesAt(deliveryOf(kit, location), `${project}/${slot}`)[`${project}/${slot}/deployment-${project}--${slot}.yaml`] ??
  '';

describe('a migration that removes as soon as it can', () => {
  it('says what is in the way before it starts, and what it would do', async () => {
    await given('prod1', 'prod3', ['shop', 'cart']);
    const nowhere = await kit.cli('location', 'migrate', 'prod1', 'nowhere');
    expect(nowhere).toMatchObject({ code: 2 });
    expect(nowhere.err).toContain('to nowhere is not onboarded');
    const wrong = await kit.cli('location', 'migrate', 'prod1', 'prod3', '--map', 'kubernetes-prod1=istio-prod3');
    expect(wrong.err).toContain('istio-prod3 is istio, kubernetes-prod1 is kubernetes');
    const plan = await kit.cli('location', 'migrate', 'prod1', 'prod3', '--dry-run', '-o', 'json');
    expect(plan.code).toBe(0);
    expect(plan.json()).toEqual({
      location: 'prod1',
      to: 'prod3',
      resources: [
        { from: 'kubernetes-prod1', to: 'kubernetes-prod3', kind: 'kubernetes' },
        { from: 'istio-prod1', to: 'istio-prod3', kind: 'istio' },
      ],
      problems: [],
      environments: [
        { from: 'cart.main@prod1', to: 'cart.main@prod3', problem: null },
        { from: 'shop.main@prod1', to: 'shop.main@prod3', problem: null },
      ],
    });
    expect(await readMigration(kit.admin, 'prod1')).toBeNull();
  });

  it('brings every environment to the other location and takes the old ones away', async () => {
    expect((await kit.cli('location', 'migrate', 'prod1', 'prod3')).code).toBe(0);
    const watched = await kit.cli('location', 'migration', 'prod1', '--watch', '-o', 'json');
    expect(watched.json()).toMatchObject({ state: 'completed', revertible: false });
    for (const project of ['shop', 'cart']) {
      expect(deployed('prod1', project)).toBe('');
      expect(deployed('prod3', project)).toContain(digestOf(`${project} first`));
      expect(deployed('prod3', project)).toContain('namespace: prod3');
      expect(await environmentNamed(kit.admin, `${project}.main@prod1`)).toMatchObject({ state: 'removed' });
    }
  });

  it('leaves the rules as they are: releases go to the other location, and their history continues', async () => {
    const next = await deploy('shop', 'main', 'shop second');
    expect(next).toMatchObject({ outcome: 'delivered', locations: [{ location: 'prod3', state: 'delivered' }] });
    expect(deployed('prod3', 'shop')).toContain(digestOf('shop second'));
    expect(deployed('prod1', 'shop')).toBe('');
    const { environment, deployments } = await kit.admin.ask<Record<string, { deployments: unknown; nodes: unknown }>>(
      `{ environment(name: "shop.main@prod3") {
           migratedFrom deployments(followMigrations: true) { nodes { name counts copyOf } }
         }
         deployments(filter: { project: "shop", location: "prod3", followMigrations: true }) { nodes { name } } }`,
    );
    const names = ['shop.main@prod3.2', 'shop.main@prod1.2', 'shop.main@prod3.1', 'shop.main@prod1.1'];
    expect(environment).toMatchObject({
      migratedFrom: 'shop.main@prod1',
      deployments: {
        nodes: [
          { name: names[0], counts: true, copyOf: null },
          { name: names[1], counts: true },
          { name: names[2], counts: false, copyOf: 'shop.main@prod1.1' },
          { name: names[3], counts: true, copyOf: null },
        ],
      },
    });
    expect(deployments).toMatchObject({ nodes: names.map((name) => ({ name })) });
  });

  it('lets a branch that was never there go to the other location too, and the old one be retired', async () => {
    expect((await kit.cli('location', 'retire', 'prod1')).code).toBe(0);
    const fresh = await deploy('cart', 'next', 'cart next');
    expect(fresh.locations).toMatchObject([{ location: 'prod3', state: 'delivered' }]);
    const back = await kit.cli('location', 'migrate', 'prod3', 'prod1');
    expect(back.err).toMatch(/prod1 is retired/);
  });

  it('goes back to what ran before the migration', async () => {
    const asked = await kit.cli('rollback', 'cart.main@prod3', '-o', 'json');
    expect(asked.code).not.toBe(0);
    await deploy('cart', 'main', 'cart second');
    const rolled = await kit.cli('rollback', 'cart.main@prod3');
    expect(rolled.code).toBe(0);
    await until(
      'the first one runs again',
      async () => deployed('prod3', 'cart'),
      (text) => text.includes(digestOf('cart first')),
    );
  });
});

describe('a migration that removes by hand', () => {
  it('sends releases to both, and only the new one counts after the cut-over', async () => {
    await given('east1', 'east2', ['mail']);
    await kit.cli('location', 'migrate', 'east1', 'east2', '--remove', 'by-hand');
    await migrationWhen(kit.admin, 'east1', 'counts there', ({ environments }) =>
      environments.every(({ step }) => step === 'cut-over'),
    );
    const both = await deploy('mail', 'main', 'mail second');
    expect(both.locations).toMatchObject([{ location: 'east2', state: 'delivered' }]);
    for (const location of ['east1', 'east2']) {
      await until(
        `the release is at ${location}`,
        async () => deployed(location, 'mail'),
        (text) => text.includes(digestOf('mail second')),
      );
    }
    const retired = await kit.cli('location', 'retire', 'east1');
    expect(retired.err).toContain('east1 is being migrated to east2');
  });

  it('is reverted: the copies go, the old ones count again', async () => {
    expect((await kit.cli('location', 'migration', 'east1', 'revert')).code).toBe(0);
    await migrationWhen(
      kit.admin,
      'east1',
      'is undone',
      ({ state, environments }) => state === 'reverted' && environments.every(({ step }) => step === 'kept'),
    );
    await until(
      'the copy is gone',
      async () => deployed('east2', 'mail'),
      (text) => text === '',
    );
    const alone = await deploy('mail', 'main', 'mail third');
    expect(alone.locations).toMatchObject([{ location: 'east1', state: 'delivered' }]);
    expect(deployed('east2', 'mail')).toBe('');
  });

  it('may be started again, and completes when somebody says so', async () => {
    await kit.cli('location', 'migrate', 'east1', 'east2', '--remove', 'by-hand');
    await migrationWhen(kit.admin, 'east1', 'counts there', ({ environments }) =>
      environments.every(({ step }) => step === 'cut-over'),
    );
    expect((await kit.cli('location', 'migration', 'east1', 'remove')).code).toBe(0);
    await completed(kit.admin, 'east1');
    expect(deployed('east1', 'mail')).toBe('');
    expect(deployed('east2', 'mail')).toContain(digestOf('mail third'));
    const late = await kit.cli('location', 'migration', 'east1', 'revert');
    expect(late.code).toBe(1);
  });
});

describe('a migration that removes after a while', () => {
  it('waits that long, and goes on where it was stopped', async () => {
    await given('west1', 'west2', ['news']);
    await kit.cli('location', 'migrate', 'west1', 'west2', '--remove', 'after=2s');
    await migrationWhen(kit.admin, 'west1', 'counts there', ({ environments }) =>
      environments.every(({ step }) => step === 'cut-over'),
    );
    expect((await kit.cli('location', 'migration', 'west1', 'stop')).code).toBe(0);
    const kept = await deploy('news', 'main', 'news second');
    expect(kept.locations).toMatchObject([{ location: 'west2', state: 'delivered' }]);
    expect(await readMigration(kit.admin, 'west1')).toMatchObject({ state: 'stopped', revertible: true });
    expect((await kit.cli('location', 'migration', 'west1', 'resume')).code).toBe(0);
    await completed(kit.admin, 'west1');
    expect(deployed('west1', 'news')).toBe('');
    expect(deployed('west2', 'news')).toContain(digestOf('news second'));
  });
});
