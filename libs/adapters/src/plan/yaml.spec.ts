import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { toYaml } from './yaml.js';

const awkward = ['on', 'y', 'No', '0o17', '0777', '1:30', '1_000', '~', '', '<<', '=', '1e3', '.5', '2001-01-01', ' x'];
const breaks = [
  'a\r\nb',
  'a\u0085b',
  'a\u2028b',
  '\ufeffa',
  'a\nb\n\n',
  '\n',
  '  a\n b',
  'tab\tx',
  '# a',
  '- a',
  '\u0001\n',
];

const text = fc.oneof(
  fc.constantFrom(...awkward, ...breaks),
  fc.string({ unit: 'binary' }).map((s) => s.toWellFormed()),
);

/** As a key `<<` is a merge to this reader, quoted or not; no object of Kubernetes has such a key. */
const key = text.filter((name) => name !== '<<');

describe('the YAML of an object', () => {
  it.each(['1.1', '1.2'] as const)('reads back the same as YAML %s', (version) => {
    fc.assert(
      fc.property(fc.dictionary(key, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text))), (value) => {
        expect(parse(toYaml(value), { version, logLevel: 'error' })).toEqual({ ...value });
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a long line whole', () => {
    expect(
      toYaml({ text: 'word '.repeat(100).trim() })
        .trim()
        .split('\n'),
    ).toHaveLength(1);
  });

  it('writes the same object twice without an alias', () => {
    const part = { cpu: '1' };
    expect(toYaml({ requests: part, limits: part })).toBe('requests:\n  cpu: "1"\nlimits:\n  cpu: "1"\n');
  });
});
