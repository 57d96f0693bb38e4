import { describe, expect, it } from '@jest/globals';
import { presetRules } from '../rules/presets.js';
import { completeRules } from '../rules/validate.js';
import { BusinessMetadata, DeveloperMetadata, DevopsMetadata } from './metadata.js';
import { missingMetadata } from './missing.js';
import { initialProjectState, type ProjectState } from './state.js';

const developer = DeveloperMetadata.parse({
  sourceRepository: 'https://git.example/a.git',
  deliverable: { kind: 'image', repository: 'registry.example/a' },
  ports: [{ name: 'http', port: 8080 }],
  config: { repository: 'https://git.example/config.git' },
});
const business = BusinessMetadata.parse({ owner: 'p-1a2b3c4d', productLine: 'Shop' });
const devops = DevopsMetadata.parse({ quotas: { maxReplicas: 3 } });
const complete: ProjectState = {
  ...initialProjectState,
  registered: true,
  name: 'A',
  developer,
  business,
  devops,
  rules: presetRules('gitflow'),
};

const [gateway, approved, canary, plain] = completeRules([
  { name: 'gateway', branch: '^g$', resources: ['gateway-api-prod1', 'kubernetes-prod1'], tier: 'prod' },
  { name: 'approved', tag: true, resources: ['kubernetes-prod1'], tier: 'prod', approvals: 2 },
  {
    name: 'canary',
    branch: '^c$',
    resources: ['kubernetes-lt'],
    tier: 'lt',
    strategy: {
      type: 'canary',
      steps: [
        { weight: 10, pauseSeconds: 60 },
        { weight: 100, pauseSeconds: 0 },
      ],
    },
  },
  { name: 'plain', branch: '^p$', resources: ['kubernetes-dev'], tier: 'dev' },
]);

const brief = (state: ProjectState): [string, string, readonly string[]][] =>
  missingMetadata(state).map(({ section, field, rules }) => [section, field, rules]);

describe('missingMetadata', () => {
  it('is nothing for a complete project', () => {
    expect(missingMetadata(complete)).toEqual([]);
  });

  it('says of a project without rules that it lacks them, and nothing else', () => {
    expect(missingMetadata(initialProjectState)).toEqual([
      {
        section: 'devops',
        field: 'rules',
        rules: [],
        why: 'no branch rules are defined: no branch or tag is deployed',
      },
    ]);
  });

  it('names every section of a project that has only rules', () => {
    const every = ['dev', 'feature', 'release', 'lt', 'tag'];
    expect(brief({ ...initialProjectState, rules: presetRules('gitflow') })).toEqual([
      ['developer', '*', every],
      ['business', 'owner', every],
      ['business', 'productLine', every],
      ['devops', 'quotas', every],
    ]);
  });

  it('asks for a port where traffic is routed, and only there', () => {
    const state = { ...complete, developer: { ...developer, ports: [] }, rules: [...presetRules('trunk'), plain!] };
    expect(brief(state)).toEqual([['developer', 'ports', ['main', 'tag']]]);
  });

  it('asks for domains at gateways, not for Istio', () => {
    expect(brief({ ...complete, rules: [gateway!, ...presetRules('gitflow')] })).toEqual([
      ['business', 'domains', ['gateway']],
    ]);
    expect(brief({ ...complete, rules: [gateway!], business: { ...business, domains: ['a.example'] } })).toEqual([]);
  });

  it('asks for as many different approvers as a rule needs', () => {
    const withApprovers = (...approvers: string[]): ProjectState => ({
      ...complete,
      rules: [approved!, plain!],
      business: { ...business, approvers },
    });
    expect(missingMetadata(withApprovers('p-1a2b3c4d', 'p-1a2b3c4d'))).toEqual([
      {
        section: 'business',
        field: 'approvers',
        rules: ['approved'],
        why: 'rule approved needs approval by 2; approvers named so far: 1',
      },
    ]);
    expect(missingMetadata(withApprovers('p-1a2b3c4d', 'p-5e6f7a8b'))).toEqual([]);
  });

  it('names a strategy that the tier does not allow', () => {
    const state = { ...complete, rules: [canary!], devops: { ...devops, strategies: { lt: ['rolling' as const] } } };
    expect(missingMetadata(state)).toEqual([
      {
        section: 'devops',
        field: 'strategies.lt',
        rules: ['canary'],
        why: 'rule canary deploys canary; the tier lt allows only rolling',
      },
    ]);
    expect(brief({ ...state, devops: { ...devops, strategies: { prod: ['rolling'] } } })).toEqual([]);
  });

  it('can be asked for one rule', () => {
    expect(missingMetadata({ ...complete, rules: [gateway!, plain!] }, [plain!])).toEqual([]);
  });
});
