import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalForm, canonicalText } from './canonical.js';

/** From RFC 8785: §3.2.2 (without 1E30, which I-JSON integers exclude), §3.2.3 and appendix B. */
describe('RFC 8785', () => {
  it('writes the sample of §3.2.2', () => {
    const sample = {
      numbers: [Number('333333333.33333329'), 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalText(sample)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 code units, as in §3.2.3', () => {
    const sample = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalText(sample)) as object)).toEqual([
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['433fffffffffffff', '9007199254740991'],
    ['c33fffffffffffff', '-9007199254740991'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['3e45798ee2308c3a', '1e-8'],
  ])('writes the double %s as %s (appendix B)', (bits, text) => {
    expect(canonicalText(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  it('agrees with the reference implementation on any JSON value, whatever the order of keys', () => {
    const iJson = fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }).filter(isIJson);
    fc.assert(
      fc.property(iJson, (value) => {
        const text = canonicalText(value);
        expect(text).toBe(canonicalize(value));
        expect(canonicalText(shuffled(value))).toBe(text);
        expect(canonicalText(JSON.parse(text))).toBe(text);
        expect(JSON.stringify(canonicalForm(shuffled(value)))).toBe(JSON.stringify({ text, value: JSON.parse(text) }));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, unknown]>([
    ['keys out of order and undefined', { b: undefined, z: [{ y: 1, x: undefined, a: 2 }], a: -0 }],
    ['keys that are whole numbers', { b: 1, '10': 1, '9': 1, nested: [{ '2': 0, '-1': 0, '1': 0 }] }],
    ['a key that is no property', JSON.parse('{"b":1,"__proto__":{"x":1},"a":2}')],
    ['backslashes that look like surrogates', { text: '\\ud800', path: 'C:\\users\\udo' }],
    ['control characters and every plane', { '\u0001': '\u001f\u007f"\\ 𝄞 \u2028' }],
    ['many keys', Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${(i * 37) % 100}`, i]))],
  ])('gives text and value of %s', (_what, value) => {
    const { text, value: copy } = canonicalForm(value);
    expect(text).toBe(canonicalText(value));
    expect(copy).toStrictEqual(JSON.parse(text));
    expect(JSON.stringify(copy)).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('gives a value of its own, also for keys in order', () => {
    const value = { a: [{ b: 1 }] };
    const { value: copy } = canonicalForm(value);
    value.a[0]!.b = 2;
    expect(copy).toStrictEqual({ a: [{ b: 1 }] });
  });
});

describe('what I-JSON (RFC 7493) cannot carry', () => {
  it.each<[string, unknown, string]>([
    ['NaN', { a: { b: [1, NaN] } }, 'a.b.1 holds NaN'],
    ['1e30', 1e30, '(root) holds the integer 1e+30'],
    ['undefined alone', undefined, '(root) holds undefined'],
    ['a hole in a list', { list: new Array(2).fill(1, 0, 1) }, 'list.1 holds undefined'],
    ['a lone surrogate in a key', { a: { '\ud800': 1 } }, 'a holds a key with a lone surrogate'],
    ['a symbol', { a: Symbol('s') }, 'a holds a symbol'],
    ['a class', { a: new (class Thing {})() }, 'a holds an object that is not plain'],
    ['an object with toJSON', { toJSON: () => 1 }, 'toJSON holds a function'],
  ])('refuses %s', (_what, value, message) => {
    expect(() => canonicalText(value)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }));
    expect(() => canonicalText(value)).toThrow(message);
    expect(() => canonicalForm(value)).toThrow(message);
  });

  it('refuses a structure without an end', () => {
    const ring: Record<string, unknown> = {};
    ring['again'] = ring;
    expect(() => canonicalText(ring)).toThrow('more than 200 levels');
    expect(() => canonicalText(JSON.parse('['.repeat(150) + ']'.repeat(150)))).not.toThrow();
  });

  it('takes plain objects of another realm and without a prototype', () => {
    expect(canonicalText(structuredClone({ b: [1], a: {} }))).toBe('{"a":{},"b":[1]}');
    expect(canonicalText(Object.assign(Object.create(null) as object, { a: 1 }))).toBe('{"a":1}');
  });
});

function isIJson(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (value === null || typeof value !== 'object') return true;
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && isIJson(member));
}

function shuffled(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(shuffled);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
}
