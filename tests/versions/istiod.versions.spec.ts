import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type StartedIstiod,
  type StartedKubernetes,
  type XdsAnswer,
  type XdsWatch,
  askXds,
  installIstioCrds,
  reachable,
  startIstiod,
  startKubernetes,
  watchXds,
  weightsOf,
} from '../../tools/servers/for-specs.js';
import { apply, deployment, kubectlOn } from './cluster.js';

const HOST = 'web.default.svc.cluster.local:80';

let cluster: StartedKubernetes;
let istiod: StartedIstiod;

const tracks = ['blue', 'green'];

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
};

const rule = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'DestinationRule',
  metadata: { name: 'web', namespace: 'default' },
  spec: { host: 'web', subsets: tracks.map((track) => ({ name: track, labels: { track } })) },
};

const shift = (green: number): Promise<string> =>
  apply(cluster, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      hosts: ['web'],
      http: [
        {
          route: [
            { destination: { host: 'web', subset: 'blue' }, weight: 100 - green },
            { destination: { host: 'web', subset: 'green' }, weight: green },
          ],
        },
      ],
    },
  });

beforeAll(async () => {
  cluster = await startKubernetes();
  await installIstioCrds(cluster, '1.30');
  istiod = await startIstiod(cluster);
  await apply(cluster, service, rule, deployment('web', 'blue', 2), deployment('web', 'green'));
  for (const track of tracks) {
    await kubectlOn(cluster)(['rollout', 'status', `deployment/web-${track}`, '--timeout=60s']);
  }
  await shift(10);
});
afterAll(async () => {
  await istiod?.stop();
  await cluster?.stop();
});

let watch: XdsWatch;
beforeEach(async () => {
  watch = await watchXds(istiod);
});
afterEach(async () => void (await watch.stop()));

const green =
  (weight: number) =>
  (answer: XdsAnswer): boolean =>
    weightsOf(answer, HOST).green === weight;

describe('istiod, asked over xDS what a sidecar is told', () => {
  it('tells the weights of a VirtualService, and others after it was changed', async () => {
    await watch.until('green has 10', green(10));
    expect(weightsOf(await askXds(istiod), HOST)).toEqual({ blue: 90, green: 10 });
    await shift(40);
    await watch.until('green has 40', green(40));
    const after = await askXds(istiod);
    expect(weightsOf(after, HOST)).toEqual({ blue: 60, green: 40 });
    expect(after.hosts[HOST]?.map(({ match }) => match)).toEqual(['prefix /']);
  });

  it('tells how many endpoints each track has, so that nobody is sent where there are none', async () => {
    const at = (track: string) => `outbound|80|${track}|web.default.svc.cluster.local`;
    const both = await watch.until('both tracks have endpoints', ({ endpoints }) => {
      return endpoints[at('blue')] === 2 && endpoints[at('green')] === 1;
    });
    expect(reachable(both, HOST)).toBe(100);
    await kubectlOn(cluster)(['scale', 'deployment/web-blue', '--replicas=0']);
    const half = await watch.until('blue is gone', ({ endpoints }) => endpoints[at('blue')] === 0);
    expect(reachable(half, HOST)).toBe(weightsOf(half, HOST).green);
    await kubectlOn(cluster)(['scale', 'deployment/web-blue', '--replicas=2']);
  });

  it('tells every step to who keeps watching, in order, with its time', async () => {
    const from = Date.now();
    const steps = [15, 35, 55, 75, 100];
    for (const weight of steps) {
      await shift(weight);
      await watch.until(`green has ${weight}`, green(weight));
    }
    const seen = await watch.stop();
    const weights = seen.map((answer) => weightsOf(answer, HOST).green);
    expect(weights.filter((weight, i) => weight !== weights[i - 1]).slice(-steps.length)).toEqual(steps);
    const times = seen.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeGreaterThanOrEqual(from);
    // Istio leaves out a destination of weight 0.
    expect(weightsOf(seen.at(-1)!, HOST)).toEqual({ green: 100 });
  });

  it('knows a change that was made while it was down, and the watch connects anew', async () => {
    await istiod.kill();
    await shift(20);
    await istiod.restart();
    await watch.until('green has 20', green(20));
    expect(watch.losses).toHaveLength(1);
  });

  it('stops and leaves nothing on this machine', async () => {
    const other = await startIstiod(cluster);
    expect(weightsOf(await askXds(other), HOST)).toEqual({ blue: 80, green: 20 });
    await other.stop();
    expect(existsSync(dirname(other.logFile))).toBe(false);
    await expect(askXds(other)).rejects.toThrow(`${other.address} did not answer`);
  });
});
