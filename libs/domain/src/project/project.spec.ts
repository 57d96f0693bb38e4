import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '@waybill/kernel/testing';
import type { CommandMetadata, RecordedEvent } from '@waybill/kernel';
import { presetRules } from '../rules/presets.js';
import { slotOf } from '../slot.js';
import type { KnownResource, ProjectCommand } from './commands.js';
import { projectDecider } from './decide.js';
import type { ProjectEvent } from './events.js';
import { BusinessMetadata, DeveloperMetadata, DevopsMetadata } from './metadata.js';
import { rulesInForce } from './rules-in-force.js';

const { given } = deciderSpec(projectDecider);

const by = (...roles: string[]): CommandMetadata => ({
  commandId: 'c1',
  actor: { kind: 'person', id: 'p-1a2b3c4d', roles },
  now: '2025-10-09T08:53:20.000Z',
  correlationId: 'c1',
  causationId: 'c1',
});
const policy: CommandMetadata = { ...by(), actor: { kind: 'policy', id: 'branch-watch', roles: [] } };

type Type = ProjectCommand['type'];
type DataOf<T extends Type> = Extract<ProjectCommand, { type: T }>['data'];

const developer = DeveloperMetadata.parse({
  sourceRepository: 'https://git.example/a.git',
  deliverable: { kind: 'image', repository: 'registry.example/a' },
  ports: [{ name: 'http', port: 8080 }],
  config: { repository: 'https://git.example/config.git' },
});
const business = BusinessMetadata.parse({ owner: 'p-1a2b3c4d', productLine: 'Shop' });
const devops = DevopsMetadata.parse({ quotas: { maxReplicas: 3 } });
const gitflow = presetRules('gitflow');

const KNOWN: KnownResource[] = ['dev', 'feature', 'release', 'lt', 'prod1', 'prod2'].flatMap((location) =>
  (['kubernetes', 'istio'] as const).map((kind) => ({
    resource: `${kind}-${location}`,
    kind,
    location,
    delivery: 'cluster' as const,
  })),
);

const DATA: { readonly [T in Type]: DataOf<T> } = {
  RegisterProject: { project: 'a', name: 'Project A' },
  SubmitDeveloperMetadata: { project: 'a', metadata: developer },
  SubmitBusinessMetadata: { project: 'a', metadata: business },
  SubmitDevopsMetadata: { project: 'a', metadata: devops },
  DefineBranchRules: { project: 'a', preset: 'gitflow', rules: gitflow },
  DeleteBranch: { project: 'a', branch: 'feature/login' },
};

function command<T extends Type>(type: T, metadata: CommandMetadata, over: Partial<DataOf<T>> = {}): ProjectCommand {
  const context = type === 'DefineBranchRules' ? { resources: KNOWN } : undefined;
  return { type, data: { ...DATA[type], ...over }, context, metadata } as ProjectCommand;
}

const registered: ProjectEvent = { type: 'ProjectRegistered', data: { project: 'a', name: 'Project A' } };
const defined: ProjectEvent = {
  type: 'BranchRulesDefined',
  data: { project: 'a', preset: 'gitflow', rules: gitflow },
};
const PERMITTED: readonly (readonly [Type, readonly string[]])[] = [
  ['RegisterProject', ['developer', 'business', 'devops', 'admin']],
  ['SubmitDeveloperMetadata', ['developer', 'admin']],
  ['SubmitBusinessMetadata', ['business', 'admin']],
  ['SubmitDevopsMetadata', ['devops', 'admin']],
  ['DefineBranchRules', ['devops', 'admin']],
  ['DeleteBranch', ['developer', 'devops', 'admin']],
];
const ROLES = ['admin', 'developer', 'business', 'devops', 'analyst', 'adapter'];

describe('a project', () => {
  it('is registered once', () => {
    given()
      .when(command('RegisterProject', by('developer')))
      .then([registered]);
    given([registered])
      .when(command('RegisterProject', by('developer')))
      .thenNothing();
    const { message } = given([registered])
      .when(command('RegisterProject', by('developer'), { name: 'Another' }))
      .thenThrows('ALREADY_EXISTS');
    expect(message).toBe('project a is registered already, as "Project A"');
  });

  it.each(PERMITTED.filter(([type]) => type !== 'RegisterProject'))('must be registered for %s', (type) => {
    const { message, hint } = given()
      .when(command(type, by('admin')))
      .thenThrows('NOT_FOUND');
    expect(message).toBe('no project is called a');
    expect(hint).toContain('waybill project create a');
  });

  it.each(PERMITTED)('takes %s from %j only', (type, permitted) => {
    const history = type === 'RegisterProject' ? [] : [registered];
    for (const role of ROLES) {
      const outcome = given(history).when(command(type, by(role)));
      if (permitted.includes(role)) expect(() => outcome.thenThrows('FORBIDDEN')).toThrow('expected an error');
      else expect(outcome.thenThrows('FORBIDDEN').message).toContain(permitted[0]);
    }
  });

  it('takes commands from policies, which carry no roles', () => {
    given([registered])
      .when(command('DeleteBranch', policy))
      .then([
        {
          type: 'BranchDeleted',
          data: { project: 'a', branch: 'feature/login', slot: slotOf('a', { kind: 'branch', name: 'feature/login' }) },
        },
      ]);
  });
});

describe('metadata', () => {
  it('of each section is an event of its own', () => {
    given([registered])
      .when(command('SubmitDeveloperMetadata', by('developer')))
      .then([{ type: 'DeveloperMetadataSubmitted', data: { project: 'a', metadata: developer } }]);
    given([registered])
      .when(command('SubmitBusinessMetadata', by('business')))
      .then([{ type: 'BusinessMetadataSubmitted', data: { project: 'a', metadata: business } }]);
    given([registered])
      .when(command('SubmitDevopsMetadata', by('devops')))
      .then([{ type: 'DevopsMetadataSubmitted', data: { project: 'a', metadata: devops } }]);
  });

  it('that stands already is no event, whatever the order of its keys', () => {
    const submitted: ProjectEvent = { type: 'BusinessMetadataSubmitted', data: { project: 'a', metadata: business } };
    const reversed = Object.fromEntries(Object.entries(business).reverse()) as BusinessMetadata;
    given([registered, submitted])
      .when(command('SubmitBusinessMetadata', by('business'), { metadata: reversed }))
      .thenNothing();
    given([registered, submitted])
      .when(command('SubmitBusinessMetadata', by('business'), { metadata: { ...business, productLine: 'Pay' } }))
      .then([
        { type: 'BusinessMetadataSubmitted', data: { project: 'a', metadata: { ...business, productLine: 'Pay' } } },
      ]);
  });
});

describe('branch rules', () => {
  it('replace the earlier ones', () => {
    given([registered])
      .when(command('DefineBranchRules', by('devops')))
      .then([defined]);
    given([registered, defined])
      .when(command('DefineBranchRules', by('devops')))
      .thenNothing();
    given([registered, defined])
      .when(command('DefineBranchRules', by('devops'), { preset: null, rules: gitflow.slice(0, 1) }))
      .then([{ type: 'BranchRulesDefined', data: { project: 'a', preset: null, rules: gitflow.slice(0, 1) } }]);
  });

  it('are recorded as a preset only when they are that preset', () => {
    given([registered])
      .when(command('DefineBranchRules', by('devops'), { rules: gitflow.slice(1) }))
      .then([{ type: 'BranchRulesDefined', data: { project: 'a', preset: null, rules: gitflow.slice(1) } }]);
  });

  it('with problems are refused, naming each field', () => {
    const rules = [{ ...gitflow[0]!, pattern: '(' }, gitflow[1]!, { ...gitflow[2]!, resources: ['kubernetes-none'] }];
    const { fields } = given([registered])
      .when(command('DefineBranchRules', by('devops'), { preset: null, rules }))
      .thenThrows('INVALID_INPUT');
    expect(fields.map(({ field }) => field)).toEqual(['rules.0.pattern', 'rules.2.resources.0']);
  });

  const previewed = (previewHost: string) => [
    { ...gitflow[0]!, strategy: { type: 'blue-green' as const, autoPromote: true, previewHost } },
  ];

  it('with a strategy that the tier does not allow are refused, not only shown as something missing', () => {
    const tier = gitflow[0]!.tier;
    const limited: ProjectEvent = {
      type: 'DevopsMetadataSubmitted',
      data: { project: 'a', metadata: { ...devops, strategies: { [tier]: ['rolling'] } } },
    };
    const { fields } = given([registered, limited])
      .when(command('DefineBranchRules', by('devops'), { preset: null, rules: previewed('{slot}-next.a.example') }))
      .thenThrows('INVALID_INPUT');
    expect(fields).toEqual([
      {
        field: 'rules.0.strategy.type',
        message: `the tier ${tier} allows only rolling, by the devops section`,
      },
    ]);
  });

  it('and domains may not have one host for two things, whichever comes first', () => {
    const rules = previewed('{slot}.a.example');
    const metadata = { ...business, domains: ['www.a.example', '{slot}.a.example'] };
    const domains: ProjectEvent = { type: 'BusinessMetadataSubmitted', data: { project: 'a', metadata } };
    const hosts: ProjectEvent = { type: 'BranchRulesDefined', data: { project: 'a', preset: null, rules } };
    expect(
      given([registered, domains])
        .when(command('DefineBranchRules', by('devops'), { preset: null, rules }))
        .thenThrows('INVALID_INPUT').fields,
    ).toEqual([
      { field: 'rules.0.strategy.previewHost', message: 'clashes with the domain {slot}.a.example of this project' },
    ]);
    expect(
      given([registered, hosts])
        .when(command('SubmitBusinessMetadata', by('business'), { metadata }))
        .thenThrows('INVALID_INPUT').fields,
    ).toEqual([
      { field: 'metadata.domains.1', message: `{slot}.a.example is the preview host of rule ${gitflow[0]!.name}` },
    ]);
  });

  it('in force are the last defined, at their revision', () => {
    const recorded = (revision: number, event: ProjectEvent): RecordedEvent =>
      ({ ...event, revision, version: 1 }) as unknown as RecordedEvent;
    const later: ProjectEvent = {
      type: 'BranchRulesDefined',
      data: { project: 'a', preset: null, rules: gitflow.slice(1) },
    };
    expect(rulesInForce([recorded(0, registered)])).toBeNull();
    expect(
      rulesInForce([recorded(0, registered), recorded(1, defined), recorded(2, later), recorded(3, registered)]),
    ).toEqual({ rules: gitflow.slice(1), revision: 2 });
  });
});

describe('deleting a branch', () => {
  it('is an event each time, with the slot of the branch', () => {
    const deleted: ProjectEvent = {
      type: 'BranchDeleted',
      data: { project: 'a', branch: 'feature-login', slot: 'feature-login' },
    };
    const again = command('DeleteBranch', by('developer'), { branch: 'feature-login' });
    given([registered]).when(again).then([deleted]);
    given([registered, deleted]).when(again).then([deleted]);
  });
});
