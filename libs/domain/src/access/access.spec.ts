import { describe, expect, it } from '@jest/globals';
import { deciderSpec } from '@waybill/kernel/testing';
import type { Actor, CommandMetadata } from '@waybill/kernel';
import type { AccessCommand } from './commands.js';
import { accessDecider } from './decide.js';
import type { AccessEvent } from './events.js';
import { mayDo, type AccessState } from './state.js';

const { given } = deciderSpec(accessDecider);

const principal = 'p-1a2b3c4d';
const token = '019234ab-5c6d-7e8f-9a0b-1c2d3e4f5a6b';
const by = (actor: Partial<Actor>): CommandMetadata => ({
  commandId: 'c1',
  actor: { kind: 'person', id: 'p-99999999', roles: [], ...actor },
  now: '2025-10-09T08:53:20.000Z',
  correlationId: 'c1',
  causationId: 'c1',
});
const admin = by({ roles: ['admin'] });

type Type = AccessCommand['type'];
type DataOf<T extends Type> = Extract<AccessCommand, { type: T }>['data'];

const DATA: { readonly [T in Type]: DataOf<T> } = {
  GrantAccess: { principal, role: 'developer', scope: 'a' },
  RevokeAccess: { principal, role: 'developer', scope: 'a' },
  CreateToken: { principal, token, expiresAt: null },
  RevokeToken: { principal, token },
};

function command<T extends Type>(type: T, over: Partial<DataOf<T>> = {}, metadata = admin): AccessCommand {
  return { type, data: { ...DATA[type], ...over }, context: undefined, metadata } as AccessCommand;
}

const granted: AccessEvent = { type: 'AccessGranted', data: DATA.GrantAccess };
const created: AccessEvent = { type: 'TokenCreated', data: DATA.CreateToken };
const tokenRevoked: AccessEvent = { type: 'TokenRevoked', data: DATA.RevokeToken };

describe('grants', () => {
  it('are given once and taken back once', () => {
    given().when(command('GrantAccess')).then([granted]);
    given([granted]).when(command('GrantAccess')).thenNothing();
    given([granted])
      .when(command('GrantAccess', { scope: '*' }))
      .then([{ type: 'AccessGranted', data: { ...DATA.GrantAccess, scope: '*' } }]);
    given([granted])
      .when(command('RevokeAccess'))
      .then([{ type: 'AccessRevoked', data: DATA.RevokeAccess }]);
    given().when(command('RevokeAccess')).thenNothing();
  });

  it('are given by admins and by the system at its first start, by nobody else', () => {
    given()
      .when(command('GrantAccess', {}, by({ kind: 'system', id: 'first-start' })))
      .then([granted]);
    for (const role of ['developer', 'business', 'devops', 'analyst', 'adapter']) {
      const { message } = given()
        .when(command('GrantAccess', {}, by({ roles: [role] })))
        .thenThrows('FORBIDDEN');
      expect(message).toBe('granting a role needs the role admin');
      given([granted])
        .when(command('RevokeAccess', {}, by({ roles: [role] })))
        .thenThrows('FORBIDDEN');
      given()
        .when(command('CreateToken', {}, by({ roles: [role] })))
        .thenThrows('FORBIDDEN');
    }
  });

  it('of admin cannot be given up by their holder', () => {
    const isAdmin: AccessEvent = { type: 'AccessGranted', data: { principal, role: 'admin', scope: '*' } };
    const revoke = (id: string): AccessCommand =>
      command('RevokeAccess', { role: 'admin', scope: '*' }, by({ id, roles: ['admin'] }));
    given([isAdmin]).when(revoke(principal)).thenThrows('INVALID_STATE');
    given([isAdmin])
      .when(revoke('p-99999999'))
      .then([{ type: 'AccessRevoked', data: { principal, role: 'admin', scope: '*' } }]);
  });
});

describe('tokens', () => {
  it('are created once', () => {
    given().when(command('CreateToken')).then([created]);
    given([created]).when(command('CreateToken')).thenNothing();
    given([created])
      .when(command('CreateToken', { expiresAt: '2026-01-01T00:00:00.000Z' }))
      .thenThrows('ALREADY_EXISTS');
    given([created, tokenRevoked]).when(command('CreateToken')).thenThrows('ALREADY_EXISTS');
  });

  it('do not expire before they exist', () => {
    const { fields } = given()
      .when(command('CreateToken', { expiresAt: admin.now }))
      .thenThrows('INVALID_INPUT');
    expect(fields.map(({ field }) => field)).toEqual(['expiresAt']);
  });

  it('are revoked by admins and by whom they belong to', () => {
    given([created]).when(command('RevokeToken')).then([tokenRevoked]);
    given([created])
      .when(command('RevokeToken', {}, by({ id: principal })))
      .then([tokenRevoked]);
    given([created])
      .when(command('RevokeToken', {}, by({ roles: ['devops'] })))
      .thenThrows('FORBIDDEN');
    given([created, tokenRevoked]).when(command('RevokeToken')).thenNothing();
    given().when(command('RevokeToken')).thenThrows('NOT_FOUND');
  });
});

describe('mayDo', () => {
  const state = (...grants: AccessState['grants'][number][]): AccessState => ({ grants, tokens: {} });

  it('looks at role and project', () => {
    const developer = state({ role: 'developer', scope: 'a' });
    expect(mayDo(developer, 'developer', 'a')).toBe(true);
    expect(mayDo(developer, 'developer', 'b')).toBe(false);
    expect(mayDo(developer, 'developer', '*')).toBe(false);
    expect(mayDo(developer, 'business', 'a')).toBe(false);
    expect(mayDo(developer, 'admin', 'a')).toBe(false);
    expect(mayDo(state(), 'developer', 'a')).toBe(false);
  });

  it('takes a grant for * as one for every project', () => {
    const developer = state({ role: 'developer', scope: '*' });
    expect(mayDo(developer, 'developer', 'a')).toBe(true);
    expect(mayDo(developer, 'developer', '*')).toBe(true);
  });

  it('takes admin as every role, within its scope', () => {
    const all = state({ role: 'admin', scope: '*' });
    const one = state({ role: 'admin', scope: 'a' });
    expect([mayDo(all, 'business', 'a'), mayDo(all, 'admin', '*')]).toEqual([true, true]);
    expect([mayDo(one, 'business', 'a'), mayDo(one, 'business', 'b'), mayDo(one, 'admin', '*')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
