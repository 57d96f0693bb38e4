import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '@waybill/kernel/testing';
import type { CommandMetadata } from '@waybill/kernel';
import type { LocationCommand } from './commands.js';
import { locationDecider } from './decide.js';
import type { Delivery, LocationEvent } from './events.js';
import { evolveLocation, initialLocationState } from './state.js';

const { given } = deciderSpec(locationDecider);

const by = (...roles: string[]): CommandMetadata => ({
  commandId: 'c1',
  actor: { kind: 'person', id: 'p-1a2b3c4d', roles },
  now: '2025-10-09T08:53:20.000Z',
  correlationId: 'c1',
  causationId: 'c1',
});
const operator: CommandMetadata = { ...by(), actor: { kind: 'operator', id: 'dev', roles: [] } };

/** Migrations have a spec of their own. */
type Type = Exclude<LocationCommand['type'], `${string}Migration${string}`>;
type DataOf<T extends Type> = Extract<LocationCommand, { type: T }>['data'];

const git: Delivery = { kind: 'git', repository: 'https://git.example/dev.git', branch: 'main' };
const kubernetes = {
  location: 'dev',
  resource: 'kubernetes-dev',
  kind: 'kubernetes' as const,
  parameters: { namespace: 'shop' },
  connection: null,
};
const reported = { location: 'dev', epoch: 7, software: 'waybill-operator 0.1.0', capabilities: ['apps/v1'] };
const connected = { ...reported, software: { name: 'waybill-operator', version: '0.1.0' } };

const DATA: { readonly [T in Type]: DataOf<T> } = {
  OnboardLocation: { location: 'dev', delivery: git },
  ChangeLocation: { location: 'dev', delivery: { kind: 'cluster' } },
  RetireLocation: { location: 'dev' },
  OnboardResource: kubernetes,
  ChangeResource: { ...kubernetes, connection: 'vault/dev' },
  RetireResource: { location: 'dev', resource: 'kubernetes-dev' },
  RecordOperatorConnected: reported,
  RecordOperatorSilent: { location: 'dev', epoch: 7 },
  RecordOperatorHeard: { location: 'dev', epoch: 7 },
  RecordLocationResynced: {
    location: 'dev',
    epoch: 7,
    digest: 'd'.repeat(64),
    environments: 3,
    corrected: [{ environment: { project: 'a', slot: 'dev', location: 'dev' }, generation: 2, by: 'published' }],
    further: 0,
  },
};

function command<T extends Type>(
  type: T,
  over: Partial<DataOf<T>> = {},
  { metadata = by('devops'), elsewhere = null }: { metadata?: CommandMetadata; elsewhere?: string | null } = {},
): LocationCommand {
  const context = type === 'OnboardResource' ? { elsewhere } : undefined;
  return { type, data: { ...DATA[type], ...over }, context, metadata } as LocationCommand;
}

const onboarded: LocationEvent = { type: 'LocationOnboarded', data: { location: 'dev', delivery: git } };
const retired: LocationEvent = { type: 'LocationRetired', data: { location: 'dev' } };
const withResource: LocationEvent = { type: 'ResourceOnboarded', data: kubernetes };
const resourceRetired: LocationEvent = {
  type: 'ResourceRetired',
  data: { location: 'dev', resource: 'kubernetes-dev' },
};
const isConnected: LocationEvent = { type: 'OperatorConnected', data: connected };
const isSilent: LocationEvent = { type: 'OperatorSilent', data: { location: 'dev', epoch: 7 } };

const BY_DEVOPS = (Object.keys(DATA) as Type[]).filter((type) => !type.startsWith('Record'));

describe('permissions', () => {
  it.each(BY_DEVOPS)('%s needs devops or admin', (type) => {
    const history =
      type === 'OnboardLocation' ? [] : type === 'OnboardResource' ? [onboarded] : [onboarded, withResource];
    for (const role of ['developer', 'business', 'analyst', 'adapter']) {
      const { message } = given(history)
        .when(command(type, {}, { metadata: by(role) }))
        .thenThrows('FORBIDDEN');
      expect(message).toContain('needs the role devops or admin');
    }
    given(history)
      .when(command(type, {}, { metadata: operator }))
      .thenThrows('FORBIDDEN');
    for (const role of ['devops', 'admin']) {
      const outcome = given(history).when(command(type, {}, { metadata: by(role) }));
      expect(() => outcome.thenThrows('FORBIDDEN')).toThrow('expected an error');
    }
  });

  it('operators speak for themselves; people need the role adapter', () => {
    given([onboarded])
      .when(command('RecordOperatorConnected', {}, { metadata: operator }))
      .then([isConnected]);
    given([onboarded])
      .when(command('RecordOperatorConnected', {}, { metadata: by('adapter') }))
      .then([isConnected]);
    given([onboarded])
      .when(command('RecordOperatorConnected', {}, { metadata: by('devops') }))
      .thenThrows('FORBIDDEN');
  });
});

describe('a location', () => {
  it.each((Object.keys(DATA) as Type[]).filter((type) => type !== 'OnboardLocation'))(
    'must be onboarded for %s',
    (type) => {
      given()
        .when(command(type, {}, { metadata: by('admin') }))
        .thenThrows('NOT_FOUND');
    },
  );

  it('is onboarded once', () => {
    given().when(command('OnboardLocation')).then([onboarded]);
    given([onboarded]).when(command('OnboardLocation')).thenNothing();
    given([onboarded])
      .when(command('OnboardLocation', { delivery: { kind: 'cluster' } }))
      .thenThrows('ALREADY_EXISTS');
  });

  it('changes its delivery to one that carries its resources', () => {
    const changed: LocationEvent = {
      type: 'LocationChanged',
      data: { location: 'dev', delivery: { kind: 'cluster' } },
    };
    given([onboarded, withResource]).when(command('ChangeLocation')).then([changed]);
    given([onboarded, changed]).when(command('ChangeLocation')).thenNothing();
    const toAnsible = command('ChangeLocation', { delivery: { kind: 'ansible' } });
    expect(given([onboarded, withResource]).when(toAnsible).thenThrows('INVALID_INPUT').fields).toEqual([
      expect.objectContaining({ field: 'delivery.kind' }),
    ]);
    given([onboarded, withResource, resourceRetired])
      .when(toAnsible)
      .then([{ type: 'LocationChanged', data: { location: 'dev', delivery: { kind: 'ansible' } } }]);
  });

  it('that is retired takes no changes and no resources until it is onboarded again', () => {
    given([onboarded]).when(command('RetireLocation')).then([retired]);
    given([onboarded, retired]).when(command('RetireLocation')).thenNothing();
    given([onboarded, retired]).when(command('ChangeLocation')).thenThrows('INVALID_STATE');
    given([onboarded, retired]).when(command('OnboardResource')).thenThrows('INVALID_STATE');
    given([onboarded, retired]).when(command('OnboardLocation')).then([onboarded]);
    given([onboarded, retired, onboarded]).when(command('OnboardResource')).then([withResource]);
  });
});

describe('a resource', () => {
  it('is onboarded once', () => {
    given([onboarded]).when(command('OnboardResource')).then([withResource]);
    given([onboarded, withResource]).when(command('OnboardResource')).thenNothing();
    given([onboarded, withResource])
      .when(command('OnboardResource', { parameters: { namespace: 'pay' } }))
      .thenThrows('ALREADY_EXISTS');
  });

  it('has a key that no other location has', () => {
    const { message } = given([onboarded])
      .when(command('OnboardResource', {}, { elsewhere: 'dev-old' }))
      .thenThrows('ALREADY_EXISTS');
    expect(message).toBe('resource kubernetes-dev is onboarded at location dev-old');
  });

  it.each(['dev', 'kubernetes', 'istio-dev'])('of kind kubernetes cannot be called %s', (resource) => {
    expect(
      given([onboarded]).when(command('OnboardResource', { resource })).thenThrows('INVALID_INPUT').fields,
    ).toEqual([expect.objectContaining({ field: 'resource' })]);
  });

  it.each([
    ['kubernetes', ['cluster', 'git']],
    ['istio', ['cluster', 'git']],
    ['knative', ['cluster', 'git']],
    ['gateway-api', ['cluster', 'git']],
    ['vm', ['ansible', 'git']],
    ['apig', ['gateway', 'git']],
  ] as const)('of kind %s goes through %j only', (kind, able: readonly string[]) => {
    const ways: Delivery[] = [git, { kind: 'cluster' }, { kind: 'ansible' }, { kind: 'gateway' }];
    for (const delivery of ways) {
      const data = { ...kubernetes, resource: `${kind}-dev`, kind };
      const outcome = given([{ type: 'LocationOnboarded', data: { location: 'dev', delivery } }]).when(
        command('OnboardResource', data),
      );
      if (able.includes(delivery.kind)) outcome.then([{ type: 'ResourceOnboarded', data }]);
      else
        expect(outcome.thenThrows('INVALID_INPUT').message).toContain(`cannot be delivered through ${delivery.kind}`);
    }
  });

  it('changes parameters and connection, never its kind', () => {
    const changed: LocationEvent = { type: 'ResourceChanged', data: { ...kubernetes, connection: 'vault/dev' } };
    given([onboarded, withResource]).when(command('ChangeResource')).then([changed]);
    given([onboarded, withResource, changed]).when(command('ChangeResource')).thenNothing();
    given([onboarded, withResource])
      .when(command('ChangeResource', { kind: 'istio' }))
      .thenThrows('INVALID_INPUT');
    given([onboarded]).when(command('ChangeResource')).thenThrows('NOT_FOUND');
    given([onboarded, withResource, resourceRetired]).when(command('ChangeResource')).thenThrows('INVALID_STATE');
  });

  it('is retired once, and can be onboarded again', () => {
    given([onboarded, withResource]).when(command('RetireResource')).then([resourceRetired]);
    given([onboarded, withResource, resourceRetired]).when(command('RetireResource')).thenNothing();
    given([onboarded, withResource, resourceRetired]).when(command('OnboardResource')).then([withResource]);
    const { hint } = given([onboarded, withResource])
      .when(command('RetireResource', { resource: 'istio-dev' }))
      .thenThrows('NOT_FOUND');
    expect(hint).toBe('It has: kubernetes-dev.');
  });
});

describe('an operator', () => {
  const connect = (epoch: number): LocationCommand =>
    command('RecordOperatorConnected', { epoch }, { metadata: operator });
  const silent = (epoch: number): LocationCommand => command('RecordOperatorSilent', { epoch }, { metadata: operator });

  it('is news only with a higher epoch', () => {
    given([onboarded, isConnected]).when(connect(6)).thenNothing();
    given([onboarded, isConnected]).when(connect(7)).thenNothing();
    given([onboarded, isConnected])
      .when(connect(8))
      .then([{ type: 'OperatorConnected', data: { ...connected, epoch: 8 } }]);
  });

  it('tells of the same epoch again what its location serves by now', () => {
    const serves = (epoch: number, capabilities: readonly string[]): LocationCommand =>
      command('RecordOperatorConnected', { epoch, capabilities: [...capabilities] }, { metadata: operator });
    const isServing = (capabilities: readonly string[]): LocationEvent => ({
      type: 'OperatorConnected',
      data: { ...connected, capabilities: [...capabilities] },
    });
    const more = ['apps/v1', 'networking.istio.io/v1'];
    given([onboarded, isConnected])
      .when(serves(7, more))
      .then([isServing(more)]);
    given([onboarded, isConnected, isServing(more)])
      .when(serves(7, [...more].reverse()))
      .thenNothing();
    given([onboarded, isConnected, isServing(more)])
      .when(serves(7, ['apps/v1']))
      .then([isServing(['apps/v1'])]);
    given([onboarded, isConnected]).when(serves(6, more)).thenNothing();
  });

  const heard = (epoch: number): LocationCommand => command('RecordOperatorHeard', { epoch }, { metadata: operator });
  const isHeard: LocationEvent = { type: 'OperatorHeard', data: { location: 'dev', epoch: 7 } };

  it('is heard of again once a silence, and may fall silent again', () => {
    given([onboarded, isConnected]).when(heard(7)).thenNothing();
    given([onboarded, isConnected, isSilent]).when(heard(7)).then([isHeard]);
    given([onboarded, isConnected, isSilent]).when(heard(6)).thenNothing();
    given([onboarded, isConnected, isSilent, isHeard]).when(heard(7)).thenNothing();
    given([onboarded, isConnected, isSilent, isHeard]).when(silent(7)).then([isSilent]);
  });

  it('is resynced when it is the newest one', () => {
    const resynced = (epoch: number): LocationCommand =>
      command(
        'RecordLocationResynced',
        { epoch },
        { metadata: { ...by(), actor: { kind: 'policy', id: 'p', roles: [] } } },
      );
    given([onboarded, isConnected])
      .when(resynced(7))
      .then([{ type: 'LocationResynced', data: DATA.RecordLocationResynced }]);
    given([onboarded, isConnected]).when(resynced(6)).thenNothing();
  });

  it('falls silent once an epoch', () => {
    given([onboarded]).when(silent(7)).thenNothing();
    given([onboarded, isConnected]).when(silent(7)).then([isSilent]);
    given([onboarded, isConnected]).when(silent(6)).thenNothing();
    given([onboarded, isConnected, isSilent]).when(silent(7)).thenNothing();
  });

  it('speaks again when it connects', () => {
    const again: LocationEvent = { type: 'OperatorConnected', data: { ...connected, epoch: 8 } };
    const state = [onboarded, isConnected, isSilent, again].reduce(evolveLocation, initialLocationState);
    expect(state.operator).toEqual({
      epoch: 8,
      software: { name: 'waybill-operator', version: '0.1.0' },
      capabilities: ['apps/v1'],
      silent: false,
    });
  });
});
