import { describe, expect, it } from '@jest/globals';
import { differences } from './differences.js';

describe('differences', () => {
  it('names the highest place that differs', () => {
    const wanted = { spec: { replicas: 2, containers: [{ image: 'a' }, { image: 'b' }], gone: { deep: { x: 1 } } } };
    const live = { spec: { replicas: 3, containers: [{ image: 'a' }, { image: 'c' }, { image: 'd' }] } };
    expect(differences(wanted, live)).toEqual([
      'spec.replicas',
      'spec.containers[1].image',
      'spec.containers[2]',
      'spec.gone',
    ]);
  });

  it('brackets names that are no words, and takes null, absence and types apart', () => {
    const wanted = { 'waybill.dev/release': 'r1', a: null, b: [], c: 1 };
    expect(differences(wanted, { 'waybill.dev/release': 'r2', b: {}, c: '1' }, 'metadata.annotations')).toEqual([
      'metadata.annotations["waybill.dev/release"]',
      'metadata.annotations.a',
      'metadata.annotations.b',
      'metadata.annotations.c',
    ]);
  });

  it('lets the second hold more where it may', () => {
    expect(differences({ a: 1 }, { a: 1, b: 2 })).toEqual(['b']);
    expect(differences({ a: 1 }, { a: 1, b: 2 }, '', { extraAllowed: true })).toEqual([]);
  });

  it('names 200 places at most, none longer than an event takes', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`${'x'.repeat(600)}${n}`, n]));
    const found = differences(many, {});
    expect(found).toHaveLength(200);
    expect(Math.max(...found.map((path) => path.length))).toBe(500);
  });
});
