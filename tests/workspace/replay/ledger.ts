import type { CheckpointCommand, LedgerCommand } from '@waybill/domain';
import fc from 'fast-check';
import { digests, metadata } from './values.js';

const keyIds = fc.constantFrom('00000001', '00000002', '00000003');
const keyOf = (keyId: string) => ({ keyId, publicKey: `waybill.dev/a+${keyId}+AAAA` });
const note = 'text\n\n— waybill.dev/a AAAAAAAA\n';

export const ledgerCommands: fc.Arbitrary<readonly LedgerCommand[]> = fc.array(
  fc.oneof(
    fc.record({ ledger: fc.constantFrom('a', 'b'), metadata }).map(({ ledger, metadata }): LedgerCommand => ({
      type: 'CreateLedger',
      data: { ledger },
      context: undefined,
      metadata,
    })),
    fc.record({ keyId: keyIds, metadata }).map(({ keyId, metadata }): LedgerCommand => ({
      type: 'IntroduceKey',
      data: keyOf(keyId),
      context: undefined,
      metadata,
    })),
    fc
      .record({ keyId: keyIds, previousKeyId: keyIds, metadata })
      .map(({ keyId, previousKeyId, metadata }): LedgerCommand => ({
        type: 'RotateKey',
        data: { ...keyOf(keyId), previousKeyId, note },
        context: undefined,
        metadata,
      })),
  ),
  { maxLength: 30 },
);

export const checkpointCommands: fc.Arbitrary<readonly CheckpointCommand[]> = fc.array(
  fc
    .record({ treeSize: fc.integer({ min: 1, max: 9 }), root: digests, keyId: keyIds, metadata })
    .map(({ treeSize, root, keyId, metadata }): CheckpointCommand => ({
      type: 'SignCheckpoint',
      data: { treeSize, root, position: String(treeSize), keyId, note },
      context: undefined,
      metadata,
    })),
  { maxLength: 30 },
);
