import type { Command } from '@waybill/kernel';
import { z } from 'zod';
import { KeyId, LedgerId, SignedNote, VerifierKey } from './events.js';

export const ledgerInputs = {
  CreateLedger: z.strictObject({ ledger: LedgerId }),
  IntroduceKey: z.strictObject({ keyId: KeyId, publicKey: VerifierKey }),
  RotateKey: z.strictObject({ keyId: KeyId, publicKey: VerifierKey, previousKeyId: KeyId, note: SignedNote }),
};

type Input<Name extends keyof typeof ledgerInputs> = z.output<(typeof ledgerInputs)[Name]>;

export type LedgerCommand = {
  [Name in keyof typeof ledgerInputs]: Command<Name, Input<Name>, undefined>;
}[keyof typeof ledgerInputs];
