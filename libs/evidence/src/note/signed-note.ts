import { verify } from 'node:crypto';
import { WaybillError } from '@waybill/kernel';
import type { SigningKey, VerifierKey } from './keys.js';

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Buffer;
}

/** A note taken apart; nothing is checked yet. */
export interface SignedNote {
  /** What was signed, with its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
/** A name has no white space of Unicode; JavaScript's own idea of it lacks U+0085. */
const SIGNATURE_LINE = /^— ([^\s\u0085]+) ([A-Za-z0-9+/]+={0,2})$/;

/** The note of a text, which ends in a newline: https://c2sp.org/signed-note. */
export function signNote(text: string, key: SigningKey): string {
  const signature = Buffer.concat([Buffer.from(key.id, 'hex'), key.sign(text)]);
  return `${text}\n— ${key.name} ${signature.toString('base64')}\n`;
}

/** Throws `INVALID_INPUT` when the text is not a signed note. */
export function parseNote(note: string): SignedNote {
  const end = note.lastIndexOf('\n\n');
  if (end === -1 || !note.endsWith('\n')) throw badNote('it has no signature behind a blank line');
  const text = note.slice(0, end + 1);
  if (/[\x00-\x09\x0b-\x1f]/.test(note)) throw badNote('it holds control characters');
  const lines = note.slice(end + 2, -1).split('\n');
  return { text, signatures: lines.map(signatureOf) };
}

function signatureOf(line: string): NoteSignature {
  const match = SIGNATURE_LINE.exec(line);
  const bytes = Buffer.from(match?.[2] ?? '', 'base64');
  if (!match || bytes.length <= KEY_ID_BYTES) throw badNote('a line of its signatures is not "— <name> <base64>"');
  return {
    name: match[1]!,
    keyId: bytes.subarray(0, KEY_ID_BYTES).toString('hex'),
    signature: bytes.subarray(KEY_ID_BYTES),
  };
}

/** `unknown`: no line claims to be of this key. `forged`: one does, and is not. */
export function checkNote({ text, signatures }: SignedNote, key: VerifierKey): 'signed' | 'unknown' | 'forged' {
  const ours = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
  if (ours.length === 0) return 'unknown';
  const good = ours.every(({ signature }) => verify(null, Buffer.from(text), key.publicKey, signature));
  return good ? 'signed' : 'forged';
}

export function badNote(why: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `the text given is not a signed note: ${why}`, {
    fields: [{ field: 'note', message: why }],
  });
}
