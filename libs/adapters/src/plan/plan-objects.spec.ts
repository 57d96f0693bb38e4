import { describe, expect, it } from '@jest/globals';
import { DesiredState } from '@waybill/channel';
import { presentRecord } from '@waybill/channel/testing';
import fc from 'fast-check';
import { STABLE_CAPABILITIES } from './capabilities.js';
import { toFiles } from './files.js';
import { planObjects } from './plan-objects.js';

const letters = (unit: string, constraints: { minLength: number; maxLength: number }): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...unit), ...constraints });

const key = letters('abcxyz019', { minLength: 0, maxLength: 26 }).map((rest) => `a${rest}`);
const slot = letters('abcxyz019', { minLength: 1, maxLength: 16 });
const image = fc.constantFrom(
  'registry.example/app',
  'localhost:5000/app',
  'registry.example/app:1.2-RC_1.',
  `r/a:${'v'.repeat(128)}`,
);
const path = fc
  .string({ minLength: 1, maxLength: 300 })
  .filter((name) => !name.startsWith('/') && !name.includes('..'));
const metadata = fc.record({ name: key, labels: fc.dictionary(key, key) });

const desired: fc.Arbitrary<DesiredState> = fc
  .record({
    project: key,
    slot,
    image,
    ref: fc.record({ kind: fc.constantFrom('branch' as const, 'tag' as const), name: key }),
    files: fc.dictionary(path, fc.string()),
    variables: fc.dictionary(key, fc.oneof(fc.string(), fc.constant({ from: 'db/password' }))),
    ports: fc.uniqueArray(
      fc.record({
        name: key.map((name) => name.slice(0, 15)),
        port: fc.integer({ min: 1, max: 65535 }),
        protocol: fc.constantFrom('http' as const, 'grpc' as const, 'tcp' as const),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    ),
    autoscaling: fc.option(fc.constant({ minReplicas: 1, maxReplicas: 3, targetCpuPercent: 80 })),
    extra: fc.option(fc.record({ apiVersion: fc.constant('example.dev/v1'), kind: fc.constant('Thing'), metadata })),
    istio: fc.boolean(),
    pipelineId: fc.option(fc.string({ maxLength: 200 })),
  })
  .map((given) => {
    const environment = { project: given.project, slot: given.slot, location: 'here' };
    const { desired } = presentRecord(environment, 1, (state) => ({
      ...state,
      ref: given.ref,
      deliverable: { kind: 'image', image: given.image, digest: `sha256:${'a'.repeat(64)}` },
      service: {
        ...state.service,
        ports: given.ports,
        environmentVariables: given.variables,
        autoscaling: given.autoscaling,
      },
      config: { ...state.config, files: given.files },
      manifests: given.extra ? [{ file: 'extra.yaml', object: given.extra }] : [],
      resources: [
        ...state.resources,
        ...(given.istio ? [{ resource: 'istio-here', kind: 'istio' as const, parameters: {}, connection: null }] : []),
      ],
      trace: { ...state.trace, pipelineId: given.pipelineId },
    }));
    return desired!;
  });

/** The same value with the keys of every object the other way round. */
function turned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(turned) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, part]) => [name, turned(part)]),
  ) as T;
}

/** Label values found anywhere in an object, pod templates and selectors included. */
function labelValues(value: unknown, inLabels = false): string[] {
  if (typeof value === 'string') return inLabels ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    labelValues(part, inLabels || name === 'labels' || name === 'matchLabels' || name === 'selector'),
  );
}

describe('a plan', () => {
  it('is the same for the same desired state, whatever the order of its keys', () => {
    fc.assert(
      fc.property(desired, (state) => {
        const plan = planObjects(state, 3, STABLE_CAPABILITIES);
        const again = planObjects(turned(structuredClone(state)), 3, STABLE_CAPABILITIES);
        expect(again).toEqual(plan);
        expect(Object.entries(toFiles(again.objects))).toEqual(Object.entries(toFiles(plan.objects)));
      }),
    );
  });

  it('has names and label values that Kubernetes takes, each object once, one file an object', () => {
    fc.assert(
      fc.property(desired, (state) => {
        const { objects, references, inventoryHash } = planObjects(state, 3, STABLE_CAPABILITIES);
        for (const object of objects) {
          expect(object.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
          for (const value of labelValues(object)) {
            expect(value).toMatch(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/);
          }
        }
        expect(new Set(references.map((reference) => JSON.stringify(reference))).size).toBe(objects.length);
        expect(Object.keys(toFiles(objects))).toHaveLength(objects.length);
        expect(inventoryHash).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  it('mounts every configuration file under its own path, from a key that Kubernetes takes', () => {
    fc.assert(
      fc.property(desired, (state) => {
        const { objects } = planObjects(state, 3, STABLE_CAPABILITIES);
        const map = objects.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Record<string, string> | undefined;
        const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
          spec: { template: { spec: { volumes?: { configMap: { items: { key: string; path: string }[] } }[] } } };
        };
        const items = deployment.spec.template.spec.volumes?.[0]?.configMap.items ?? [];
        expect(Object.fromEntries(items.map((item) => [item.path, map?.[item.key]]))).toEqual({
          ...state.config.files,
        });
        for (const name of Object.keys(map ?? {})) expect(name).toMatch(/^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/);
      }),
    );
  });

  it('changes its inventory with the generation, which stands in the objects', () => {
    const state = DesiredState.parse(presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1).desired);
    const one = planObjects(state, 1, STABLE_CAPABILITIES);
    const two = planObjects(state, 2, STABLE_CAPABILITIES);
    expect(two.inventoryHash).not.toBe(one.inventoryHash);
    expect(two.references).toEqual(one.references);
  });

  it('refuses a namespace that is none, by name', () => {
    const { desired: state } = presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1, (given) => ({
      ...given,
      resources: given.resources.map((resource) => ({ ...resource, parameters: { namespace: 'No Name' } })),
    }));
    expect(() => planObjects(state!, 1, STABLE_CAPABILITIES)).toThrow(/No Name cannot be the name of a namespace/);
  });

  it.each([
    [{ kind: 'Thing', metadata: { name: 'x' } }, /extra.yaml has no apiVersion/],
    [{ apiVersion: 'v1', kind: 'Thing' }, /extra.yaml holds a Thing without metadata.name/],
    [{ apiVersion: 'v1', kind: 'Thing', metadata: [] }, /extra.yaml has a metadata that is no mapping/],
    [{ apiVersion: 'v1', kind: 'Thing', metadata: { name: 'x', labels: { a: 1 } } }, /whose a is no text/],
  ])('refuses the extra manifest %j, naming its file', (object, message) => {
    const { desired: state } = presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1, (given) => ({
      ...given,
      manifests: [{ file: 'extra.yaml', object: object as Record<string, string> }],
    }));
    expect(() => planObjects(state!, 1, STABLE_CAPABILITIES)).toThrow(message);
  });

  it('refuses more objects than a report can carry', () => {
    const { desired: state } = presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1, (given) => ({
      ...given,
      manifests: Array.from({ length: 1000 }, (_, i) => ({
        file: 'extra.yaml',
        object: { apiVersion: 'v1', kind: 'Thing', metadata: { name: `t${i}` } },
      })),
    }));
    expect(() => planObjects(state!, 1, STABLE_CAPABILITIES)).toThrow(/1002 objects are planned, 1000 is the most/);
  });

  it.each(['/etc/passwd', '../up', 'a/../b', '..data'])('refuses to mount the file %s', (name) => {
    const { desired: state } = presentRecord({ project: 'a', slot: 'dev', location: 'here' }, 1, (given) => ({
      ...given,
      config: { ...given.config, files: { [name]: 'x' } },
    }));
    expect(() => planObjects(state!, 1, STABLE_CAPABILITIES)).toThrow(/cannot be mounted/);
  });
});
