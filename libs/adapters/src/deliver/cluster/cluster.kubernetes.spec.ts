import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type KubernetesObject, referenceOf } from '../../plan/objects.js';
import { adminCluster, eventually, kubectl, testNamespace } from '../../testing/test-kubernetes.js';
import type { Cluster } from './cluster.js';

let cluster: Cluster;
let namespace: string;

beforeAll(async () => {
  cluster = await adminCluster();
  namespace = await testNamespace(cluster);
});
afterAll(() => cluster.close());

const configMap = (name: string, data: Record<string, string> = { colour: 'blue' }): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

function definition(plural: string, kind: string): KubernetesObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.spec.waybill.dev` },
    spec: {
      group: 'spec.waybill.dev',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', properties: { size: { type: 'integer' } } },
                status: { type: 'object', properties: { size: { type: 'integer' } } },
              },
            },
          },
        },
      ],
    },
  };
}

describe('what is served', () => {
  it('names kinds as group/version/kind', async () => {
    const { served } = await cluster.capabilities();
    expect(served).toEqual(
      expect.arrayContaining(['v1/ConfigMap', 'apps/v1/Deployment', 'autoscaling/v2/HorizontalPodAutoscaler']),
    );
    expect(served).not.toContain('autoscaling/v2beta2/HorizontalPodAutoscaler');
    expect(served).not.toContain('autoscaling/v1/Scale');
  });

  it('takes an object of a definition that was installed after it looked', async () => {
    const gadget: KubernetesObject = {
      apiVersion: 'spec.waybill.dev/v1',
      kind: 'Gadget',
      metadata: { name: 'one', namespace },
      spec: { size: 3 },
    };
    await expect(cluster.apply(gadget)).rejects.toMatchObject({
      reason: 'KindNotServed',
      code: 'NOT_FOUND',
      retryable: true,
      message: `apply spec.waybill.dev/v1 Gadget ${namespace}/one: the cluster serves no Gadget of spec.waybill.dev/v1`,
    });
    expect(await cluster.get(referenceOf(gadget))).toBeNull();

    await cluster.apply(definition('gadgets', 'Gadget'));
    const applied = await eventually(() => cluster.apply(gadget).catch(() => undefined));
    expect(applied).toMatchObject({ spec: { size: 3 }, metadata: { generation: 1 } });

    const live = await cluster.replaceStatus({ ...applied, status: { size: 3 } });
    expect(live).toMatchObject({ status: { size: 3 }, metadata: { generation: 1 } });
    await expect(cluster.apply({ ...gadget, spec: { size: 3, colour: 'red' } })).rejects.toMatchObject({
      reason: 'InvalidPatch',
      retryable: false,
      message: expect.stringContaining('.spec.colour: field not declared in schema'),
    });

    const crd = (await cluster.get(referenceOf(definition('gadgets', 'Gadget'))))!;
    await cluster.remove(referenceOf(crd), crd.metadata.uid);
    await eventually(async () =>
      (await cluster.refresh()).served.includes('spec.waybill.dev/v1/Gadget') ? undefined : true,
    );
    expect(await cluster.remove(referenceOf(gadget), applied.metadata.uid)).toBe('gone');
  });
});

describe('apply', () => {
  it('makes an object, changes nothing when it is repeated, and drops fields that are left out', async () => {
    const first = await cluster.apply(configMap('applied', { colour: 'blue', size: 'l' }));
    expect(first.metadata.uid).toBeTruthy();
    const again = await cluster.apply(configMap('applied', { colour: 'blue', size: 'l' }));
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const changed = await cluster.apply(configMap('applied', { colour: 'red' }));
    expect(changed).toMatchObject({ data: { colour: 'red' }, metadata: { uid: first.metadata.uid } });
    expect(changed['data']).not.toHaveProperty('size');
  });

  it('stores nothing in a dry run', async () => {
    const would = await cluster.apply(configMap('dry'), { dryRun: true });
    expect(would).toMatchObject({ data: { colour: 'blue' } });
    expect(await cluster.get(referenceOf(would))).toBeNull();
  });

  it('refuses to write over another version', async () => {
    const { metadata } = await cluster.apply(configMap('versions'));
    await cluster.apply(configMap('versions', { colour: 'red' }));
    await expect(
      cluster.apply(configMap('versions', { colour: 'green' }), { resourceVersion: metadata.resourceVersion }),
    ).rejects.toMatchObject({ reason: 'Conflict', status: 409, code: 'REVISION_CONFLICT', retryable: true });
    expect(await cluster.get(referenceOf(configMap('versions')))).toMatchObject({ data: { colour: 'red' } });
  });

  it('makes nothing anew when the object of that uid was deleted', async () => {
    const { metadata } = await cluster.apply(configMap('deleted'));
    const { uid, resourceVersion } = metadata;
    await cluster.remove(referenceOf(configMap('deleted')), uid);
    await expect(cluster.apply(configMap('deleted'), { resourceVersion, uid })).rejects.toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
    expect(await cluster.get(referenceOf(configMap('deleted')))).toBeNull();
  });

  it('takes fields back from another manager, and leaves those that it does not have', async () => {
    await cluster.apply(configMap('contested'));
    await kubectl(
      ['apply', '--server-side', '--force-conflicts', '--field-manager=someone', '-f', '-'],
      JSON.stringify(configMap('contested', { colour: 'black', owner: 'someone' })),
    );
    const back = await cluster.apply(configMap('contested'));
    expect(back).toMatchObject({ data: { colour: 'blue', owner: 'someone' } });
  });

  it('tells an unknown field, a wrong type and a forbidden value in the words of the server, and that no repeat helps', async () => {
    const deployment = (spec: object): KubernetesObject =>
      ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'refused', namespace },
        spec: {
          selector: { matchLabels: { app: 'x' } },
          template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'app', image: 'a' }] } },
          ...spec,
        },
      }) as KubernetesObject;
    const final = { retryable: false, code: 'INVALID_INPUT' };
    await expect(cluster.apply(deployment({ replicsa: 2 }))).rejects.toMatchObject({
      ...final,
      message: expect.stringContaining('replicsa'),
    });
    await expect(cluster.apply(deployment({ replicas: 'many' }))).rejects.toMatchObject({
      ...final,
      message: expect.stringContaining('replicas'),
    });
    await expect(cluster.apply(deployment({ replicas: -1 }))).rejects.toMatchObject({
      ...final,
      status: 422,
      reason: 'Invalid',
      causes: [{ field: 'spec.replicas', reason: 'FieldValueInvalid' }],
    });
    await cluster.apply(deployment({ replicas: 0 }));
    await expect(
      cluster.apply(deployment({ replicas: 0, selector: { matchLabels: { app: 'x', b: 'y' } } })),
    ).rejects.toMatchObject({ ...final, status: 422 });
  });

  it('tells a namespace that is missing, and one that is being deleted', async () => {
    const elsewhere = { ...configMap('a'), metadata: { name: 'a', namespace: 'nowhere' } };
    await expect(cluster.apply(elsewhere)).rejects.toMatchObject({ status: 404, reason: 'NotFound', retryable: false });

    const going = await testNamespace(cluster);
    const held = {
      ...configMap('held'),
      metadata: { name: 'held', namespace: going, finalizers: ['waybill.dev/spec'] },
    };
    const live = await cluster.apply(held);
    const reference = { group: '', version: 'v1', kind: 'Namespace', namespace: null, name: going };
    const space = (await cluster.get(reference))!;
    expect(await cluster.remove(reference, space.metadata.uid)).toBe('deleting');
    await expect(
      cluster.apply({ ...configMap('late'), metadata: { name: 'late', namespace: going } }),
    ).rejects.toMatchObject({ status: 403, reason: 'NamespaceTerminating', retryable: true });
    const last = await eventually(async () => {
      const there = await cluster.get(referenceOf(live));
      return there?.metadata.deletionTimestamp === undefined ? undefined : there;
    });
    await cluster.replace({ ...last, metadata: { ...last.metadata, finalizers: [] } });
  });
});

describe('create, replace and remove', () => {
  it('creates once', async () => {
    const made = await cluster.create(configMap('created'));
    expect(made.metadata.namespace).toBe(namespace);
    await expect(cluster.create(configMap('created'))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      reason: 'AlreadyExists',
      retryable: false,
    });
  });

  it('replaces the newest version only', async () => {
    const made = await cluster.create(configMap('replaced'));
    const second = await cluster.replace({ ...made, data: { colour: 'green' } });
    expect(second).toMatchObject({ data: { colour: 'green' } });
    await expect(cluster.replace({ ...made, data: {} })).rejects.toMatchObject({ reason: 'Conflict', retryable: true });
  });

  it('removes the object of that uid and no other', async () => {
    const made = await cluster.create(configMap('removed'));
    const reference = referenceOf(made);
    expect(await cluster.remove(reference, '00000000-0000-0000-0000-000000000000')).toBe('other');
    expect(await cluster.get(reference)).not.toBeNull();
    expect(await cluster.remove(reference, made.metadata.uid)).toBe('deleting');
    expect(await cluster.remove(reference, made.metadata.uid)).toBe('gone');
  });
});

describe('list', () => {
  it('gives all of 1,200 objects, page by page', async () => {
    const crowd = await testNamespace(cluster);
    const names = Array.from({ length: 1200 }, (_, n) => `c-${n}`);
    await Promise.all(
      names.map((name) =>
        cluster.create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace: crowd, labels: { crowd: 'yes', last: String(name.endsWith('9')) } },
        }),
      ),
    );
    const selection = { apiVersion: 'v1', kind: 'ConfigMap', namespace: crowd };
    const all = await cluster.list({ ...selection, labelSelector: 'crowd=yes' });
    expect(new Set(all.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
    expect(all.every(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'ConfigMap')).toBe(true);
    expect(await cluster.list({ ...selection, labelSelector: 'last=true' })).toHaveLength(120);
    expect(await cluster.list({ ...selection, fieldSelector: 'metadata.name=c-7' })).toHaveLength(1);
  });
});
