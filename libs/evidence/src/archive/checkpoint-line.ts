import { isWaybillError } from '@waybill/kernel';
import type { VerifierKey } from '../note/keys.js';
import { checkNote } from '../note/signed-note.js';
import { parseCheckpoint, type Checkpoint } from '../note/statements.js';
import { parsedNote, type Keyring } from './keyring.js';

/** A checkpoint with the key that signed it. */
export interface SignedCheckpoint extends Checkpoint {
  readonly key: VerifierKey;
  /** Why it is not to be believed although the trusted key signed it: then it only serves to name what was changed. */
  readonly doubt: string | undefined;
}

/** The data of the event in a line; empty when there is none. */
export function dataOf(line: Buffer): Readonly<Record<string, unknown>> {
  try {
    const { data } = JSON.parse(line.toString('utf8')) as { data?: Record<string, unknown> | null };
    return data ?? {};
  } catch {
    return {};
  }
}

/** The checkpoint that an event holds, its signature checked; a string says what is wrong with it. */
export function readCheckpoint(
  data: Readonly<Record<string, unknown>>,
  { ledgerId, keyring, trusted }: { ledgerId: string; keyring: Keyring; trusted: VerifierKey },
): SignedCheckpoint | string {
  const note = parsedNote(data['note']);
  if (!note) return 'holds no signed note';
  const checkpoint = statedIn(note.text);
  if (!checkpoint) return 'holds a note that is no checkpoint';
  if (checkpoint.ledgerId !== ledgerId) return `is of ledger ${checkpoint.ledgerId}`;
  const { treeSize, root, position } = checkpoint;
  const key = keyring.inForce(treeSize);
  const checked = key && checkNote(note, key);
  if (key && checked === 'signed') {
    const same =
      data['treeSize'] === treeSize &&
      data['root'] === root &&
      data['position'] === position &&
      data['keyId'] === key.id;
    return same ? { ...checkpoint, key, doubt: undefined } : 'says something else than its note';
  }
  const doubt =
    key === undefined
      ? 'was signed before any key was introduced'
      : checked === 'forged'
        ? `has a signature that key ${key.id} did not make`
        : `is not signed by key ${key.id}, which was in force`;
  // The event that introduces the key may be the one that was changed.
  return checkNote(note, trusted) === 'signed' ? { ...checkpoint, key: trusted, doubt } : doubt;
}

function statedIn(text: string): Checkpoint | undefined {
  try {
    return parseCheckpoint(text);
  } catch (error) {
    if (isWaybillError(error, 'INVALID_INPUT')) return undefined;
    throw error;
  }
}
