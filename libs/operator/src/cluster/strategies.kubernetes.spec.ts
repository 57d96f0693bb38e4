import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LiveObject } from '@waybill/adapters';
import type { DesiredRecord, DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import type { ObjectReference, Strategy } from '@waybill/domain';
import { type ClusterPaths, installIstioCrds } from '../../../../tools/servers/for-specs.js';
import { recorded, step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';
import { canary, direct, meshed, sharesOf, versionOf, withStrategy } from '../testing/strategies.js';

const server = JSON.parse(process.env['WAYBILL_TEST_KUBERNETES'] ?? '{}') as ClusterPaths;

describe('rollouts in steps on a real API server, with the rights of an operator only', () => {
  let bench: KubernetesBench;
  beforeAll(() => installIstioCrds(server, '1.30'));
  beforeEach(async () => void (bench = await kubernetesBench()));
  afterEach(() => bench.dispose());

  const at = (group: string, version: string, kind: string, name = 'web--dev'): ObjectReference => ({
    group,
    version,
    kind,
    namespace: bench.target,
    name,
  });
  const read = (reference: ObjectReference): Promise<LiveObject | null> => bench.admin.get(reference);
  const blue = (): ObjectReference => at('apps', 'v1', 'Deployment');
  const green = (): ObjectReference => at('apps', 'v1', 'Deployment', 'web--dev--green');
  const route = (): ObjectReference => at('networking.istio.io', 'v1', 'VirtualService');
  const selected = async (): Promise<string | undefined> => {
    const { selector } = (await read(at('', 'v1', 'Service')))!['spec'] as { selector: Record<string, string> };
    return selector['waybill.dev/track'];
  };

  function version(
    generation: number,
    image: string,
    strategy: Strategy,
    change: (desired: DesiredState) => DesiredState = meshed,
  ): DesiredRecord {
    return presentRecord(bench.environment(), generation, (desired) =>
      bench.place(change(withStrategy(strategy, image)(desired))),
    );
  }

  it('brings a canary on a mesh to its end, step by step', async () => {
    await bench.start({ settleMs: 100 });
    const environment = bench.environment();
    const steps = canary([
      [10, null],
      [50, 1],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', steps));
    await bench.until(environment, step('Steady', 1));
    const uid = (await read(blue()))!.metadata.uid;
    await bench.channel.publish(version(2, 'b', steps));
    await bench.until(environment, step('Paused', 2));
    expect(sharesOf(await read(route()))).toBe('blue 90, green 10');
    expect(await read(green())).toMatchObject({ status: { availableReplicas: 4 } });
    expect(await read(blue())).toMatchObject({
      metadata: { uid, generation: 1 },
      status: { availableReplicas: 4 },
    });
    await direct(bench.channel, version(2, 'b', steps), 1, 'promote');
    const { status } = await bench.until(environment, step('Steady', 2));
    expect(sharesOf(await read(route()))).toBe('green 100');
    expect(await read(blue())).toBeNull();
    expect(status!.tracks).toEqual({ active: 'green' });
    const told = recorded(await bench.heard('healthy', 2), environment, 2);
    expect(told.filter((type) => type === 'TrafficShifted')).toHaveLength(3);
    expect(told.filter((type) => type === 'RolloutPaused')).toHaveLength(2);
  });

  it('brings a canary without a mesh to its end, and gives replicas back when it is aborted', async () => {
    await bench.start();
    const environment = bench.environment();
    const plain = (desired: DesiredState): DesiredState => desired;
    const steps = canary([
      [25, null],
      [75, null],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', steps, plain));
    await bench.until(environment, step('Steady', 1));
    const shares = async (): Promise<(string | undefined)[]> => [
      versionOf(await read(blue())),
      versionOf(await read(green())),
    ];
    await bench.channel.publish(version(2, 'b', steps, plain));
    await bench.until(environment, step('Paused', 2));
    expect(await shares()).toEqual(['a x3', 'b x1']);
    expect(await selected()).toBeUndefined();
    await direct(bench.channel, version(2, 'b', steps, plain), 1, 'abort');
    await bench.until(environment, step('Failed', 2));
    await bench.see(green(), (object) => object === null);
    expect(await shares()).toEqual(['a x4', undefined]);
    expect(await selected()).toBe('blue');
    await bench.channel.publish(version(3, 'c', steps, plain));
    await bench.until(environment, step('Paused', 3));
    await direct(bench.channel, version(3, 'c', steps, plain), 1, 'promote');
    await bench.until(environment, ({ status }) => status?.progress?.step === 2 && status.step === 'Paused');
    expect(await shares()).toEqual(['a x1', 'c x3']);
    await direct(bench.channel, version(3, 'c', steps, plain), 2, 'promote');
    await bench.until(environment, step('Steady', 3));
    expect(await shares()).toEqual([undefined, 'c x4']);
    expect(await selected()).toBe('green');
  });

  it('switches blue-green in one write, after a look at the preview', async () => {
    await bench.start({ settleMs: 100 });
    const environment = bench.environment();
    const strategy: Strategy = { type: 'blue-green', autoPromote: false, previewHost: 'preview.shop.example' };
    const preview = (kind: 'Service' | 'VirtualService'): ObjectReference =>
      kind === 'Service'
        ? at('', 'v1', kind, 'web--dev--preview')
        : at('networking.istio.io', 'v1', kind, 'web--dev--preview');
    await bench.channel.publish(version(1, 'a', strategy));
    await bench.until(environment, step('Steady', 1));
    expect(await read(preview('Service'))).toBeNull();
    await bench.channel.publish(version(2, 'b', strategy));
    const paused = await bench.until(environment, step('Paused', 2));
    expect(paused.status).toMatchObject({ rollout: '0/1 at 0%, paused: preview', progress: { step: 0, weight: 0 } });
    expect(sharesOf(await read(route()))).toBe('blue 100');
    expect(await read(preview('Service'))).toMatchObject({ spec: { selector: { 'waybill.dev/track': 'green' } } });
    expect(await read(preview('VirtualService'))).toMatchObject({ spec: { hosts: ['preview.shop.example'] } });
    await direct(bench.channel, version(2, 'b', strategy), 1, 'promote');
    await bench.until(environment, step('Steady', 2));
    expect(sharesOf(await read(route()))).toBe('green 100');
    for (const gone of [blue(), preview('Service'), preview('VirtualService')]) expect(await read(gone)).toBeNull();
    expect(recorded(await bench.heard('healthy', 2), environment, 2)).toEqual([
      'DeploymentAccepted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'RolloutPaused',
      'RolloutResumed',
      'TrafficShifted',
      'ManifestsAdapted',
      'ManifestsApplied',
      'DeploymentRolledOut',
      'ObjectsPruned',
      'DeploymentHealthy',
    ]);
  });

  it('hands the autoscaler over without a dip', async () => {
    await bench.start({ settleMs: 100 });
    const environment = bench.environment();
    const steps = canary([
      [50, null],
      [100, null],
    ]);
    const scaled = (desired: DesiredState): DesiredState => {
      const state = meshed(desired);
      const autoscaling = { minReplicas: 2, maxReplicas: 8, targetCpuPercent: 70 };
      return { ...state, service: { ...state.service, autoscaling } };
    };
    const scalesWhat = async (): Promise<string> => {
      const { scaleTargetRef } = (await read(at('autoscaling', 'v2', 'HorizontalPodAutoscaler')))!['spec'] as {
        scaleTargetRef: { name: string };
      };
      return scaleTargetRef.name;
    };
    await bench.channel.publish(version(1, 'a', steps, scaled));
    await bench.until(environment, step('Steady', 1));
    // What load would have made of it.
    const live = (await read(blue()))!;
    await bench.admin.replace({ ...live, spec: { ...(live['spec'] as object), replicas: 6 } });
    await bench.see(blue(), (object) => (object?.['status'] as { availableReplicas?: number }).availableReplicas === 6);
    await bench.channel.publish(version(2, 'b', steps, scaled));
    await bench.until(environment, step('Paused', 2));
    expect(versionOf(await read(green()))).toBe('b x6');
    expect(await scalesWhat()).toBe('web--dev');
    await direct(bench.channel, version(2, 'b', steps, scaled), 1, 'promote');
    await bench.until(environment, ({ status }) => status?.progress?.step === 2 && status.step === 'Paused');
    expect(await scalesWhat()).toBe('web--dev--green');
    await direct(bench.channel, version(2, 'b', steps, scaled), 2, 'promote');
    await bench.until(environment, step('Steady', 2));
    expect(versionOf(await read(green()))).toBe('b x6');
    expect(await scalesWhat()).toBe('web--dev--green');
  });

  it('waits while the webhook that guards routes does not answer, and goes on when it does', async () => {
    await bench.start({ settleMs: 100 });
    const environment = bench.environment();
    const steps = canary([
      [50, null],
      [100, 0],
    ]);
    await bench.channel.publish(version(1, 'a', steps));
    await bench.until(environment, step('Steady', 1));
    await bench.channel.publish(version(2, 'b', steps));
    await bench.until(environment, step('Paused', 2));
    const webhook = await bench.admin.apply({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: `away-${bench.target}` },
      webhooks: [
        {
          name: 'validation.istio.io',
          clientConfig: { url: 'https://127.0.0.1:1/validate' },
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': bench.target } },
          rules: [
            {
              apiGroups: ['networking.istio.io'],
              apiVersions: ['*'],
              operations: ['*'],
              resources: ['virtualservices'],
            },
          ],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 2,
        },
      ],
    });
    // It counts from a moment after it was written on.
    const { apiVersion, kind: routes } = (await read(route()))!;
    const metadata = { name: 'web--dev', namespace: bench.target };
    const isAsked = (): Promise<boolean> =>
      bench.admin.apply({ apiVersion, kind: routes, metadata }, { dryRun: true }).then(
        () => false,
        () => true,
      );
    while (!(await isAsked()));
    await direct(bench.channel, version(2, 'b', steps), 1, 'abort');
    const seen = await bench.until(
      environment,
      ({ status }) => status?.delay !== undefined || status?.outcome !== undefined,
    );
    const {
      group,
      version: of,
      kind,
      name,
    } = { ...at('admissionregistration.k8s.io', 'v1', webhook.kind), name: webhook.metadata.name };
    await bench.admin.remove({ group, version: of, kind, namespace: null, name }, webhook.metadata.uid);
    expect(seen.status!.delay?.message).toContain('failed calling webhook');
    expect(await read(blue())).toMatchObject({ status: { availableReplicas: 4 } });
    expect(await read(green())).toMatchObject({ status: { availableReplicas: 4 } });
    await bench.until(environment, step('Failed', 2));
    expect(sharesOf(await read(route()))).toBe('blue 100');
  });
});
