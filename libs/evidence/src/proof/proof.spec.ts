import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@waybill/kernel';
import { parseGivenCheckpoint } from '../archive/given-checkpoint.js';
import { newPrivateKey, signingKey } from '../note/keys.js';
import { originOf } from '../note/statements.js';
import { createMemoryTiles, createSealedLedger, type SealedLedger } from '../testing/index.js';
import { openLogTree, type LogTree } from '../tree/log-tree.js';
import { makeProof, type Proof } from './proof.js';
import { parseProof, verifyProof } from './verify-proof.js';

describe('the proof of an event', () => {
  let ledger: SealedLedger;
  let tree: LogTree;
  let event: RecordedEvent;
  let proof: Proof;

  beforeAll(async () => {
    ledger = await createSealedLedger();
    await ledger.write('thing-a', 5);
    await ledger.seal();
    await ledger.rotate();
    await ledger.write('thing-b', 6);
    await ledger.seal();
    tree = await openLogTree(ledger.store, createMemoryTiles());
    await tree.read(await ledger.store.readAll(undefined, 1000));
    event = (await ledger.store.readStream('thing-a'))[3]!;
    proof = await prove(event, ledger.checkpoints[0]);
  });

  const prove = (of: RecordedEvent, older?: string): Promise<Proof> =>
    makeProof({
      ledgerId: ledger.store.ledgerId,
      tree,
      event: of,
      checkpoint: ledger.checkpoints[1]!,
      rotations: ledger.rotations,
      older,
    });
  const verify = (other: Partial<Proof> = {}, given?: string, key = ledger.keys[0]!) =>
    verifyProof(
      parseProof(JSON.stringify({ ...proof, ...other })),
      key,
      given === undefined ? undefined : parseGivenCheckpoint(given),
    );

  it('holds, by any key that the signer follows', () => {
    expect(verify()).toMatchObject({
      ledgerId: ledger.store.ledgerId,
      stream: 'thing-a',
      revision: 3,
      sealed: { treeSize: 14, index: 5, keyId: ledger.keys[1]!.id },
      continues: 7,
      problem: null,
    });
    expect(verify({}, undefined, ledger.keys[1])).toMatchObject({
      problem: expect.stringContaining('older checkpoint'),
    });
    const { consistency: _consistency, ...alone } = proof;
    expect(verifyProof(alone, ledger.keys[1]!)).toMatchObject({ problem: null, continues: null });
  });

  it('ties the event to a checkpoint that was kept elsewhere', async () => {
    for (const checkpoint of ledger.checkpoints) expect(verify({}, checkpoint)).toMatchObject({ problem: null });
    const alone = await prove(event);
    expect(verifyProof(alone, ledger.keys[0]!, parseGivenCheckpoint(ledger.checkpoints[0]!)).problem).toMatch(
      /says nothing about the checkpoint given/,
    );
  });

  it('exists for each event of the log', async () => {
    for (const stream of ['ledger', 'thing-a', 'thing-b']) {
      for (const each of await ledger.store.readStream(stream)) {
        expect(verifyProof(await prove(each), ledger.keys[0]!)).toMatchObject({ problem: null, stream });
      }
    }
  });

  it.each<[string, (proof: Proof) => Partial<Proof>, RegExp]>([
    ['another event', ({ event }) => ({ event: event.replace('person', 'policy') }), /does not stand in the tree/],
    ['another place', () => ({ index: 4 }), /does not stand in the tree/],
    ['a shorter path', ({ inclusion }) => ({ inclusion: inclusion.slice(1) }), /does not stand in the tree/],
    ['no event', () => ({ event: '{}' }), /no event/],
    [
      'another checkpoint',
      ({ consistency }) => ({ checkpoint: consistency!.checkpoint }),
      /does not stand in the tree/,
    ],
    ['a forged checkpoint', ({ checkpoint }) => ({ checkpoint: checkpoint.replace('\n14\n', '\n15\n') }), /not signed/],
    ['no checkpoint', () => ({ checkpoint: 'text' }), /is none/],
    ['no word for the new key', () => ({ rotations: [] }), /not signed by key/],
    ['another ledger', () => ({ ledgerId: 'other' }), /another ledger/],
    [
      'a history that does not continue',
      ({ consistency }) => ({ consistency: { ...consistency!, path: consistency!.path.slice(1) } }),
      /does not continue/,
    ],
  ])('does not hold with %s', (_what, change, problem) => {
    expect(verify(change(proof))).toMatchObject({ sealed: null, problem: expect.stringMatching(problem) });
  });

  it('does not hold for a key that never signed', () => {
    const other = signingKey(originOf(ledger.store.ledgerId), newPrivateKey());
    expect(verify({}, undefined, other).problem).toMatch(/not signed by key/);
  });

  it('is not made before the event is sealed, nor with a checkpoint of another history', async () => {
    await ledger.write('thing-c');
    const [late] = await ledger.store.readStream('thing-c');
    await tree.read(await ledger.store.readAll(tree.readUpTo(), 1000));
    await expect(prove(late!)).rejects.toMatchObject({ code: 'NOT_FOUND' });

    const other = await createSealedLedger(ledger.store.ledgerId);
    await other.write('thing-a', 3);
    await other.seal();
    await expect(prove(event, other.checkpoints[0])).rejects.toThrow('was not made for the first 5 events');
    await other.write('thing-a', 30);
    await other.seal();
    await expect(prove(event, other.checkpoints[1])).rejects.toThrow('more than are here');
    const foreign = await createSealedLedger('other');
    await foreign.seal();
    await expect(prove(event, foreign.checkpoints[0])).rejects.toThrow('of ledger other');
  });

  it.each([
    ['text', 'not JSON'],
    ['null', 'does not say so'],
    ['{"proof":"waybill","version":2}', 'version 2, not 1'],
    ['{"proof":"waybill","version":1}', 'a field is missing'],
  ])('is not %s', (text, why) => {
    expect(() => parseProof(text)).toThrow(why);
  });
});
