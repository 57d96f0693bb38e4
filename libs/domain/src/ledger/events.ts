import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';

/** Goes into the names of keys (C2SP signed-note): no spaces, no plus sign. */
export const LedgerId = z
  .string()
  .max(200, 'at most 200 characters')
  .regex(/^[^\s+\x00-\x20\x7f]+$/, 'no spaces, plus signs or control characters');

/** The first four bytes of a key's hash, in hex (C2SP signed-note). */
export const KeyId = z.string().regex(/^[0-9a-f]{8}$/, '8 hex digits');

/** `<name>+<key id>+<base64>`: a public key as C2SP signed-note writes it down. */
export const VerifierKey = z
  .string()
  .max(400, 'at most 400 characters')
  .regex(/^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/, 'a verifier key such as name+1f0c2a9b+AU…');

/** A C2SP signed note: text, a blank line, one or more signature lines. */
export const SignedNote = z
  .string()
  .max(4000, 'at most 4000 characters')
  .regex(/\n\n(— \S+ [A-Za-z0-9+/]+={0,2}\n)+$/, 'a signed note');

export const ledgerStream = defineStream('ledger', 'The log itself: its id, and the keys that sign its checkpoints.', {
  LedgerCreated: {
    version: 1,
    doc: 'The log was begun; the first event of every stream chains to the SHA-256 of this id.',
    data: z.strictObject({ ledger: LedgerId }),
  },
  KeyIntroduced: {
    version: 1,
    doc: 'The first key that signs checkpoints.',
    data: z.strictObject({ keyId: KeyId, publicKey: VerifierKey }),
  },
  KeyRotated: {
    version: 1,
    doc: 'Another key signs checkpoints from here on; the one before it vouched for it in a signed note.',
    data: z.strictObject({
      keyId: KeyId,
      publicKey: VerifierKey,
      previousKeyId: KeyId,
      /** Text of two lines, the key name and `key <publicKey>`, signed by the previous key. */
      note: SignedNote,
    }),
  },
});
export type LedgerEvent = EventsOf<typeof ledgerStream.events>;
