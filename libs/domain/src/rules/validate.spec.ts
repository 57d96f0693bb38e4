import { describe, expect, it } from '@jest/globals';
import { isWaybillError, type FieldProblem } from '@waybill/kernel';
import fc from 'fast-check';
import type { KnownResource } from '../project/commands.js';
import { presetRules } from './presets.js';
import { resourceKindOf } from './resource-kind.js';
import { BranchRule, type BranchRuleInput } from './rule.js';
import { completeRules, ruleProblems } from './validate.js';

/** The resources of the reference rules: kubernetes-dev and istio-dev are at dev, and so on. */
const KNOWN: KnownResource[] = ['dev', 'feature', 'release', 'lt', 'prod1', 'prod2'].flatMap((location) =>
  (['kubernetes', 'istio'] as const).map((kind) => ({
    resource: `${kind}-${location}`,
    kind,
    location,
    delivery: 'cluster' as const,
  })),
);

let serial = 0;
function input(over: Partial<BranchRuleInput>): BranchRuleInput {
  serial += 1;
  const base = { name: `rule-${serial}`, resources: ['kubernetes-dev'], tier: 'dev' as const };
  return over.tag === undefined ? { ...base, branch: `^b${serial}-x+$`, ...over } : { ...base, ...over };
}

const problemsOf = (...rules: Partial<BranchRuleInput>[]): FieldProblem[] =>
  ruleProblems(completeRules(rules.map(input)), KNOWN);

function fieldsOf(action: () => unknown): FieldProblem[] {
  try {
    action();
  } catch (error) {
    if (isWaybillError(error, 'INVALID_INPUT')) return [...error.fields];
    throw error;
  }
  throw new Error('did not throw');
}

describe('completeRules', () => {
  it('fills in what is left out', () => {
    expect(
      completeRules([
        { name: 'dev', branch: '^dev$', resources: ['Kubernetes-Dev'], tier: 'dev' },
        { name: 'any-tag', tag: true, resources: ['istio-dev'], tier: 'prod', approvals: 1 },
        { name: 'v-tag', tag: '^v', resources: ['istio-dev'], tier: 'prod', directory: 'versions' },
      ]),
    ).toEqual([
      {
        name: 'dev',
        kind: 'branch',
        pattern: '^dev$',
        resources: ['kubernetes-dev'],
        tier: 'dev',
        directory: 'dev',
        strategy: { type: 'rolling' },
        approvals: 0,
        stages: [],
        onConfigChange: 'nothing',
        onFailure: 'nothing',
      },
      expect.objectContaining({ kind: 'tag', pattern: null, directory: 'tag', approvals: 1 }),
      expect.objectContaining({ kind: 'tag', pattern: '^v', directory: 'versions' }),
    ]);
  });

  it.each([
    [{ branch: '' }, 'rules.2.branch'],
    [{ tag: true as const, branch: '^x$' }, 'rules.2.branch'],
    [{ resources: [] }, 'rules.2.resources'],
    [{ tier: 'production' }, 'rules.2.tier'],
    [{ name: 'Not A Name' }, 'rules.2.name'],
    [{ strategy: { type: 'canary', steps: [] } }, 'rules.2.strategy.steps'],
    [{ approvals: -1 }, 'rules.2.approvals'],
    [{ colour: 'blue' }, 'rules.2'],
  ])('names the field of %j', (over, field) => {
    const bad = { ...input({}), ...over };
    expect(fieldsOf(() => completeRules([input({}), input({}), bad])).map((problem) => problem.field)).toContain(field);
  });

  it('takes any JSON without anything but a clean refusal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        if (Array.isArray(value) && value.length > 0)
          expect(fieldsOf(() => completeRules(value)).length).toBeGreaterThan(0);
        else expect(fieldsOf(() => completeRules(value))[0]?.field).toBe('rules');
      }),
    );
  });
});

describe('presets', () => {
  it.each(['gitflow', 'trunk'] as const)('%s has no problems and is made of complete rules', (preset) => {
    expect(ruleProblems(presetRules(preset), KNOWN)).toEqual([]);
    for (const rule of presetRules(preset)) expect(BranchRule.parse(rule)).toEqual(rule);
  });

  it('are fresh copies', () => {
    presetRules('trunk')[0]!.resources.push('x');
    expect(presetRules('trunk')[0]!.resources).not.toContain('x');
  });
});

describe('ruleProblems', () => {
  it.each([
    ['(a', 'missing closing )'],
    ['a**', 'invalid nested repetition operator'],
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['[z-a]', 'invalid character class range'],
    ['\\1', 'invalid escape sequence'],
  ])('refuses %s in the words of RE2', (branch, words) => {
    const [problem, ...others] = problemsOf({ branch });
    expect(problem).toEqual({ field: 'rules.0.pattern', message: expect.stringContaining(words) });
    expect(others).toEqual([]);
  });

  it.each([
    '(a{1000}){1000}',
    '((a{10}){10}){100}',
    'a{999}'.repeat(100),
    '(\\pL{100}){10}b{900}c{900}d{900}',
    `(${'a|'.repeat(90)}b){30}`,
  ])('refuses the repetition bomb %.30s at once', (branch) => {
    const [problem] = problemsOf({ branch });
    expect(problem).toEqual({ field: 'rules.0.pattern', message: expect.stringContaining('too expensive') });
  });

  it('takes every pattern of reasonable size', () => {
    expect(
      problemsOf({ branch: '^[0-9a-f]{40}$' }, { branch: '^(feature|bugfix)/[A-Z]{2,10}-[0-9]{1,6}-.{1,100}$' }),
    ).toEqual([]);
  });

  it('refuses a name that is used twice', () => {
    expect(problemsOf({ name: 'a' }, {}, { name: 'a' })).toEqual([
      { field: 'rules.2.name', message: 'rule 0 is called a already' },
    ]);
  });

  it.each<[string, Partial<BranchRuleInput>[], string]>([
    [
      'the same pattern',
      [{ name: 'first', branch: '^a+$' }, { branch: '^a+$' }],
      'the earlier rule first has the same pattern',
    ],
    [
      'one that matches everything',
      [{ name: 'all', branch: '.*' }, { branch: 'x' }],
      'the earlier rule all matches everything',
    ],
    [
      'a second rule for every tag',
      [{ name: 'tags', tag: true }, { tag: true }],
      'the earlier rule tags matches everything',
    ],
    [
      'a pattern for tags behind all tags',
      [{ name: 'tags', tag: true }, { tag: '^v' }],
      'the earlier rule tags matches everything',
    ],
    [
      'a name that another matches',
      [{ name: 'f', branch: '^f[a-z]+$' }, { branch: '^fix$' }],
      'the earlier rule f matches fix',
    ],
    [
      'a start that another takes',
      [{ name: 'f', branch: '^f-' }, { branch: '^f-x[0-9]+$' }],
      'the earlier rule f matches every name that starts with f-',
    ],
  ])('refuses what is never reached: %s', (_words, rules, why) => {
    expect(problemsOf(...rules)).toEqual([{ field: 'rules.1.pattern', message: `never reached: ${why}` }]);
  });

  it.each<[string, Partial<BranchRuleInput>[]]>([
    ['the other kind', [{ branch: '.*' }, { tag: '.*' }]],
    ['the narrower one first', [{ branch: '^fix$' }, { branch: '^f' }, { branch: '.*' }]],
    ['a name that the earlier one leaves', [{ branch: '^f[a-z]+$' }, { branch: '^fix-1$' }]],
    ['a shorter start behind a longer one', [{ branch: '^feature-' }, { branch: '^feat' }]],
  ])('does not mind %s', (_words, rules) => {
    expect(problemsOf(...rules)).toEqual([]);
  });

  it('never calls a rule unreachable that some name reaches first', () => {
    const patterns = fc.constantFrom(
      '^a',
      '^a$',
      '^ab$',
      '^a.*$',
      'b',
      '^[ab]+$',
      '^a?$',
      '.+',
      '^b-',
      '^b-c$',
      '^.$',
      '(a|b)$',
    );
    const names = ['a', 'b', 'ab', 'ba', 'a-c', 'b-c', 'b-', 'c', 'aa', 'x'];
    fc.assert(
      fc.property(fc.uniqueArray(patterns, { minLength: 1 }), (list) => {
        const unreachable = problemsOf(...list.map((branch) => ({ branch }))).map(({ field }) =>
          Number(field.split('.')[1]),
        );
        for (const index of unreachable) {
          const reaching = names.filter(
            (name) => list.findIndex((pattern) => new RegExp(pattern).test(name)) === index,
          );
          expect(reaching).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('refuses resources that are unknown, named twice or two of a kind at one location', () => {
    const twin: KnownResource = {
      resource: 'kubernetes-dev-2',
      kind: 'kubernetes',
      location: 'dev',
      delivery: 'cluster',
    };
    const resources = ['kubernetes-dev', 'kubernetes-devv', 'kubernetes-dev', 'kubernetes-dev-2', 'istio-dev'];
    expect(ruleProblems(completeRules([input({ resources })]), [...KNOWN, twin])).toEqual([
      { field: 'rules.0.resources.1', message: expect.stringContaining('no resource is called kubernetes-devv') },
      { field: 'rules.0.resources.2', message: 'kubernetes-dev is named twice' },
      { field: 'rules.0.resources.3', message: expect.stringContaining('are both kubernetes at dev') },
    ]);
  });

  it('refuses stages with a location that the rule does not reach, or one twice', () => {
    const rule = {
      resources: ['kubernetes-prod1', 'kubernetes-prod2'],
      stages: [['prod1'], ['prod2', 'prod1'], ['dev']],
    };
    expect(problemsOf(rule).map(({ field }) => field)).toEqual(['rules.0.stages.1.1', 'rules.0.stages.2.0']);
  });

  it('keeps the directory tag for tags', () => {
    expect(problemsOf({ directory: 'tag' }).map(({ field }) => field)).toEqual(['rules.0.directory']);
  });

  it('reads a long list in one pass: 10,000 rules, each of them found wanting or fine', () => {
    const rules = completeRules(
      Array.from({ length: 10_000 }, (_, n) => input({ branch: n % 2 ? `^service-${n}$` : `^team-${n}-[a-z]+$` })),
    );
    expect(ruleProblems([...rules, { ...rules[1]!, name: 'again' }], KNOWN)).toEqual([
      { field: 'rules.10000.pattern', message: expect.stringContaining('has the same pattern') },
    ]);
  });
});

describe('resourceKindOf', () => {
  it.each([
    ['kubernetes-dev', 'kubernetes'],
    ['gateway-api-prod1', 'gateway-api'],
    ['vm-x', 'vm'],
    ['kubernetes', undefined],
    ['kubernetes-', undefined],
    ['k8s-dev', undefined],
  ])('%s is of kind %s', (key, kind) => {
    expect(resourceKindOf(key)).toBe(kind);
  });
});
