import { isWaybillError } from '@waybill/kernel';
import { parseVerifierKey, type VerifierKey } from '../note/keys.js';
import { checkNote, parseNote, type SignedNote } from '../note/signed-note.js';
import { originOf, rotationText } from '../note/statements.js';

/** The keys of a ledger as its events introduce them, each from a leaf of the tree on. */
export interface Keyring {
  /** The key of `KeyIntroduced`. A string says what is wrong with it. */
  introduce(publicKey: unknown): string | undefined;
  /** The key of a `KeyRotated` that stands at `leaf`, on the word of the one before. */
  rotate(data: Readonly<Record<string, unknown>>, leaf: number): string | undefined;
  /** The key that signs trees of this size. */
  inForce(treeSize: number): VerifierKey | undefined;
  /** Whether `key` is the other one, or was handed over to from it, by however many steps. */
  follows(key: VerifierKey, from: VerifierKey): boolean;
  /** All of them, oldest first. */
  all(): readonly VerifierKey[];
}

export function createKeyring(ledgerId: string): Keyring {
  const keys: { readonly key: VerifierKey; readonly since: number }[] = [];
  const indexOf = (key: VerifierKey): number => keys.findIndex((known) => known.key.text === key.text);

  const parse = (publicKey: unknown): VerifierKey | string => {
    if (typeof publicKey !== 'string') return 'its public key is no text';
    try {
      const key = parseVerifierKey(publicKey);
      return key.name === originOf(ledgerId) ? key : `the key ${key.id} is of ${key.name}`;
    } catch (error) {
      if (isWaybillError(error)) return error.message;
      throw error;
    }
  };

  return {
    introduce(publicKey) {
      if (keys.length > 0) return 'a first key was introduced before';
      const key = parse(publicKey);
      if (typeof key === 'string') return key;
      // The first one also signs for what was written before there was a key.
      keys.push({ key, since: 0 });
      return undefined;
    },
    rotate({ publicKey, note }, leaf) {
      const current = keys.at(-1)?.key;
      if (!current) return 'there was no key before it';
      const next = parse(publicKey);
      if (typeof next === 'string') return next;
      const parsed = parsedNote(note);
      if (parsed?.text !== rotationText(ledgerId, next.text)) return 'its note does not hand over to this key';
      if (checkNote(parsed, current) !== 'signed') return `its note is not signed by key ${current.id}`;
      if (indexOf(next) !== -1) return `the key ${next.id} was in force before`;
      keys.push({ key: next, since: leaf + 1 });
      return undefined;
    },
    inForce: (treeSize) => keys.findLast(({ since }) => since <= treeSize)?.key,
    all: () => keys.map(({ key }) => key),
    follows(key, from) {
      const start = indexOf(from);
      return start !== -1 && indexOf(key) >= start;
    },
  };
}

export function parsedNote(note: unknown): SignedNote | undefined {
  if (typeof note !== 'string') return undefined;
  try {
    return parseNote(note);
  } catch (error) {
    if (isWaybillError(error, 'INVALID_INPUT')) return undefined;
    throw error;
  }
}
