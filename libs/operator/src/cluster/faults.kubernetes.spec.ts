import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '@waybill/adapters';
import type { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import type { JsonObject } from '@waybill/kernel';
import { setTimeout as wait } from 'node:timers/promises';
import type { Release } from '../release-resource/release.js';
import { recorded, step } from '../testing/cluster-bench.js';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';

const delayedBy =
  (reason: string) =>
  ({ status }: Release): boolean =>
    status?.delay?.reason === reason;

const condition = (release: Release, type: string) => release.status!.conditions.find((one) => one.type === type);

describe('bad input, on a real API server', () => {
  let bench: KubernetesBench;
  beforeEach(async () => void (bench = await kubernetesBench()));
  afterEach(() => bench.dispose());

  const deployment = () => ({
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: bench.target,
    name: 'web--dev',
  });

  const extra =
    (...objects: JsonObject[]) =>
    (desired: DesiredState): DesiredState => ({
      ...bench.place(desired),
      manifests: objects.map((object, i) => ({
        file: `extra-${i}.yaml`,
        object: object as DesiredState['manifests'][number]['object'],
      })),
    });

  it('a manifest that the server refuses: rejected in its words', async () => {
    await bench.start();
    const environment = bench.environment();
    const odd = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'odd' }, data: { a: { b: 'c' } } };
    await bench.channel.publish(presentRecord(environment, 1, extra(odd)));
    const release = await bench.until(environment, step('Rejected'));
    expect(condition(release, 'Stalled')).toMatchObject({ status: 'True' });
    expect(release.status!.outcome!.message).toContain('data.a');
    expect(recorded(await bench.heard('rejected'), environment, 1).at(-1)).toBe('DeploymentRejected');
    expect(await bench.admin.get(deployment())).toBeNull();
  });

  it('an admission policy that denies: rejected in its words', async () => {
    const name = `no-odd-${bench.namespace}`;
    const policy = (kind: string, spec: JsonObject): KubernetesObject => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind,
      metadata: { name },
      spec,
    });
    await bench.admin.apply(
      policy('ValidatingAdmissionPolicy', {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
          ],
        },
        validations: [{ expression: "object.metadata.name != 'odd'", message: 'odd is not allowed here' }],
      }),
    );
    await bench.admin.apply(
      policy('ValidatingAdmissionPolicyBinding', {
        policyName: name,
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': bench.target } } },
      }),
    );
    const odd = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'odd' }, data: { a: 'b' } };
    await denied(bench, { ...odd, metadata: { ...odd.metadata, namespace: bench.target } });
    await bench.start();
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, extra(odd)));
    const { status } = await bench.until(environment, step('Rejected'));
    expect(status!.outcome).toMatchObject({ reason: 'AdmissionDenied' });
    expect(status!.outcome!.message).toContain('odd is not allowed here');
  });

  it('a kind that is not installed: delayed, and goes on when it is', async () => {
    const group = `g${Date.now().toString(36)}.example`;
    await bench.start();
    const environment = bench.environment();
    const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name: 'thing' }, spec: {} };
    await bench.channel.publish(presentRecord(environment, 1, extra(thing)));
    const release = await bench.until(environment, delayedBy('KindNotServed'));
    expect(condition(release, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'KindNotServed' });
    await bench.admin.apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        names: { kind: 'Thing', plural: 'things' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    });
    const forbidden = await bench.until(environment, delayedBy('Forbidden'));
    expect(forbidden.status!.delay!.message).toContain('cannot');
    await bench.admin.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'things', namespace: bench.target },
      rules: [{ apiGroups: [group], resources: ['things'], verbs: ['*'] }],
    });
    await bench.admin.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'things', namespace: bench.target },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'things' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'waybill:operators' }],
    });
    await bench.until(environment, step('Steady'));
    expect(recorded(await bench.heard('healthy'), environment, 1)).toContain('DeploymentDelayed');
  });

  it('a right that is not given before the deadline: rejected, and nothing of that kind is touched', async () => {
    await bench.start({ defaults: { progressDeadlineSeconds: 1 } });
    const environment = bench.environment();
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
    await bench.channel.publish(presentRecord(environment, 1, extra(account)));
    const { status } = await bench.until(environment, step('Rejected'));
    expect(status!.outcome).toMatchObject({ reason: 'Forbidden' });
    expect(status!.outcome!.message).toContain('serviceaccounts');
    expect(
      await bench.admin.get({
        group: '',
        version: 'v1',
        kind: 'ServiceAccount',
        namespace: bench.target,
        name: 'robot',
      }),
    ).toBeNull();
  });

  it('a namespace that is not there: delayed, and goes on when it is', async () => {
    await bench.start();
    const environment = bench.environment();
    const elsewhere = `${bench.target}-later`;
    const placed = (desired: DesiredState): DesiredState => ({
      ...desired,
      resources: desired.resources.map((resource) => ({ ...resource, parameters: { namespace: elsewhere } })),
    });
    await bench.channel.publish(presentRecord(environment, 1, placed));
    await bench.until(environment, delayedBy('NamespaceNotFound'));
    await bench.admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: elsewhere } });
    await bench.until(environment, step('Steady'));
  });

  it('a namespace that is being deleted: delayed, rejected at the deadline', async () => {
    await bench.admin.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'holds', namespace: bench.target, finalizers: ['waybill.dev/test'] },
    });
    const namespace = { group: '', version: 'v1', kind: 'Namespace', namespace: null, name: bench.target };
    await bench.admin.remove(namespace, (await bench.admin.get(namespace))!.metadata.uid);
    await bench.start({ defaults: { progressDeadlineSeconds: 1 } });
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    const { status } = await bench.until(environment, step('Rejected'));
    expect(status!.outcome).toMatchObject({ reason: 'NamespaceTerminating' });
    const holds = { group: '', version: 'v1', kind: 'ConfigMap', namespace: bench.target, name: 'holds' };
    const live = (await bench.admin.get(holds))!;
    await bench.admin.replace({ ...live, metadata: { ...live.metadata, finalizers: [] } });
  });

  it('a quota that is used up: delayed, and goes on when there is room', async () => {
    const quota = { group: '', version: 'v1', kind: 'ResourceQuota', namespace: bench.target, name: 'none' };
    await bench.admin.apply({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace: bench.target },
      spec: { hard: { 'count/deployments.apps': '0' } },
    });
    await bench.see(quota, (object) => (object?.['status'] as { hard?: object } | undefined)?.hard !== undefined);
    await bench.start();
    const environment = bench.environment();
    await bench.channel.publish(presentRecord(environment, 1, bench.place));
    const release = await bench.until(environment, delayedBy('QuotaExceeded'));
    expect(release.status!.delay!.message).toContain('exceeded quota: none');
    await bench.admin.remove(quota, (await bench.admin.get(quota))!.metadata.uid);
    await bench.until(environment, step('Steady'));
  });

  it('an image that never becomes ready: failed in the words of the pods', async () => {
    await bench.start({ defaults: { progressDeadlineSeconds: 4 } });
    const environment = bench.environment();
    const labels = { app: 'broken', 'servers.waybill.dev/pod': 'pull-fails' };
    const broken = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'broken' },
      spec: {
        selector: { matchLabels: { app: 'broken' } },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'registry.example/broken' }] } },
      },
    };
    await bench.channel.publish(presentRecord(environment, 1, extra(broken)));
    const { status } = await bench.until(environment, step('Failed'));
    expect(status!.outcome).toMatchObject({ reason: 'ProgressDeadlineExceeded' });
    expect(status!.outcome!.message).toMatch(/Deployment broken: .*(ErrImagePull|ImagePullBackOff)/s);
    expect(await bench.event('ProgressDeadlineExceeded')).toMatchObject({
      type: 'Warning',
      regarding: { kind: 'Release', name: 'web--dev' },
      note: expect.stringContaining('Deployment broken'),
      metadata: { annotations: { 'waybill.dev/generation': '1', 'waybill.dev/pipeline-id': 'pipeline-1' } },
    });
  });
});

/** An admission policy takes a moment to be in force: until an object of its kind is denied. */
async function denied(bench: KubernetesBench, object: KubernetesObject): Promise<void> {
  for (let left = 200; left > 0; left--) {
    const allowed = await bench.admin.apply(object, { dryRun: true }).then(
      () => true,
      () => false,
    );
    if (!allowed) return;
    await wait(50);
  }
  throw new Error('the admission policy does not come into force');
}
