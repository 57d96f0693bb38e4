import { describe, expect, it } from '@jest/globals';
import { newPrivateKey, parseVerifierKey, signingKey } from './keys.js';
import { checkNote, parseNote, signNote } from './signed-note.js';
import { checkpointText, originOf, parseCheckpoint } from './statements.js';

/** The key and the note in the documentation of golang.org/x/mod/sumdb/note, where the format comes from. */
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETERS_NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';

describe('a signed note', () => {
  it('is the one of C2SP', () => {
    const key = parseVerifierKey(PETER);
    expect(key).toMatchObject({ name: 'PeterNeumann', id: 'c74f20a3', text: PETER });
    expect(checkNote(parseNote(PETERS_NOTE), key)).toBe('signed');
    expect(checkNote(parseNote(PETERS_NOTE.replace('problem is', 'problem was')), key)).toBe('forged');
  });

  it('is checked by the key that signed it, and by no other', () => {
    const key = signingKey('waybill.dev/a', newPrivateKey());
    const other = signingKey('waybill.dev/a', newPrivateKey());
    const note = parseNote(signNote('text\n', key));
    expect(checkNote(note, parseVerifierKey(key.text))).toBe('signed');
    expect(checkNote(note, other)).toBe('unknown');
    expect(checkNote({ ...note, text: 'other\n' }, key)).toBe('forged');
  });

  it('may be signed by others beside', () => {
    const key = signingKey('waybill.dev/a', newPrivateKey());
    const witness = signingKey('witness.example', newPrivateKey());
    const line = signNote('text\n', witness).split('\n\n')[1]!;
    const note = parseNote(signNote('text\n', key) + line);
    expect(note.signatures.map(({ name }) => name)).toEqual(['waybill.dev/a', 'witness.example']);
    expect(checkNote(note, key)).toBe('signed');
    expect(checkNote(note, witness)).toBe('signed');
  });

  it.each([
    ['', 'no signature'],
    ['text\n', 'no signature'],
    ['text\n\n', 'not "— <name> <base64>"'],
    ['text\n\n- name AAAAAAAA\n', 'not "— <name> <base64>"'],
    ['text\n\n— name AAAA\n', 'not "— <name> <base64>"'],
    ['text\n\n— name AAAAAAAAAAAA', 'no signature'],
    ['te\rxt\n\n— name AAAAAAAAAAAA\n', 'control characters'],
  ])('is not %j', (text, why) => {
    expect(() => parseNote(text)).toThrow(why);
  });
});

describe('a verifier key', () => {
  it('keeps its id when the private key is read again', () => {
    const pem = newPrivateKey();
    expect(signingKey('waybill.dev/a', pem).text).toBe(signingKey('waybill.dev/a', pem).text);
    expect(signingKey('waybill.dev/a', pem).id).not.toBe(signingKey('waybill.dev/b', pem).id);
  });

  it.each([
    ['', 'not <name>'],
    ['PeterNeumann+c74f20a3', 'not <name>'],
    [PETER.replace('c74f20a3', 'c74f20a4'), 'damaged'],
    [PETER.replace('ARpc', 'ARpd'), 'damaged'],
    [PETER.replace('ARpc', 'Arpc'), 'not an Ed25519 key'],
    ['-----BEGIN PUBLIC KEY-----', 'not <name>'],
  ])('is not %j', (text, why) => {
    expect(() => parseVerifierKey(text)).toThrow(why);
  });

  it('comes of an Ed25519 key only', () => {
    expect(() => signingKey('a', 'nonsense')).toThrow('not a private key');
  });
});

describe('the text of a checkpoint', () => {
  const checkpoint = { ledgerId: 'a', treeSize: 12, root: 'ab'.repeat(32), position: '14' };
  const text = checkpointText(checkpoint);

  it('is the one of C2SP, with a position', () => {
    expect(text).toBe(`${originOf('a')}\n12\n${Buffer.alloc(32, 0xab).toString('base64')}\nposition 14\n`);
    expect(parseCheckpoint(text)).toEqual(checkpoint);
  });

  it.each([
    [text.replace('waybill.dev', 'other.dev'), 'first line'],
    [text.replace('\n12\n', '\n012\n'), 'second line'],
    [text.replace('\n12\n', '\n0\n'), 'second line'],
    [text.replace('\n12\n', '\nkey a\n'), 'second line'],
    [text.replace('q6urq6', 'q6'), 'third line'],
    [text.replace('position', 'place'), 'fourth and last'],
    [`${text}more\n`, 'fourth and last'],
  ])('is not %j', (other, why) => {
    expect(() => parseCheckpoint(other)).toThrow(why);
  });
});
