import { describe, expect, it } from '@jest/globals';
import type { CommandMetadata } from '@waybill/kernel';
import { domainSpec } from '../testing/domain-spec.js';
import type { LocationCommand, MigrationContext } from './commands.js';
import { planMigration } from './decide-migration.js';
import { locationDecider } from './decide.js';
import type { LocationEvent } from './events.js';
import { evolveLocation, initialLocationState, type LocationState } from './state.js';

const given = domainSpec(locationDecider);
const by = (role: string, kind: 'person' | 'policy' = 'person'): CommandMetadata => ({
  commandId: 'c1',
  actor: { kind, id: 'p-1a2b3c4d', roles: [role] },
  now: '2026-11-25T08:53:20.000Z',
  correlationId: 'c1',
  causationId: 'c1',
});

const onboarded = (location: string): LocationEvent => ({
  type: 'LocationOnboarded',
  data: { location, delivery: { kind: 'cluster' } },
});
const resource = (location: string, kind: 'kubernetes' | 'istio', key = `${kind}-${location}`): LocationEvent => ({
  type: 'ResourceOnboarded',
  data: { location, resource: key, kind, parameters: {}, connection: null },
});
const connected = (location: string, ...capabilities: string[]): LocationEvent => ({
  type: 'OperatorConnected',
  data: { location, epoch: 1, software: { name: 'waybill-operator', version: null }, capabilities },
});
const stateOf = (...events: LocationEvent[]): LocationState => events.reduce(evolveLocation, initialLocationState);

const before = [onboarded('prod1'), resource('prod1', 'kubernetes'), resource('prod1', 'istio')];
const SERVED = ['v1/Service', 'v1/ConfigMap', 'apps/v1/Deployment'];
const ISTIO = ['networking.istio.io/v1/VirtualService', 'networking.istio.io/v1beta1/DestinationRule'];
const target = [
  onboarded('prod3'),
  resource('prod3', 'kubernetes'),
  resource('prod3', 'istio'),
  connected('prod3', ...SERVED, ...ISTIO),
];
const context = (over: Partial<MigrationContext> = {}): MigrationContext => ({
  target: stateOf(...target),
  arriving: [],
  occupied: [],
  ...over,
});

const one = { location: 'prod1', migration: 1 };
const start = (over: Partial<MigrationContext> = {}, map: Record<string, string> = {}): LocationCommand => ({
  type: 'StartMigration',
  data: { location: 'prod1', to: 'prod3', map, removal: { when: 'after-healthy' } },
  context: context(over),
  metadata: by('devops'),
});
const ask = (
  type: 'StopMigration' | 'ResumeMigration' | 'RevertMigration' | 'RequestMigrationRemoval',
  role = 'devops',
): LocationCommand => ({ type, data: { location: 'prod1' }, context: undefined, metadata: by(role) });
const begin = (migration = 1): LocationCommand => ({
  type: 'BeginMigrationRemoval',
  data: { location: 'prod1', migration },
  context: undefined,
  metadata: by('', 'policy'),
});
const complete = (migration = 1): LocationCommand => ({
  type: 'CompleteMigration',
  data: { location: 'prod1', migration, environments: 2 },
  context: undefined,
  metadata: by('', 'policy'),
});

const resources = [
  { from: 'kubernetes-prod1', to: 'kubernetes-prod3', kind: 'kubernetes' as const },
  { from: 'istio-prod1', to: 'istio-prod3', kind: 'istio' as const },
];
const started = (migration = 1): LocationEvent => ({
  type: 'MigrationStarted',
  data: { location: 'prod1', migration, to: 'prod3', resources, removal: { when: 'after-healthy' } },
});
const happened = (
  type: 'MigrationStopped' | 'MigrationResumed' | 'MigrationReverted' | 'MigrationRemovalBegun',
): LocationEvent => ({ type, data: one });
const done: LocationEvent = { type: 'MigrationCompleted', data: { ...one, to: 'prod3', environments: 2 } };

describe('starting a migration', () => {
  it('maps resources by kind and name', () => {
    given(...before)
      .when(start())
      .then(started());
  });

  it('counts the migrations of a location', () => {
    given(...before, started(), happened('MigrationReverted'))
      .when(start())
      .then(started(2));
  });

  it('is for devops', () => {
    given(...before)
      .when({ ...start(), metadata: by('developer') })
      .thenThrows('FORBIDDEN');
  });

  it('takes the one that is named among several', () => {
    const several = stateOf(...target, resource('prod3', 'kubernetes', 'kubernetes-large'));
    given(...before)
      .when(start({ target: several }, { 'kubernetes-prod1': 'kubernetes-large' }))
      .then({
        type: 'MigrationStarted',
        data: {
          ...one,
          to: 'prod3',
          removal: { when: 'after-healthy' },
          resources: [{ ...resources[0]!, to: 'kubernetes-large' }, resources[1]!],
        },
      });
  });

  it.each<[string, Partial<MigrationContext>, Record<string, string>, RegExp]>([
    ['a location that is unknown', { target: null }, {}, /to prod3 is not onboarded/],
    [
      'a location that is retired',
      { target: stateOf(...target, { type: 'LocationRetired', data: { location: 'prod3' } }) },
      {},
      /to prod3 is retired/,
    ],
    ['a location without operator', { target: stateOf(...target.slice(0, 3)) }, {}, /prod3 has no operator yet/],
    [
      'an operator that is silent',
      { target: stateOf(...target, { type: 'OperatorSilent', data: { location: 'prod3', epoch: 1 } }) },
      {},
      /the operator of prod3 is silent/,
    ],
    [
      'a kind that is not there',
      { target: stateOf(onboarded('prod3'), resource('prod3', 'kubernetes'), connected('prod3', ...SERVED)) },
      {},
      /map.istio-prod1 prod3 has no resource of kind istio for istio-prod1: onboard istio-prod3/,
    ],
    [
      'a kind that the cluster does not serve',
      { target: stateOf(...target.slice(0, 3), connected('prod3', ...SERVED)) },
      {},
      /does not serve networking.istio.io\/VirtualService, networking.istio.io\/DestinationRule, which istio needs/,
    ],
    [
      'several that would do',
      {
        target: stateOf(
          ...target,
          { type: 'ResourceRetired', data: { location: 'prod3', resource: 'kubernetes-prod3' } },
          resource('prod3', 'kubernetes', 'kubernetes-a'),
          resource('prod3', 'kubernetes', 'kubernetes-b'),
        ),
      },
      {},
      /several of kind kubernetes .*kubernetes-a, kubernetes-b.*--map kubernetes-prod1=/,
    ],
    ['another kind', {}, { 'istio-prod1': 'kubernetes-prod3' }, /kubernetes-prod3 is kubernetes, istio-prod1 is istio/],
    ['one that is not there', {}, { 'istio-prod1': 'istio-x' }, /istio-x is no resource in use at prod3/],
    ['one that is not here', {}, { 'istio-x': 'istio-prod3' }, /istio-x is no resource in use at prod1/],
    ['an environment already there', { occupied: ['a.prod@prod3'] }, {}, /has an environment already: a.prod@prod3/],
    ['a migration to here', { arriving: ['prod0'] }, {}, /prod0 is being migrated to prod1/],
    [
      'a cycle',
      { target: { ...stateOf(...target), migration: { ...stateOf(started()).migration!, to: 'prod1' } } },
      {},
      /prod3 itself is being migrated to prod1: a cycle/,
    ],
    [
      'a location that is left itself',
      { target: { ...stateOf(...target), migration: { ...stateOf(started(), done).migration!, to: 'prod5' } } },
      {},
      /prod3 itself was migrated, to prod5/,
    ],
  ])('is refused for %s', (_, over, map, message) => {
    given(...before)
      .when(start(over, map))
      .thenThrows(over.arriving ? 'INVALID_STATE' : 'INVALID_INPUT', message, /--dry-run/);
  });

  it('is refused while one is under way, and after it', () => {
    given(...before, started())
      .when(start())
      .thenThrows('INVALID_STATE', /being migrated to prod3 already \(running\)/);
    given(...before, started(), done)
      .when(start())
      .thenThrows('INVALID_STATE', /was migrated to prod3 already/);
  });

  it('is refused for what is not there, retired, or has nothing', () => {
    given()
      .when(start())
      .thenThrows('INVALID_STATE', /prod1 is not onboarded/);
    given(...before, { type: 'LocationRetired', data: { location: 'prod1' } })
      .when(start())
      .thenThrows('INVALID_STATE', /prod1 is retired/);
    given(onboarded('prod1'))
      .when(start())
      .thenThrows('INVALID_STATE', /no resources in use/);
  });

  it('tells everything that is wrong at once', () => {
    const { problems } = planMigration(
      { location: 'prod1', to: 'prod3', map: { 'istio-prod1': 'istio-x' } },
      context({ occupied: ['a.prod@prod3'] }),
      stateOf(...before),
    );
    expect(problems.map(({ field }) => field)).toEqual(['to', 'map.istio-prod1']);
  });
});

describe('a migration under way', () => {
  it('is stopped and resumed, each once', () => {
    given(...before, started())
      .when(ask('StopMigration'))
      .then(happened('MigrationStopped'));
    given(...before, started(), happened('MigrationStopped'))
      .when(ask('StopMigration'))
      .thenNothing();
    given(...before, started(), happened('MigrationStopped'))
      .when(ask('ResumeMigration'))
      .then(happened('MigrationResumed'));
    given(...before, started())
      .when(ask('ResumeMigration'))
      .thenNothing();
    given(...before, started(), done)
      .when(ask('StopMigration'))
      .thenThrows('INVALID_STATE', /is completed/);
    given(...before)
      .when(ask('StopMigration'))
      .thenThrows('NOT_FOUND');
    given(...before, started())
      .when(ask('StopMigration', 'developer'))
      .thenThrows('FORBIDDEN');
  });

  it('is reverted until the first removal', () => {
    for (const more of [[], [happened('MigrationStopped')]]) {
      given(...before, started(), ...more)
        .when(ask('RevertMigration'))
        .then(happened('MigrationReverted'));
    }
    given(...before, started(), happened('MigrationReverted'))
      .when(ask('RevertMigration'))
      .thenNothing();
    given(...before, started(), happened('MigrationRemovalBegun'))
      .when(ask('RevertMigration'))
      .thenThrows('INVALID_STATE', /can no longer be reverted/);
    given(...before, started(), done)
      .when(ask('RevertMigration'))
      .thenThrows('INVALID_STATE', /is completed/);
  });

  it('begins to remove only while it runs, and once', () => {
    given(...before, started())
      .when(begin())
      .then(happened('MigrationRemovalBegun'));
    for (const more of ['MigrationStopped', 'MigrationReverted', 'MigrationRemovalBegun'] as const) {
      given(...before, started(), happened(more))
        .when(begin())
        .thenNothing();
    }
    given(...before, started(2))
      .when(begin(1))
      .thenNothing();
  });

  it('is completed only while it runs', () => {
    given(...before, started())
      .when(complete())
      .then(done);
    given(...before, started(), happened('MigrationStopped'))
      .when(complete())
      .thenNothing();
    given(...before, started(), done)
      .when(complete())
      .thenNothing();
  });

  it('removes at once when somebody says so', () => {
    const byHand: LocationEvent = {
      type: 'MigrationStarted',
      data: { ...one, to: 'prod3', resources, removal: { when: 'by-hand' } },
    };
    given(...before, byHand)
      .when(ask('RequestMigrationRemoval'))
      .then({ type: 'MigrationRemovalRequested', data: one });
    given(...before, byHand, { type: 'MigrationRemovalRequested', data: one })
      .when(ask('RequestMigrationRemoval'))
      .thenNothing();
    given(...before, byHand, happened('MigrationStopped'))
      .when(ask('RequestMigrationRemoval'))
      .thenThrows('INVALID_STATE', /is stopped/, /Resume it first/);
  });

  it('keeps both locations and the resources in use', () => {
    const retire = (arriving: string[]): LocationCommand => ({
      type: 'RetireLocation',
      data: { location: 'prod1' },
      context: { arriving },
      metadata: by('devops'),
    });
    given(...before, started())
      .when(retire([]))
      .thenThrows('INVALID_STATE', /prod1 is being migrated to prod3/);
    given(...before)
      .when(retire(['prod0']))
      .thenThrows('INVALID_STATE', /prod0 is being migrated to it/);
    given(...before, started())
      .when({
        type: 'RetireResource',
        data: { location: 'prod1', resource: 'istio-prod1' },
        context: undefined,
        metadata: by('devops'),
      })
      .thenThrows('INVALID_STATE', /is being migrated/);
    given(...before, started(), done)
      .when(retire([]))
      .then({ type: 'LocationRetired', data: { location: 'prod1' } });
  });
});
