import { describe, it } from '@jest/globals';
import type { CommandMetadata } from '@waybill/kernel';
import { domainSpec } from '../testing/domain-spec.js';
import type { LedgerCommand } from './commands.js';
import { ledgerDecider } from './decide.js';
import type { LedgerEvent } from './events.js';

const given = domainSpec(ledgerDecider);

const system: CommandMetadata = {
  commandId: 'c1',
  actor: { kind: 'system', id: 'checkpointer', roles: [] },
  now: '2026-11-23T12:00:00.000Z',
  correlationId: 'c1',
  causationId: 'c1',
};
const by = (...roles: string[]): CommandMetadata => ({
  ...system,
  actor: { kind: 'person', id: 'p-1a2b3c4d', roles },
});

const key = (keyId: string) => ({ keyId, publicKey: `waybill.dev/a+${keyId}+AYE5dw6o` });
const note = 'waybill.dev/a\nkey …\n\n— waybill.dev/a LYzNDYAc\n';

const create = (ledger: string): LedgerCommand => ({
  type: 'CreateLedger',
  data: { ledger },
  context: undefined,
  metadata: system,
});
const introduce = (keyId: string, metadata = system): LedgerCommand => ({
  type: 'IntroduceKey',
  data: key(keyId),
  context: undefined,
  metadata,
});
const rotate = (previousKeyId: string, keyId: string, metadata = system): LedgerCommand => ({
  type: 'RotateKey',
  data: { ...key(keyId), previousKeyId, note },
  context: undefined,
  metadata,
});

const created: LedgerEvent = { type: 'LedgerCreated', data: { ledger: 'a' } };
const introduced: LedgerEvent = { type: 'KeyIntroduced', data: key('00000001') };
const rotated: LedgerEvent = {
  type: 'KeyRotated',
  data: { ...key('00000002'), previousKeyId: '00000001', note },
};

describe('the ledger', () => {
  it('is begun once', () => {
    given().when(create('a')).then(created);
    given(created).when(create('a')).thenNothing();
    given(created)
      .when(create('b'))
      .thenThrows('INVALID_STATE', /belongs to ledger a, not to b/);
  });

  it('has one first key', () => {
    given(created).when(introduce('00000001')).then(introduced);
    given(created, introduced).when(introduce('00000001')).thenNothing();
    given(created, introduced)
      .when(introduce('00000002'))
      .thenThrows('INVALID_STATE', /00000001/, /rotate/);
  });

  it('takes a further key on the word of the one in force', () => {
    given(created, introduced).when(rotate('00000001', '00000002')).then(rotated);
    given(created, introduced, rotated).when(rotate('00000001', '00000002')).thenNothing();
    given(created, introduced, rotated)
      .when(rotate('00000001', '00000003'))
      .thenThrows('INVALID_STATE', /00000001 is not the one in force/, /00000002/);
    given(created, introduced, rotated)
      .when(rotate('00000002', '00000001'))
      .thenThrows('INVALID_STATE', /was in force before/);
    given(created)
      .when(rotate('00000001', '00000002'))
      .thenThrows('INVALID_STATE', /./, /No key/);
  });

  it('lets nobody but an admin and the process itself touch its keys', () => {
    given(created, introduced)
      .when(rotate('00000001', '00000002', by('admin')))
      .then(rotated);
    given(created, introduced)
      .when(rotate('00000001', '00000002', by('devops')))
      .thenThrows('FORBIDDEN');
    given(created).when(introduce('00000001', by())).thenThrows('FORBIDDEN');
  });
});
