import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import { type ClusterBench, clusterBench, recorded, step } from '../testing/cluster-bench.js';
import { referenceTo } from '../testing/memory-cluster.js';

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
});
