import { describe, expect, it } from '@jest/globals';
import { RE2JS } from 're2js';
import fc from 'fast-check';
import type { Ref } from '../vocabulary.js';
import { closestRule, explainMatch } from './explain.js';
import { compileRules, matchRef } from './match.js';
import { expandedSize, matchesEverything, shapeOf } from './pattern.js';
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

describe('shapeOf', () => {
  it.each([
    ['^dev$', 'dev', 'exact'],
    ['^a\\.b$', 'a.b', 'exact'],
    ['^feature-', 'feature-', 'open'],
    ['^feature-.*$', 'feature-', 'open'],
    ['^feature(-[a-z0-9]+)+$', 'feature', 'other'],
    ['^features?$', 'feature', 'other'],
    ['^release-([0-9]+)', 'release-', 'other'],
    ['^(a|b)-x', '', 'other'],
    ['^dev|main', '', 'other'],
    ['^dev(a|b)', 'dev', 'other'],
    ['^dev[|]', 'dev', 'other'],
    ['^dev\\|x', 'dev|x', 'open'],
    ['^(?i)dev', '', 'other'],
    ['^\\Qa|b\\E', '', 'other'],
    ['^a\\Q(\\E|b', '', 'other'],
    ['^a[](]|b', '', 'other'],
    ['^release-(?:a|b)', 'release-', 'other'],
    ['dev', '', 'other'],
    ['^\\d', '', 'other'],
    ['.*', '', 'open'],
  ])('%s starts with %j: %s', (pattern, prefix, kind) => {
    expect(shapeOf(pattern)).toEqual({ prefix, kind });
  });

  it('knows patterns that match everything, and those that only look so', () => {
    const all = [null, '', '.*', '^.*$', '^', '$', '.', '.+', '^.+', '(.*)', '^(.+)$'];
    const some = ['^.$', '^$', '..', '.*a', 'a*b', '^(.*)a$'];
    expect(all.filter((pattern) => !matchesEverything(pattern))).toEqual([]);
    expect(some.filter(matchesEverything)).toEqual([]);
  });
});

describe('expandedSize', () => {
  it('multiplies counted repetition out', () => {
    expect(expandedSize('^feature(-[a-z0-9]+)+$')).toBeLessThan(30);
    expect(expandedSize('(a{30}){30}')).toBeGreaterThanOrEqual(900);
    expect(expandedSize('(a{1000}){1000}')).toBeGreaterThanOrEqual(1_000_000);
    expect(expandedSize('[0-9a-f]{40}')).toBe(40);
  });
});

describe('explainMatch', () => {
  it('says for each rule why', () => {
    expect(
      explainMatch(presetRules('gitflow'), branch('feature_login')).map(({ rule: name, why }) => [name, why]),
    ).toEqual([
      ['dev', 'pattern ^dev$ does not match: the name must be "dev"'],
      [
        'feature',
        'pattern ^feature(-[a-z0-9]+)+$ does not match: the name starts with "feature", but the rest does not fit',
      ],
      ['release', 'pattern ^release-([0-9]+)(.[0-9]+)*$ does not match: names must start with "release-"'],
      ['lt', 'pattern ^lt-([0-9]+)(.[0-9]+)*$ does not match: names must start with "lt-"'],
      ['tag', 'looks at tags, not branches'],
    ]);
  });

  it('asks nobody behind the rule that matched', () => {
    const explanations = explainMatch(presetRules('gitflow'), branch('dev'));
    expect(explanations[0]).toEqual({
      rule: 'dev',
      pattern: '^dev$',
      matches: true,
      asked: true,
      why: 'pattern ^dev$ matches',
    });
    expect(explanations.slice(1).map(({ asked, why }) => [asked, why])).toEqual(
      Array(4).fill([false, 'not asked: the earlier rule dev matched']),
    );
  });

  it('shows how far the name went along', () => {
    const [only] = explainMatch([rule('release', '^release-')], branch('rel-1'));
    expect(only?.why).toBe(
      'pattern ^release- does not match: names must start with "release-"; the longest matching start is "rel"',
    );
  });

  it('says of a pattern that is not valid that it is not', () => {
    expect(explainMatch([rule('broken', '(')], branch('a'))[0]).toMatchObject({ matches: false, asked: true });
  });

  it('agrees with matchRef', () => {
    const rules = [...presetRules('gitflow'), rule('any-fix', 'fix'), rule('rest', null)];
    const names = fc.constantFrom('dev', 'feature-a', 'feature', 'release-1.2', 'hotfix-1', 'x', 'lt-1', 'v1');
    fc.assert(
      fc.property(names, fc.constantFrom<Ref['kind']>('branch', 'tag'), (name, kind) => {
        const yes = explainMatch(rules, { kind, name }).find(({ matches }) => matches);
        expect(yes?.rule).toBe(matchRef(compileRules(rules), { kind, name })?.rule.name);
      }),
    );
  });
});

describe('closestRule', () => {
  const rules = presetRules('gitflow');

  it.each([
    ['feature_login', 'feature'],
    ['features-login', 'feature'],
    ['Feature-login', 'feature'],
    ['develop', 'dev'],
    ['release-x', 'release'],
    ['rel-1.2', null],
    ['hotfix-x', null],
    ['d', null],
  ])('of %s is %s', (name, closest) => {
    expect(closestRule(rules, branch(name))).toBe(closest);
  });

  it('of a tag is no rule for branches', () => {
    expect(closestRule(rules, tag('dev'))).toBeNull();
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
