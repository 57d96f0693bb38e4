import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { WaybillError } from '@waybill/kernel';

/** Type of signature in a key's encoding: Ed25519 (C2SP signed-note). */
const ED25519 = 0x01;
const PUBLIC_KEY_BYTES = 32;

/** What stands before the 32 bytes of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key that notes are checked with. */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key), in hex. */
  readonly id: string;
  /** `<name>+<id>+<base64 of 0x01 ‖ key>`: how it is written down and handed on. */
  readonly text: string;
  readonly publicKey: KeyObject;
}

/** A private key that notes are signed with. */
export interface SigningKey extends VerifierKey {
  /** The 64 bytes of an Ed25519 signature (RFC 8032). */
  sign(text: string): Buffer;
}

/** A fresh Ed25519 private key: PKCS#8 in PEM. */
export function newPrivateKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** Throws `CONFIGURATION` when the text is not an Ed25519 private key. */
export function signingKey(name: string, pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new WaybillError('CONFIGURATION', `the key of ${name} is not a private key in PEM`, { cause: error });
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new WaybillError('CONFIGURATION', `the key of ${name} is not an Ed25519 key`);
  }
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  const verifier = verifierOf(name, spki.subarray(-PUBLIC_KEY_BYTES));
  return { ...verifier, sign: (text) => sign(null, Buffer.from(text), key) };
}

/** Parses `<name>+<id>+<base64>`. Throws `INVALID_INPUT` saying what is wrong with it. */
export function parseVerifierKey(text: string): VerifierKey {
  const match = /^([^\s\u0085+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim());
  if (!match) throw badKey('it is not <name>+<8 hex digits>+<base64>');
  const [, name, id, encoded] = match as unknown as [string, string, string, string];
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length !== 1 + PUBLIC_KEY_BYTES || bytes[0] !== ED25519) throw badKey('it is not an Ed25519 key');
  const key = verifierOf(name, bytes.subarray(1));
  if (key.id !== id) throw badKey(`its id is ${id}, and its content has ${key.id}: it was damaged`);
  return key;
}

function verifierOf(name: string, publicKey: Buffer): VerifierKey {
  const encoded = Buffer.concat([Buffer.of(ED25519), publicKey]);
  const id = createHash('sha256').update(`${name}\n`).update(encoded).digest('hex').slice(0, 8);
  return {
    name,
    id,
    text: `${name}+${id}+${encoded.toString('base64')}`,
    publicKey: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
  };
}

function badKey(why: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `the text given is not a verifier key: ${why}`, {
    hint: 'Give the one line that the ledger printed at its first start and serves at /key.',
    fields: [{ field: 'key', message: why }],
  });
}
