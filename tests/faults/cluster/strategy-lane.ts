import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getObject, kubectl, listObjects, type SeenRelease } from '../../cluster/harness/kubectl.js';
import type { OperatorProcess } from '../../cluster/harness/operator-process.js';
import { eventsOf, onboardCluster } from '../../cluster/harness/shop.js';
import type { Place, Stage } from '../../cluster/harness/stage.js';
import { digestOf } from '../../e2e/harness/kit.js';
import { givenProject } from '../../e2e/harness/project.js';
import { readRelease, requestRelease } from '../../e2e/harness/releases.js';
import { until } from '../../e2e/harness/until.js';

/** One way to roll out, in an environment of its own. */
export interface StrategyCase {
  readonly strategy: object;
  readonly mesh: boolean;
  /** Somebody aborts it at its first pause. */
  readonly aborted: boolean;
}

export interface StrategyLane {
  readonly place: Place;
  readonly environment: string;
  /** Its virtual host, as a sidecar is told of it. */
  readonly host: string;
  readonly generation: () => number;
  operator: OperatorProcess;
  start(): Promise<OperatorProcess>;
  /** Rolls a new version out, to its end. */
  roll(): Promise<void>;
  /** How often each type was told of the last generation, such as `TrafficShifted 3`. */
  told(): Promise<string[]>;
  /** What stands: images of Deployments, and where the traffic goes. */
  standing(): Promise<string[]>;
  /** Lets the lease of an operator that was killed run out, as time would. */
  freeLease(): Promise<void>;
}

const PATIENCE = 120_000;
const PORT = 8080;

export async function openStrategyLane(
  stage: Stage,
  place: Place,
  { strategy, mesh, aborted }: StrategyCase,
  through: (kubeconfig: string) => string,
): Promise<StrategyLane> {
  const { kit } = stage;
  const { admin } = kit;
  const { location, namespace, target } = place;
  const project = location;
  const name = `${project}--dev`;
  const environment = `${project}.dev@${location}`;
  await onboardCluster(stage, location);
  const resources = [`kubernetes-${location}`];
  if (mesh) {
    resources.push(`istio-${location}`);
    await admin.ask(`mutation Onboard($input: ResourceInput!) { onboardResource(input: $input) { position } }`, {
      input: { key: `istio-${location}`, location, kind: 'istio', parameters: {} },
    });
  }
  await givenProject(kit, project, {
    rules: [{ name: 'any', branch: '^[a-z]+$', resources, tier: 'dev', directory: 'any', strategy }],
    files: { [`${project}/any/waybill.yaml`]: 'replicas: 3\ncpu: 10m\nmemory: 16Mi\n' },
    business: { domains: [] },
  });
  const kubeconfig = join(kit.folder, `${location}-through.kubeconfig`);
  writeFileSync(kubeconfig, through(readFileSync(join(kit.folder, `${location}.kubeconfig`), 'utf8')), { mode: 0o600 });
  const start = (): Promise<OperatorProcess> => place.start({ WAYBILL_KUBECONFIG: kubeconfig });
  const operator = await start();
  let generation = 0;

  const seen = (what: string, good: (release: SeenRelease) => boolean): Promise<unknown> =>
    until(
      `${name} ${what}`,
      () => getObject<SeenRelease>(namespace, 'releases.waybill.dev', name),
      (release) => release?.spec.generation === generation && good(release),
      PATIENCE,
    );

  return {
    place,
    environment,
    host: `${name}.${target}.svc.cluster.local:${PORT}`,
    generation: () => generation,
    operator,
    start,
    async roll() {
      generation++;
      const first = generation === 1;
      const { id } = await requestRelease(admin, project, 'dev', `${location}-${generation}`);
      if (aborted && !first) {
        await seen('is paused', ({ status }) => status?.step === 'Paused');
        await admin.ask(`mutation Direct($input: DirectRolloutInput!) { directRollout(input: $input) { position } }`, {
          input: { name: environment, directive: 'ABORT', generation },
        });
      }
      const wanted = aborted && !first ? 'FAILED' : 'COMPLETED';
      // Whoever takes over waits until Kafka has given the dead one up.
      const { state } = await until(
        `${environment}.${generation} has an end`,
        () => readRelease(admin, id),
        (release) => ['COMPLETED', 'FAILED', 'SUPERSEDED'].includes(release.state),
        PATIENCE,
      );
      if (state !== wanted) throw new Error(`${environment}.${generation} is ${state}, not ${wanted}`);
      const step = wanted === 'FAILED' ? 'Failed' : 'Steady';
      await seen('is at rest', ({ status }) => status?.step === step && status.actions.length === 0);
    },
    async told() {
      const types = (await eventsOf(admin, `deployment-${environment}.${generation}`)).map(({ type }) => type);
      return [...new Set(types)].map((type) => `${type} ${types.filter((other) => other === type).length}`).sort();
    },
    async standing() {
      const deployments = await until(
        `the other track of ${name} is gone`,
        () => listObjects(target, 'deployments'),
        (all) => all.length === 1,
        PATIENCE,
      );
      const { spec, metadata } = deployments[0]!;
      const { replicas, template } = spec as {
        replicas: number;
        template: { metadata: { labels: Record<string, string> }; spec: { containers: { image: string }[] } };
      };
      const track = template.metadata.labels['waybill.dev/track']!;
      const version = aborted ? 1 : generation;
      const whole = `registry.example/shop@${digestOf(`${location}-${version}`)}`;
      const [container] = template.spec.containers;
      const image = container!.image === whole ? 'wanted' : `${container!.image} of ${metadata.name}`;
      const [service] = await listObjects(target, 'services');
      const { selector } = service!.spec as { selector: Record<string, string> };
      const selected = selector['waybill.dev/track'] === track ? 'its own' : JSON.stringify(selector);
      const routes = mesh ? await listObjects(target, 'virtualservices.networking.istio.io') : [];
      const shares = routes.map(({ spec: route }) => JSON.stringify(route).includes(`"subset":"${track}"`));
      return [
        `image ${image}`,
        `replicas ${replicas}`,
        `selected ${selected}`,
        ...shares.map((own) => `routed ${own}`),
      ];
    },
    async freeLease() {
      const patch = ['--type', 'merge', '-p', '{"spec":{"holderIdentity":""}}'];
      await kubectl('patch', 'lease', 'waybill-operator', '-n', namespace, ...patch);
    },
  };
}
