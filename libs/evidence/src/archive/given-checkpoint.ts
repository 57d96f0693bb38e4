import type { VerifierKey } from '../note/keys.js';
import { checkNote, parseNote, type SignedNote } from '../note/signed-note.js';
import { parseCheckpoint, type Checkpoint } from '../note/statements.js';
import type { Keyring } from './keyring.js';

/** A checkpoint that somebody kept outside the ledger's reach. */
export interface GivenCheckpoint extends Checkpoint {
  readonly note: SignedNote;
}

/** Throws `INVALID_INPUT` when the text is not a checkpoint. */
export function parseGivenCheckpoint(text: string): GivenCheckpoint {
  const note = parseNote(text.endsWith('\n') ? text : `${text}\n`);
  return { ...parseCheckpoint(note.text), note };
}

/** The key that signed it: the one that is trusted, or one that it handed over to. */
export function signerOf({ note }: GivenCheckpoint, trusted: VerifierKey, keyring: Keyring): VerifierKey | undefined {
  return [trusted, ...keyring.all().filter((key) => keyring.follows(key, trusted))].find(
    (key) => checkNote(note, key) === 'signed',
  );
}
