import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo } from '../testing/memory-cluster.js';
import { canary, direct, meshed, sharesOf, versionOf, withStrategy } from '../testing/strategies.js';

const OLD = 'autoscaling/v2beta2/HorizontalPodAutoscaler';
const NEW = 'autoscaling/v2/HorizontalPodAutoscaler';
const environment = { project: 'web', slot: 'dev', location: 'here' };

const scaled = (desired: DesiredState): DesiredState => ({
  ...desired,
  service: { ...desired.service, autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 80 } },
});

const withExtra =
  (apiVersion: string) =>
  (desired: DesiredState): DesiredState => ({
    ...desired,
    manifests: [{ file: 'widget.yaml', object: { apiVersion, kind: 'Widget', metadata: { name: 'w' } } }],
  });

describe('a cluster that serves other versions than before', () => {
  let bench: ClusterBench;
  beforeEach(() => void (bench = clusterBench()));
  afterEach(() => bench.dispose());

  const autoscaler = () =>
    bench.memory.get(referenceTo('autoscaling/v2', 'HorizontalPodAutoscaler', 'default', 'web--dev'));
  const versionsOf = (kind: string): string[] =>
    bench
      .release(environment)!
      .status!.inventory.filter((entry) => entry.kind === kind)
      .map(({ version }) => version);

  async function deployed(change: (desired: DesiredState) => DesiredState): Promise<void> {
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, change));
    await bench.until(environment, step('Steady'));
  }

  it('is written to in the new ones, within the generation, and nothing is removed', async () => {
    bench.memory.serve(OLD);
    bench.memory.unserve(NEW);
    await deployed(scaled);
    expect(versionsOf('HorizontalPodAutoscaler')).toEqual(['v2beta2']);
    const { uid } = autoscaler()!.metadata;

    bench.memory.serve(NEW);
    await bench.until(environment, (now) => step('Steady')(now) && versionsOf('HorizontalPodAutoscaler')[0] === 'v2');
    bench.memory.unserve(OLD);
    await bench.until(environment, (now) => step('Steady')(now) && now.status!.actions.length === 0);
    expect(autoscaler()).toMatchObject({ apiVersion: 'autoscaling/v2', metadata: { uid } });
    expect(versionsOf('HorizontalPodAutoscaler')).toEqual(['v2']);
    expect(bench.memory.counts['delete'] ?? 0).toBe(0);
    const again = ['ManifestsAdapted', 'ManifestsApplied', 'DeploymentRolledOut', 'DeploymentHealthy'];
    expect(recorded(await bench.heard('healthy', 2), environment, 1)).toEqual([
      'DeploymentAccepted',
      ...again,
      ...again,
    ]);
  });

  it('is told to the ledger as it serves now', async () => {
    await deployed(scaled);
    bench.memory.serve('example.dev/v1/Widget');
    const lists = await bench.connected(2);
    expect(lists.map((served) => served.includes('example.dev/v1/Widget'))).toEqual([false, true]);
  });

  it('is left alone where the plan stays the same', async () => {
    await deployed(scaled);
    const looked = bench.logged('serves something else');
    bench.memory.serve('example.dev/v1/Widget');
    await looked;
    // Whoever is asked for later has had its turn only after it.
    const other = { ...environment, project: 'later' };
    await bench.channel.publish(presentRecord(other, 1));
    await bench.until(other, step('Steady'));
    expect(recorded(await bench.heard('healthy', 2), environment, 1)).toHaveLength(5);
  });

  it('is told what it cannot be sent, and gets it when it serves it', async () => {
    bench.memory.serve('example.dev/v1beta1/Widget');
    bench.start();
    await bench.channel.publish(presentRecord(environment, 1, withExtra('example.dev/v1')));
    const { status } = await bench.until(environment, step('Rejected'));
    expect(status!.outcome).toMatchObject({
      reason: 'NoTranslation',
      message: expect.stringMatching(
        /Widget default\/w is written in example.dev\/v1, the location serves example.dev\/v1beta1/,
      ),
    });
    expect(bench.memory.all('Deployment')).toEqual([]);
    bench.memory.serve('example.dev/v1/Widget');
    await bench.until(environment, step('Steady'));
    expect(bench.memory.all('Widget')).toHaveLength(1);
    expect(recorded(await bench.heard('healthy'), environment, 1)).toEqual([
      'DeploymentAccepted',
      'DeploymentRejected',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'DeploymentHealthy',
    ]);
  });

  it('has what runs left as it is when that could not be written any more, and the ledger hears it', async () => {
    bench.memory.serve('example.dev/v1/Widget');
    await deployed(withExtra('example.dev/v1'));
    bench.memory.serve('example.dev/v2/Widget');
    bench.memory.unserve('example.dev/v1/Widget');
    const { status } = await bench.until(environment, (now) => now.status?.delay?.reason === 'NoTranslation');
    expect(status!.outcome).toMatchObject({ phase: 'healthy' });
    expect(bench.memory.all('Widget')).toHaveLength(1);
    bench.memory.serve('example.dev/v1/Widget');
    await bench.until(environment, (now) => step('Steady')(now) && now.status?.delay === undefined);
    await bench.heard('healthy', 2);
    expect(bench.memory.counts['delete'] ?? 0).toBe(0);
  });

  it('keeps the shares of the traffic when it does so in the middle of a canary', async () => {
    const kinds = (version: string): string[] =>
      ['DestinationRule', 'VirtualService'].map((kind) => `networking.istio.io/${version}/${kind}`);
    const steps = canary([
      [30, null],
      [100, 0],
    ]);
    const version = (generation: number, image: string) =>
      presentRecord(environment, generation, (desired) => meshed(withStrategy(steps, image)(desired)));
    const route = referenceTo('networking.istio.io/v1', 'VirtualService', 'default', 'web--dev');
    const blue = referenceTo('apps/v1', 'Deployment', 'default', 'web--dev');
    bench.memory.serve(...kinds('v1beta1'));
    bench.start();
    await bench.channel.publish(version(1, 'a'));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b'));
    await bench.until(environment, step('Paused', 2));
    const shares: string[] = [];
    bench.memory.onWritten((object) => void (object.kind === 'VirtualService' && shares.push(sharesOf(object))));

    bench.memory.serve(...kinds('v1'));
    bench.memory.unserve(...kinds('v1beta1'));
    await bench.until(environment, (now) => step('Paused', 2)(now) && versionsOf('VirtualService')[0] === 'v1');
    expect(versionsOf('DestinationRule')).toEqual(['v1']);
    expect(bench.memory.get(route)).toMatchObject({ apiVersion: 'networking.istio.io/v1' });
    expect(new Set(shares)).toEqual(new Set(['blue 70, green 30']));
    expect(versionOf(bench.memory.get(blue))).toMatch(/^a /);

    await direct(bench.channel, version(2, 'b'), 1, 'promote');
    await bench.until(environment, step('Steady', 2));
    expect(sharesOf(bench.memory.get(route))).toBe('green 100');
    expect(bench.memory.get(blue)).toBeUndefined();
    const events = recorded(await bench.heard('healthy', 2), environment, 2);
    expect(events.filter((type) => type === 'TrafficShifted')).toHaveLength(2);
  });
});
