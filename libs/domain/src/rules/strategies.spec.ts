import { describe, expect, it } from '@jest/globals';
import type { KnownResource } from '../project/commands.js';
import type { Strategy } from '../strategy.js';
import { hostClash, hostsOf } from './preview-hosts.js';
import type { BranchRule } from './rule.js';
import { completeRules, ruleProblems } from './validate.js';

const KNOWN: KnownResource[] = [
  { resource: 'kubernetes-dev', kind: 'kubernetes', location: 'dev', delivery: 'cluster' },
  { resource: 'istio-dev', kind: 'istio', location: 'dev', delivery: 'cluster' },
  { resource: 'kubernetes-old', kind: 'kubernetes', location: 'old', delivery: 'git' },
  { resource: 'vm-racks', kind: 'vm', location: 'racks', delivery: 'ansible' },
  { resource: 'apig-edge', kind: 'apig', location: 'edge', delivery: 'gateway' },
];
const canary: Strategy = {
  type: 'canary',
  steps: [
    { weight: 10, pauseSeconds: 60 },
    { weight: 100, pauseSeconds: 0 },
  ],
};
const preview = (previewHost: string): Strategy => ({ type: 'blue-green', autoPromote: false, previewHost });

interface Wanted {
  readonly name?: string;
  readonly branch?: string;
  readonly tag?: true;
  readonly resources?: readonly string[];
  readonly strategy: Strategy;
}

function rulesOf(...wanted: Wanted[]): BranchRule[] {
  return completeRules(
    wanted.map((rule, index) => ({
      name: `rule-${index}`,
      resources: ['kubernetes-dev', 'istio-dev'],
      tier: 'dev',
      ...(rule.tag ? {} : { branch: '^feature-' }),
      ...rule,
    })),
  );
}

const problemsOf = (
  rules: readonly BranchRule[],
  {
    domains = [],
    allowed,
  }: { domains?: readonly string[]; allowed?: readonly ('rolling' | 'canary' | 'blue-green')[] } = {},
) =>
  ruleProblems(rules, KNOWN, {
    key: 'a',
    business: { domains: [...domains] },
    devops: { strategies: allowed ? { dev: [...allowed] } : {} },
  }).map(({ field, message }) => [field, message]);

describe('the strategy of a rule', () => {
  it('may be a canary where a cluster runs it', () => {
    expect(problemsOf(rulesOf({ strategy: canary }))).toEqual([]);
    expect(problemsOf(rulesOf({ strategy: canary }), { allowed: ['canary'] })).toEqual([]);
  });

  it('must be one that the tier allows', () => {
    expect(problemsOf(rulesOf({ strategy: canary }), { allowed: ['rolling', 'blue-green'] })).toEqual([
      ['rules.0.strategy.type', 'the tier dev allows only rolling, blue-green, by the devops section'],
    ]);
  });

  it.each([
    [['istio-dev'], 'dev: it takes a resource of kind kubernetes there, and the rule names only istio'],
    [['kubernetes-dev', 'kubernetes-old'], 'old: it is delivered through a Git repository'],
    [['vm-racks'], 'racks: it is delivered through Ansible'],
    [['apig-edge'], 'edge: it is an API gateway'],
  ])('cannot be a canary on %j', (resources, words) => {
    const problems = problemsOf(rulesOf({ resources, strategy: canary }));
    expect(problems).toEqual([['rules.0.strategy.type', expect.stringContaining(`a canary cannot run at ${words}`)]]);
    expect(problemsOf(rulesOf({ resources, strategy: { type: 'rolling' } }))).toEqual([]);
  });

  it('is checked for weights also where the rule was not written by hand', () => {
    const [rule] = rulesOf({ strategy: canary });
    const short: Strategy = { type: 'canary', steps: [{ weight: 10, pauseSeconds: 0 }] };
    expect(problemsOf([{ ...rule!, strategy: short }])).toEqual([
      ['rules.0.strategy.steps.0.weight', expect.stringContaining('must come to 100')],
    ]);
  });
});

describe('a preview host', () => {
  it('may be one for each slot', () => {
    const rules = rulesOf({ strategy: preview('{slot}-next.shop.example') });
    expect(problemsOf(rules, { domains: ['{slot}.shop.example', 'www.shop.example'] })).toEqual([]);
  });

  it.each<[string, readonly Wanted[], readonly string[], string]>([
    ['is a domain', [{ strategy: preview('{slot}.shop.example') }], ['{slot}.shop.example'], 'clashes with the domain'],
    [
      'is a domain at the only slot there is',
      [{ tag: true, strategy: preview('{slot}.shop.example') }],
      ['prod.shop.example'],
      'clashes with the domain prod.shop.example',
    ],
    [
      'is a domain of another slot',
      [
        { tag: true, strategy: preview('next.shop.example') },
        { name: 'next', branch: '^next$', strategy: { type: 'rolling' } },
      ],
      ['{slot}.shop.example'],
      'clashes with the domain {slot}.shop.example',
    ],
    [
      'is that of another slot',
      [
        { tag: true, strategy: preview('next.shop.example') },
        { name: 'next', branch: '^dev$', strategy: preview('next.shop.example') },
      ],
      [],
      'clashes with the preview host of rule',
    ],
    ['is the same for all branches', [{ strategy: preview('next.shop.example') }], [], 'put {slot} into it'],
  ])('is refused when it %s', (_case, wanted, domains, words) => {
    const problems = problemsOf(rulesOf(...wanted), { domains });
    expect(problems[0]).toEqual(['rules.0.strategy.previewHost', expect.stringContaining(words)]);
  });
});

describe('the hosts of environments', () => {
  const rules = rulesOf({ strategy: preview('{slot}-next.shop.example') });
  const at = (slot: string) => hostsOf(slot, ['{slot}.shop.example'], rules);

  it('differ for most slots', () => {
    expect(hostClash(at('login'), [at('cart'), at('login')])).toBeNull();
  });

  it('clash where a branch is called like the preview of another', () => {
    expect(hostClash(at('login'), [at('login-next')])).toBe(
      'the preview host login-next.shop.example is taken by slot login-next',
    );
    expect(hostClash(at('login-next'), [at('login')])).toBe(
      'the domain login-next.shop.example is the preview host of slot login',
    );
  });

  it('clash within one environment', () => {
    const own = { slot: 'a', domains: ['x.example'], previews: ['x.example'] };
    expect(hostClash(own, [])).toBe('the preview host x.example is a domain of the environment itself');
  });
});
