import { describe, expect, it } from '@jest/globals';
import { RE2JS } from 're2js';
import fc from 'fast-check';
import type { Ref } from '../vocabulary.js';
import { compileRules, matchRef } from './match.js';
import { presetRules } from './presets.js';
import { completeRules } from './validate.js';
import type { BranchRule } from './rule.js';

const branch = (name: string): Ref => ({ kind: 'branch', name });
const tag = (name: string): Ref => ({ kind: 'tag', name });

function rule(name: string, pattern: string | null, kind: Ref['kind'] = 'branch'): BranchRule {
  const [base] = completeRules([{ name, branch: 'x', resources: ['kubernetes-dev'], tier: 'dev' }]);
  return { ...base!, kind, pattern };
}

/** What matching means, without anything that makes it fast. */
function matchSlowly(rules: readonly BranchRule[], ref: Ref): number {
  return rules.findIndex(
    ({ kind, pattern }) => kind === ref.kind && (pattern === null || RE2JS.compile(pattern).matcher(ref.name).find()),
  );
}

describe('gitflow', () => {
  const compiled = compileRules(presetRules('gitflow'));

  it('has exactly the reference rows', () => {
    expect(presetRules('gitflow').map(({ pattern, resources }) => [pattern, resources.join(', ')])).toEqual([
      ['^dev$', 'kubernetes-dev, istio-dev'],
      ['^feature(-[a-z0-9]+)+$', 'kubernetes-feature, istio-feature'],
      ['^release-([0-9]+)(.[0-9]+)*$', 'kubernetes-release, istio-release'],
      ['^lt-([0-9]+)(.[0-9]+)*$', 'kubernetes-lt, istio-lt'],
      [null, 'kubernetes-prod1, istio-prod1, kubernetes-prod2, istio-prod2'],
    ]);
  });

  it.each([
    [branch('dev'), 'dev'],
    [branch('feature-login'), 'feature'],
    [branch('feature-pay-2'), 'feature'],
    [branch('release-1.2'), 'release'],
    [branch('lt-3'), 'lt'],
    [tag('v1.0.0'), 'tag'],
    [tag('dev'), 'tag'],
    [branch('hotfix-x'), undefined],
    [branch('develop'), undefined],
    [branch('feature'), undefined],
    [branch('feature-Login'), undefined],
    [branch('my-feature-login'), undefined],
    [branch('release-x'), undefined],
    [branch('tag'), undefined],
  ])('%j goes to %s', (ref, name) => {
    expect(matchRef(compiled, ref)?.rule.name).toBe(name);
  });
});

describe('matchRef', () => {
  it('takes the first rule that matches, whichever way it is found', () => {
    const rules = [
      rule('later', '^feature-x-'),
      rule('any', 'feature'),
      rule('exact', '^feature-x$'),
      rule('all', null),
    ];
    const compiled = compileRules(rules);
    expect(matchRef(compiled, branch('feature-x-1'))?.index).toBe(0);
    expect(matchRef(compiled, branch('feature-x'))?.index).toBe(1);
    expect(matchRef(compiled, branch('main'))?.index).toBe(3);
  });

  it('finds a pattern anywhere in the name unless it is anchored', () => {
    const compiled = compileRules([rule('fix', 'fix')]);
    expect(matchRef(compiled, branch('hotfix-1'))).not.toBeNull();
  });

  it('asks for no literal that a repetition behind flags takes back', () => {
    expect(matchRef(compileRules([rule('flags', '^-(?i){0}')]), branch('a'))).not.toBeNull();
  });

  it('names the rule whose pattern cannot be asked', () => {
    expect(() => matchRef(compileRules([rule('broken', '(a')]), branch('a'))).toThrow(
      'branch rule broken: the pattern (a is not valid: missing closing ): `(a`',
    );
  });

  it('does not ask a rule for a name that lacks its literal start: its pattern is not even compiled', () => {
    expect(matchRef(compileRules([rule('broken', '^feature-(')]), branch('main'))).toBeNull();
  });

  it('says the same as the engine does for every rule in turn', () => {
    const literal = fc.constantFrom('feature', 'f', 'a.b', 'dev', 'release-', 'a/b', '_x', '-', 'a-b-', '');
    const piece = fc.constantFrom(
      ...[
        '.',
        '.*',
        '.+',
        '$',
        '^',
        '|',
        '(',
        ')',
        '(a|b)',
        '(?i)',
        '(?:x)',
        '[a-z]+',
        '[^]|]',
        '[](]',
        '\\Q(\\E',
        '[]|a]',
        '[[:alpha:]|]',
      ],
      ...[
        '?',
        '*',
        '+',
        '{0,2}',
        '{0}',
        '{',
        '\\.',
        '\\-',
        '\\/',
        '\\d',
        '\\b',
        '\\Qa|b\\E',
        '\\|',
        '\\x41',
        '\\pL',
        '-',
        'é',
        '😀',
      ],
    );
    const pattern = fc
      .tuple(fc.constantFrom('^', '', '\\A', '^^'), literal, fc.array(fc.oneof(piece, literal), { maxLength: 4 }))
      .map(([start, text, rest]) => start + text + rest.join(''))
      .filter(isPattern);
    const name = fc
      .array(fc.oneof(literal, fc.constantFrom('a', 'b', 'B', 'A', 'x', '-', '1', '.', 'é', '😀', '|', '{')), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.join(''))
      .filter((text) => text !== '');
    const kind = fc.constantFrom<Ref['kind']>('branch', 'tag');
    const rules = fc
      .array(fc.tuple(fc.option(pattern), kind), { maxLength: 12 })
      .map((list) => list.map(([text, of], at) => rule(`r${at}`, text === '' ? null : text, of)));
    fc.assert(
      fc.property(rules, kind, name, (list, of, text) => {
        const ref = { kind: of, name: text };
        expect(matchRef(compileRules(list), ref)?.index ?? -1).toBe(matchSlowly(list, ref));
      }),
      { numRuns: 3000 },
    );
  });

  it('says the same for names that grow out of the patterns themselves', () => {
    const part = fc.constantFrom('a', 'b', '-', '.', 'ab');
    const text = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
    const rest = fc.constantFrom(
      '',
      '$',
      '.*',
      '.*$',
      '?',
      '*',
      '+',
      '{2}',
      '{0,1}$',
      '|b',
      '(b|c)',
      '(.*)$',
      '$|^b$',
      '.$',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(text, rest), { minLength: 1, maxLength: 6 }), text, (patterns, name) => {
        const rules = patterns
          .map(([start, end]) => `^${start.replaceAll('.', '\\.')}${end}`)
          .filter(isPattern)
          .map((pattern, at) => rule(`r${at}`, pattern));
        expect(matchRef(compileRules(rules), branch(name))?.index ?? -1).toBe(matchSlowly(rules, branch(name)));
      }),
      { numRuns: 3000 },
    );
  });
});

function isPattern(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}
