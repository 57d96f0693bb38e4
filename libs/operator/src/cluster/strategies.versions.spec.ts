import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredRecord } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import type { Strategy } from '@waybill/domain';
import {
  type StartedIstiod,
  type StartedKubernetes,
  type XdsWatch,
  askXds,
  installIstioCrds,
  reachable,
  startIstiod,
  startKubernetes,
  watchXds,
  weightsOf,
} from '../../../../tools/servers/for-specs.js';
import { step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';
import { canary, direct, meshed, withStrategy } from '../testing/strategies.js';

let cluster: StartedKubernetes;
let istiod: StartedIstiod;

beforeAll(async () => {
  cluster = await startKubernetes();
  await installIstioCrds(cluster, '1.30');
  istiod = await startIstiod(cluster);
});
afterAll(async () => {
  await istiod?.stop();
  await cluster?.stop();
});

describe('rollouts in steps, by what Istio itself tells a sidecar', () => {
  let bench: KubernetesBench;
  let watch: XdsWatch;
  let host: string;
  beforeEach(async () => {
    bench = await kubernetesBench(cluster);
    host = `web--dev.${bench.target}.svc.cluster.local:8080`;
    watch = await watchXds(istiod, question());
  });
  afterEach(async () => {
    await watch.stop();
    await bench.dispose();
  });

  const question = (): { routes: string[]; namespace: string } => ({ routes: ['8080'], namespace: bench.target });
  const version = (generation: number, image: string, strategy: Strategy): DesiredRecord =>
    presentRecord(bench.environment(), generation, (desired) =>
      bench.place(meshed(withStrategy(strategy, image)(desired))),
    );

  /** Istio routes so: whoever keeps watching was told, and whoever asks now is told the same. */
  async function routed(weights: Record<string, number>): Promise<void> {
    const wanted = JSON.stringify(weights);
    await watch.until(`${host} goes to ${wanted}`, (answer) => JSON.stringify(weightsOf(answer, host)) === wanted);
    expect(weightsOf(await askXds(istiod, question()), host)).toEqual(weights);
  }

  /** At no time was any of the traffic sent where nothing answers, from the moment on that all of it was not. */
  function neverLost(): void {
    const known = watch.seen.filter((answer) => Object.keys(weightsOf(answer, host)).length > 0);
    const first = known.findIndex((answer) => reachable(answer, host) === 100);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(known.slice(first).filter((answer) => reachable(answer, host) < 100)).toEqual([]);
  }

  /** Weights of each state that was told, each change once, from the first route on: before it there is only the Service. */
  function told(): string[] {
    const all = watch.seen.map((answer) => JSON.stringify(weightsOf(answer, host)));
    const routes = all.slice(all.findIndex((text) => text.includes('blue')));
    return routes.filter((text, i) => text !== routes[i - 1]);
  }

  it('shows exactly the weights and subsets of each step of a canary, and none of its traffic is lost', async () => {
    await bench.start();
    const environment = bench.environment();
    const steps = canary([
      [10, null],
      [25, null],
      [50, null],
      [75, null],
      [100, null],
    ]);
    await bench.channel.publish(version(1, 'a', steps));
    await bench.until(environment, step('Steady', 1));
    await routed({ blue: 100 });
    await bench.channel.publish(version(2, 'b', steps));
    for (const [i, weight] of [10, 25, 50, 75, 100].entries()) {
      await bench.until(environment, ({ status }) => status?.step === 'Paused' && status.progress?.step === i + 1);
      await routed(weight === 100 ? { green: 100 } : { blue: 100 - weight, green: weight });
      await direct(bench.channel, version(2, 'b', steps), i + 1, 'promote');
    }
    await bench.until(environment, step('Steady', 2));
    await routed({ green: 100 });
    neverLost();
    expect(told()).toEqual(
      [
        { blue: 100 },
        { blue: 90, green: 10 },
        { blue: 75, green: 25 },
        { blue: 50, green: 50 },
        { blue: 25, green: 75 },
        { green: 100 },
      ].map((weights) => JSON.stringify(weights)),
    );
  });

  it('shows one switch of blue-green, and the way back of what is aborted', async () => {
    await bench.start();
    const environment = bench.environment();
    const strategy: Strategy = { type: 'blue-green', autoPromote: false, retainSeconds: 86_400 };
    await bench.channel.publish(version(1, 'a', strategy));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', strategy));
    await bench.until(environment, step('Paused', 2));
    await routed({ blue: 100 });
    await direct(bench.channel, version(2, 'b', strategy), 1, 'promote');
    await bench.until(environment, ({ status }) => status?.step === 'Paused' && status.progress?.step === 1);
    await routed({ green: 100 });
    await direct(bench.channel, version(2, 'b', strategy), 2, 'abort');
    await bench.until(environment, step('Failed', 2));
    expect(weightsOf(await askXds(istiod, question()), host)).toEqual({ blue: 100 });
    neverLost();
    expect(told()).toEqual([{ blue: 100 }, { green: 100 }, { blue: 100 }].map((weights) => JSON.stringify(weights)));
  });

  it('gives the traffic back before a newer generation replaces the candidate', async () => {
    await bench.start();
    const environment = bench.environment();
    const steps = canary([
      [40, null],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', steps));
    await bench.until(environment, step('Steady', 1));
    await routed({ blue: 100 });
    await bench.channel.publish(version(2, 'b', steps));
    await bench.until(environment, step('Paused', 2));
    await routed({ blue: 60, green: 40 });
    await bench.channel.publish(version(3, 'c', steps));
    await bench.until(environment, step('Paused', 3));
    await bench.channel.publish(version(4, 'd', { type: 'rolling' }));
    await bench.until(environment, step('Steady', 4));
    expect(weightsOf(await askXds(istiod, question()), host)).toEqual({ blue: 100 });
    neverLost();
    expect(told()).toEqual(
      [{ blue: 100 }, { blue: 60, green: 40 }, { blue: 100 }, { blue: 60, green: 40 }, { blue: 100 }].map((weights) =>
        JSON.stringify(weights),
      ),
    );
  });

  it('goes on while Istio is down: what is written stands, and Istio routes by it when it is back', async () => {
    await bench.start();
    const environment = bench.environment();
    const steps = canary([
      [30, null],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', steps));
    await bench.until(environment, step('Steady', 1));
    await routed({ blue: 100 });
    await istiod.kill();
    await bench.channel.publish(version(2, 'b', steps));
    await bench.until(environment, step('Paused', 2));
    await istiod.restart();
    await routed({ blue: 70, green: 30 });
    await direct(bench.channel, version(2, 'b', steps), 1, 'abort');
    await bench.until(environment, step('Failed', 2));
    await routed({ blue: 100 });
  });

  it('waits while the CRDs of the mesh are gone, takes nothing down, and goes on when they are back', async () => {
    await bench.start();
    const environment = bench.environment();
    const steps = canary([
      [30, null],
      [100, null],
    ]);
    await bench.channel.publish(version(1, 'a', steps));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', steps));
    await bench.until(environment, step('Paused', 2));
    await routed({ blue: 70, green: 30 });
    for (const plural of ['virtualservices', 'destinationrules']) {
      const name = `${plural}.networking.istio.io`;
      const crd = {
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: 'CustomResourceDefinition',
        namespace: null,
        name,
      };
      const live = await bench.admin.get(crd);
      await bench.admin.remove(crd, live!.metadata.uid);
      await bench.see(crd, (object) => object === null);
    }
    await direct(bench.channel, version(2, 'b', steps), 1, 'promote');
    const { status } = await bench.until(environment, (release) => release.status?.delay !== undefined);
    expect(status!.outcome).toBeUndefined();
    const deployments = await bench.admin.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: bench.target });
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(['web--dev', 'web--dev--green']);
    for (const deployment of deployments) expect(deployment).toMatchObject({ status: { availableReplicas: 4 } });
    await installIstioCrds(cluster, '1.30');
    await bench.until(
      environment,
      (release) => release.status?.progress?.step === 2 && release.status.step === 'Paused',
    );
    await routed({ green: 100 });
  });
});
