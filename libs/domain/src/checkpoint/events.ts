import { defineStream, type EventsOf } from '@waybill/kernel';
import { z } from 'zod';
import { KeyId, SignedNote } from '../ledger/events.js';
import { Sha256 } from '../vocabulary.js';

export const Checkpoint = z.strictObject({
  /** Events below the root: all of the log up to `position`, without this stream. */
  treeSize: z.int().min(1),
  /** Root of the RFC 6962 tree over their hashes, in log order. */
  root: Sha256,
  /** Position of the last of them. */
  position: z.string().regex(/^\d{1,20}$/, 'a position'),
  keyId: KeyId,
  /** The same as a C2SP signed note, for whoever shall keep it. */
  note: SignedNote,
});

export const checkpointStream = defineStream(
  'checkpoint',
  'Signed heads of the tree over all other events: whoever holds one can tell when anything before it was changed.',
  { CheckpointSigned: { version: 1, doc: 'The log up to a position was sealed with a signature.', data: Checkpoint } },
);
export type CheckpointEvent = EventsOf<typeof checkpointStream.events>;
