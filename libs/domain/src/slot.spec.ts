import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { slotOf } from './slot.js';
import { ProjectKey, RefName, Slot } from './vocabulary.js';

const branch = (name: string, project = 'a'): string => slotOf(project, { kind: 'branch', name });

/** Names that are likely to meet: the same few signs in many orders, and the slots of other names. */
const plain = fc
  .array(fc.constantFrom('feature', 'FEATURE', 'login', '-', '_', '/', '.', 'a', 'prod', '1', 'ä'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(''))
  .filter((name) => RefName.safeParse(name).success);
const name = fc.oneof(
  plain,
  plain.map((other) => branch(other)),
  fc.string({ unit: 'grapheme', maxLength: 80 }).filter((text) => RefName.safeParse(text).success),
);
const project = fc.constantFrom('a', 'shop', 'a23456789012345678901234567');

describe('slotOf', () => {
  it.each([
    ['feature-login', 'feature-login'],
    ['dev', 'dev'],
    ['1x', '1x'],
  ])('keeps %s as it is', (ref, slot) => {
    expect(branch(ref)).toBe(slot);
  });

  it.each([
    ['release-1.2', /^release-1-2-[0-9a-f]{10}$/],
    ['Feature-Login', /^feature-login-[0-9a-f]{10}$/],
    ['feature--login', /^feature-login-[0-9a-f]{10}$/],
    ['feature/login', /^feature-login-[0-9a-f]{10}$/],
    ['prod', /^prod-[0-9a-f]{10}$/],
    ['x-0123456789', /^x-0123456789-[0-9a-f]{10}$/],
    ['0123456789', /^0123456789-[0-9a-f]{10}$/],
    ['日本', /^[0-9a-f]{10}$/],
    ['a'.repeat(43), /^a{31}-[0-9a-f]{10}$/],
  ])('marks %s with a hash', (ref, slot) => {
    expect(branch(ref)).toMatch(slot);
  });

  it('is prod for every tag, and for nothing else', () => {
    expect(slotOf('a', { kind: 'tag', name: 'v1.0.0' })).toBe('prod');
    fc.assert(fc.property(name, (text) => expect(branch(text)).not.toBe('prod')));
  });

  it('is a label that fits with its project into 45 characters', () => {
    fc.assert(
      fc.property(project, name, (key, text) => {
        expect(ProjectKey.parse(key)).toBe(key);
        const slot = branch(text, key);
        expect(Slot.parse(slot)).toBe(slot);
        expect(`${key}--${slot}`.length).toBeLessThanOrEqual(45);
      }),
      { numRuns: 1000 },
    );
  });

  it('is shared by no two branches', () => {
    fc.assert(
      fc.property(project, fc.uniqueArray(name, { minLength: 2, maxLength: 30 }), (key, names) => {
        expect(new Set(names.map((text) => branch(text, key))).size).toBe(names.length);
      }),
      { numRuns: 1000 },
    );
  });
});
