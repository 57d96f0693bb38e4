import { beforeAll, describe, expect, it } from '@jest/globals';
import { newPrivateKey, signingKey, type VerifierKey } from '../note/keys.js';
import { originOf } from '../note/statements.js';
import { createSealedLedger, type SealedLedger } from '../testing/index.js';
import type { Verdict } from './verdict.js';
import { verifyArchive } from './verify.js';

async function verify(archive: readonly string[], key: VerifierKey): Promise<Verdict> {
  async function* chunks() {
    yield Buffer.from(`${archive.join('\n')}\n`);
  }
  return verifyArchive(chunks(), { key });
}

describe('verifying an archive over a change of keys', () => {
  let rotated: SealedLedger;
  let archive: string[];

  beforeAll(async () => {
    rotated = await createSealedLedger();
    await rotated.write('thing-a', 3);
    await rotated.seal();
    await rotated.rotate();
    // The tree without the rotation is still the old key's to sign.
    await rotated.write('thing-a', 2);
    await rotated.seal();
    await rotated.rotate();
    await rotated.seal();
    archive = await rotated.archive();
  });

  it('trusts each key that an earlier one handed over to, and what a later one seals', async () => {
    for (const key of rotated.keys) {
      expect(await verify(archive, key)).toMatchObject({
        problem: null,
        sealed: { treeSize: 9, keyId: rotated.keys[2]!.id },
      });
    }
  });

  it('trusts nothing before the key given has signed', async () => {
    const end = archive.findIndex((line) => line.includes('"revision":1,"stream":"checkpoint"'));
    const prefix = [...archive.slice(0, end), `{"end":{"events":${end - 2}}}`];
    expect(await verify(prefix, rotated.keys[0]!)).toMatchObject({ sealed: { treeSize: 5 } });
    expect(await verify(prefix, rotated.keys[1]!)).toMatchObject({
      sealed: null,
      problem: { kind: 'unsealed' },
    });
  });

  it('finds an old key that signs on', async () => {
    const other = await createSealedLedger();
    await other.rotate();
    await other.write('thing-a', 3);
    await other.seal({ by: other.keys[0]! });
    expect((await verify(await other.archive(), other.keys[0]!)).problem).toMatchObject({
      kind: 'forged',
      stream: 'checkpoint',
    });
  });

  it('finds a change of keys that the old one did not sign', async () => {
    const line = archive.findIndex((each) => each.includes('KeyRotated')) + 1;
    const text = archive[line - 1]!.replace(/(— \S+ \S{20})./, '$1A');
    const found = (await verify(archive.with(line - 1, text), rotated.keys[0]!)).problem;
    expect(found).toMatchObject({ line, stream: 'ledger', revision: 2 });
  });

  it('finds the introduction of a key changed, on the word of the key given', async () => {
    const thief = signingKey(originOf(rotated.store.ledgerId), newPrivateKey());
    const line = archive.findIndex((each) => each.includes('KeyIntroduced')) + 1;
    const text = archive[line - 1]!.replace(rotated.keys[0]!.text, thief.text).replace(rotated.keys[0]!.id, thief.id);
    const found = (await verify(archive.with(line - 1, text), rotated.keys[0]!)).problem;
    expect(found).toMatchObject({ kind: 'changed', line, stream: 'ledger', revision: 1 });
  });
});
