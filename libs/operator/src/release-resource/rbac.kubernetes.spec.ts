import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cluster } from '@waybill/adapters';
import { type KubernetesBench, kubernetesBench } from '../testing/kubernetes-bench.js';

describe('the rights of an operator, on a real API server', () => {
  let bench: KubernetesBench;
  let operator: Cluster;
  beforeAll(async () => {
    bench = await kubernetesBench();
    operator = await bench.operatorCluster();
  });
  afterAll(() => bench.dispose());

  const metadata = (): { name: string; namespace: string } => ({ name: 'x', namespace: bench.target });

  it.each([
    ['read secrets', () => operator.list({ apiVersion: 'v1', kind: 'Secret', namespace: bench.target })],
    ['write secrets', () => operator.apply({ apiVersion: 'v1', kind: 'Secret', metadata: metadata() })],
    [
      'give rights',
      () =>
        operator.apply({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: metadata(), rules: [] }),
    ],
    [
      'make pods',
      () =>
        operator.apply({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: metadata(),
          spec: { containers: [{ name: 'a', image: 'a' }] },
        }),
    ],
    ['make namespaces', () => operator.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } })],
    [
      'read Releases of others',
      () => operator.list({ apiVersion: 'waybill.dev/v1alpha1', kind: 'Release', namespace: bench.target }),
    ],
    [
      'take leases of others',
      () => operator.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: metadata(), spec: {} }),
    ],
    [
      'write events elsewhere',
      () => operator.apply({ apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: metadata() }),
    ],
    [
      'change its own definition',
      () =>
        operator.apply({
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'releases.waybill.dev' },
        }),
    ],
  ])('do not let it %s', async (_, attempt) => {
    await expect(attempt()).rejects.toMatchObject({ status: 403 });
  });
});
