import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Ref } from '../vocabulary.js';
import { closestRule, explainMatch } from './explain.js';
import { compileRules, matchRef } from './match.js';
import { presetRules } from './presets.js';
import { completeRules } from './validate.js';
import type { BranchRule } from './rule.js';

const branch = (name: string): Ref => ({ kind: 'branch', name });

function rule(name: string, pattern: string | null): BranchRule {
  const [base] = completeRules([{ name, branch: 'x', resources: ['kubernetes-dev'], tier: 'dev' }]);
  return { ...base!, pattern };
}

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
    expect(closestRule(rules, { kind: 'tag', name: 'dev' })).toBeNull();
  });
});
