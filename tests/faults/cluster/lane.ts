import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commitFiles } from '../../e2e/harness/git.js';
import { digestOf } from '../../e2e/harness/kit.js';
import { givenProject, PLAIN } from '../../e2e/harness/project.js';
import { environmentNamed, readRelease, requestRelease } from '../../e2e/harness/releases.js';
import { until } from '../../e2e/harness/until.js';
import { getObject, kubectl, listObjects, namesIn, type SeenRelease } from '../../cluster/harness/kubectl.js';
import type { OperatorProcess } from '../../cluster/harness/operator-process.js';
import { eventsOf, onboardCluster } from '../../cluster/harness/shop.js';
import type { Place, Stage } from '../../cluster/harness/stage.js';

/** One generation of an environment: with an object more, without it, and nothing at all. */
export const CHANGES = ['with', 'without', 'removed'] as const;
export type Change = (typeof CHANGES)[number];

/** What happened to a generation, as the ledger tells it. */
const TOLD: Readonly<Record<Change, readonly string[]>> = {
  with: ['DeploymentAccepted', 'ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'],
  without: [
    'DeploymentAccepted',
    'ManifestsAdapted',
    'ManifestsApplied',
    'DeploymentRolledOut',
    'ObjectsPruned',
    'DeploymentHealthy',
  ],
  removed: ['DeploymentAccepted', 'DeploymentRemoved'],
};

const STANDING: Readonly<Record<Change, readonly string[]>> = {
  with: ['ConfigMap extra', 'Deployment', 'Service'],
  without: ['Deployment', 'Service'],
  removed: [],
};

const EXTRA = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b\n';

/** What is wrong in the end; all empty when nothing is. */
export interface Loss {
  readonly lost: readonly string[];
  readonly repeated: readonly string[];
  /** In the cluster and not desired, or the other way round. */
  readonly undone: readonly string[];
}

/** A location with an environment of its own, beside others in the same cluster. */
export interface Lane {
  readonly place: Place;
  readonly environment: string;
  /** Name of its Release. */
  readonly release: string;
  /** Of the last change. */
  readonly generation: number;
  operator: OperatorProcess;
  /** Starts an operator of it. */
  start(env?: Record<string, string>): Promise<OperatorProcess>;
  /** Asks for the next generation. */
  ask(change: Change): Promise<void>;
  /** Waits until the ledger has sent it out, whoever takes it. */
  sent(): Promise<void>;
  /** Waits until the ledger and the cluster are at rest with the last change. */
  atRest(): Promise<void>;
  /** `delays`: the ledger may have heard of attempts that failed. */
  loss(options?: { readonly delays: boolean }): Promise<Loss>;
  /** Lets the lease of an operator that was killed run out, as time would. */
  freeLease(): Promise<void>;
}

const PATIENCE = 120_000;

const unchanged = (kubeconfig: string): string => kubeconfig;

/** `through`: what becomes of the kubeconfig of its operators. */
export async function openLane(stage: Stage, place: Place, through = unchanged): Promise<Lane> {
  const { kit } = stage;
  const { location, namespace, target } = place;
  const project = location;
  const environment = `${project}.dev@${location}`;
  const release = `${project}--dev`;
  await onboardCluster(stage, location);
  const directory = `${project}/any`;
  const config = await givenProject(kit, project, {
    rules: [{ name: 'any', branch: '^[a-z]+$', resources: [`kubernetes-${location}`], tier: 'dev', directory: 'any' }],
    files: { [`${directory}/waybill.yaml`]: PLAIN },
  });
  const kubeconfig = join(kit.folder, `${location}-through.kubeconfig`);
  writeFileSync(kubeconfig, through(readFileSync(join(kit.folder, `${location}.kubeconfig`), 'utf8')), { mode: 0o600 });
  let generation = 0;
  let last: Change = 'removed';
  let hasExtra = false;
  let asked: string | undefined;
  const start = (env: Record<string, string> = {}): Promise<OperatorProcess> =>
    place.start({ WAYBILL_KUBECONFIG: kubeconfig, ...env });
  const operator = await start();

  const label = (): string => `${location}-${generation}`;

  return {
    place,
    environment,
    release,
    get generation() {
      return generation;
    },
    operator,
    start,
    async ask(change) {
      generation++;
      last = change;
      if (change === 'removed') {
        const removal = `mutation Remove($input: RemoveEnvironmentInput!) { removeEnvironment(input: $input) { position } }`;
        await kit.admin.ask(removal, { input: { name: environment } });
        return;
      }
      if (hasExtra !== (change === 'with')) {
        hasExtra = change === 'with';
        commitFiles(config, { [`${directory}/manifests/extra.yaml`]: hasExtra ? EXTRA : null });
      }
      asked = (await requestRelease(kit.admin, project, 'dev', label())).id;
    },
    async sent() {
      await until(
        `${environment} has generation ${generation}`,
        () => environmentNamed(kit.admin, environment),
        (row) => row?.generation === generation,
        PATIENCE,
      );
    },
    async atRest() {
      if (last === 'removed') {
        await until(
          `${environment} is removed`,
          () => environmentNamed(kit.admin, environment),
          (row) => row?.state === 'removed' && row.generation === generation,
          PATIENCE,
        );
        await until(
          `${release} is let go`,
          () => kubectl('get', 'releases', '-n', namespace, '-o', 'name'),
          (names) => names.trim() === '',
          PATIENCE,
        );
        return;
      }
      const ended = await until(
        `${environment}.${generation} has an end`,
        () => readRelease(kit.admin, asked!),
        ({ state }) => state === 'COMPLETED' || state === 'FAILED',
        PATIENCE,
      );
      if (ended.state === 'FAILED') throw new Error(`${environment}.${generation} failed: ${JSON.stringify(ended)}`);
      await until(
        `${release} says nothing more`,
        () => getObject<SeenRelease>(namespace, 'releases.waybill.dev', release),
        (seen) =>
          seen?.spec.generation === generation && seen.status?.step === 'Steady' && seen.status.actions.length === 0,
        PATIENCE,
      );
    },
    async loss({ delays } = { delays: false }) {
      const told = (await eventsOf(kit.admin, `deployment-${environment}.${generation}`))
        .map(({ type }) => type)
        .filter((type) => !delays || type !== 'DeploymentDelayed');
      const standing = await namesIn(target);
      const wanted = STANDING[last].map((name) => (name.includes(' ') ? name : `${name} ${release}`));
      const image = last === 'removed' ? '' : `registry.example/shop@${digestOf(label())}`;
      const path = 'jsonpath={.items[*].spec.template.spec.containers[*].image}';
      const running = await kubectl('get', 'deployments', '-n', target, '-o', path);
      return {
        lost: TOLD[last].filter((type) => !told.includes(type)),
        repeated: told.filter((type, index) => told.indexOf(type) < index || !TOLD[last].includes(type)),
        undone: [
          ...wanted.filter((name) => !standing.includes(name)),
          ...standing.filter((name) => !wanted.includes(name)),
          ...(running === image ? [] : [`${running} instead of ${image}`]),
        ],
      };
    },
    async freeLease() {
      const patch = ['--type', 'merge', '-p', '{"spec":{"holderIdentity":""}}'];
      await kubectl('patch', 'lease', 'waybill-operator', '-n', namespace, ...patch);
    },
  };
}

/** Everything of the lane as its API server numbers it: what is written anew has another number. */
export async function numbersOf({ place, release }: Lane): Promise<string[]> {
  const objects = await listObjects(place.target, 'deployments,services,configmaps,pods');
  const seen = await getObject<SeenRelease>(place.namespace, 'releases.waybill.dev', release);
  return [...objects, ...(seen ? [seen] : [])].map(
    ({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`,
  );
}
