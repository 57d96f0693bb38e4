import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@waybill/kernel';
import type { KubernetesObject } from '../plan/objects.js';
import { inServedVersions } from './in-served-versions.js';
import { newestFirst } from './priority.js';
import { TABLE, homeOf, reachable } from './table.js';

const objectOf = (apiVersion: string, kind: string, spec: JsonObject = {}): KubernetesObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', namespace: 'shop' },
  spec,
});

const sent = (object: KubernetesObject, ...served: string[]): KubernetesObject =>
  inServedVersions({ own: [], extra: [object] }, { served })[0]!;

const rules = TABLE.rules.flatMap(({ kinds, from, to }) => kinds.map((kind) => ({ kind, from, to })));
const alike = TABLE.alike.flatMap(({ kinds, versions }) => kinds.map((kind) => ({ kind, versions })));

describe('the table of versions', () => {
  it.each(rules)('writes a $kind of $from in $to, once', ({ kind, from, to }) => {
    const object = objectOf(from, kind);
    const before = structuredClone(object);
    const written = sent(object, `${to}/${kind}`);
    expect(written.apiVersion).toBe(to);
    expect(sent(written, `${to}/${kind}`)).toBe(written);
    // While it is served it stays as its author wrote it, and translating changes nothing in place.
    expect(sent(object, `${to}/${kind}`, `${from}/${kind}`)).toBe(object);
    expect(object).toEqual(before);
  });

  it.each(alike)('writes a $kind in any of $versions', ({ kind, versions }) => {
    expect(newestFirst(versions)).toEqual(versions);
    for (const from of versions) {
      for (const to of versions) {
        const object = objectOf(from, kind, { kept: { as: ['it', 'is'] } });
        expect(sent(object, `${to}/${kind}`)).toEqual({ ...object, apiVersion: to });
      }
    }
  });

  it('has one rule from a version of a kind to another, and a source for each', () => {
    const ways = [...rules.map(({ kind, from, to }) => `${kind} ${from} ${to}`)];
    expect(new Set(ways).size).toBe(ways.length);
    for (const { source } of [...TABLE.rules, ...TABLE.alike, ...TABLE.gone]) expect(source).toMatch(/https:|`/);
  });

  it('prefers the newest served version, and goes there in as many steps as it takes', () => {
    expect([...reachable('HorizontalPodAutoscaler', 'autoscaling/v2beta1').keys()]).toEqual([
      'autoscaling/v2',
      'autoscaling/v2beta2',
    ]);
    const object = objectOf('autoscaling/v2beta1', 'HorizontalPodAutoscaler');
    const [older, newer] = ['autoscaling/v2beta2/HorizontalPodAutoscaler', 'autoscaling/v2/HorizontalPodAutoscaler'];
    expect(sent(object, older, newer).apiVersion).toBe('autoscaling/v2');
    expect(sent(object, older).apiVersion).toBe('autoscaling/v2beta2');
  });

  it('knows a kind that moved to another group for the same', () => {
    expect(homeOf('extensions', 'Ingress')).toBe('networking.k8s.io');
    expect(homeOf('extensions', 'Deployment')).toBe('apps');
    expect(homeOf('extensions', 'NetworkPolicy')).toBe('networking.k8s.io');
    expect(homeOf('networking.k8s.io', 'Ingress')).toBe('networking.k8s.io');
    expect(homeOf('', 'Service')).toBe('');
  });
});

describe('versions', () => {
  it('are ordered as Kubernetes orders them', () => {
    const mixed = ['v1alpha1', 'v2beta1', 'foo', 'v2', 'v1beta2', 'v10', 'v1', 'v2beta2', 'v11alpha2', 'v1beta1'];
    expect(newestFirst(mixed)).toEqual([
      ...['v10', 'v2', 'v1', 'v2beta2', 'v2beta1', 'v1beta2', 'v1beta1', 'v11alpha2', 'v1alpha1', 'foo'],
    ]);
  });
});
