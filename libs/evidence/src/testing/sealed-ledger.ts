import type { EventStore, JsonObject } from '@waybill/kernel';
import { createMemoryEventStore, manualClock, sampleEvent } from '@waybill/kernel/testing';
import { archiveLines } from '../archive/write.js';
import { newPrivateKey, signingKey, type SigningKey } from '../note/keys.js';
import { signNote } from '../note/signed-note.js';
import { checkpointText, originOf, rotationText } from '../note/statements.js';
import { SEALING_STREAM, openLogTree } from '../tree/log-tree.js';
import { createMemoryTiles } from './memory-tiles.js';

/** A small ledger that signs its checkpoints, for tests of what is made of it. */
export interface SealedLedger {
  readonly store: EventStore;
  /** Oldest first. */
  readonly keys: readonly SigningKey[];
  /** Signed notes of the checkpoints so far. */
  readonly checkpoints: readonly string[];
  /** Signed notes by which keys handed over. */
  readonly rotations: readonly string[];
  /** Appends events to a stream. */
  write(stream: string, count?: number): Promise<void>;
  /** Signs a checkpoint over everything, or over less, as when others wrote meanwhile. */
  seal(options?: { readonly leaving?: number; readonly by?: SigningKey }): Promise<void>;
  rotate(): Promise<void>;
  /** The lines of an archive of everything. */
  archive(): Promise<string[]>;
}

/** Begun, with a first key, and without checkpoints. */
export async function createSealedLedger(
  ledgerId = '019234ab-0000-7e8f-9a0b-1c2d3e4f5a6b',
  firstKey: SigningKey = signingKey(originOf(ledgerId), newPrivateKey()),
): Promise<SealedLedger> {
  const store = createMemoryEventStore({ ledgerId, clock: manualClock().read });
  const keys = [firstKey];
  const checkpoints: string[] = [];
  const rotations: string[] = [];

  const append = async (stream: string, type: string, data: JsonObject): Promise<void> => {
    const last = (await store.readStream(stream, { direction: 'backwards', limit: 1 }))[0];
    await store.append(stream, [sampleEvent({ type, data })], last?.revision ?? 'no-stream');
  };

  await append('ledger', 'LedgerCreated', { ledger: ledgerId });
  await append('ledger', 'KeyIntroduced', { keyId: keys[0]!.id, publicKey: keys[0]!.text });

  return {
    store,
    keys,
    checkpoints,
    rotations,
    async write(stream, count = 1) {
      for (let i = 0; i < count; i++) await append(stream, 'ThingHappened', { name: `Ünïcode ✓ 𝄞 "${i}"`, count: i });
    },
    async seal({ leaving = 0, by = keys.at(-1)! } = {}) {
      const tree = await openLogTree(store, createMemoryTiles());
      const events = await store.readAll(undefined, 100_000);
      await tree.read(events);
      const treeSize = tree.size() - leaving;
      const root = (await tree.rootAt(treeSize)).toString('hex');
      const { position } = events.filter(({ stream }) => stream !== SEALING_STREAM)[treeSize - 1]!;
      const note = signNote(checkpointText({ ledgerId, treeSize, root, position }), by);
      checkpoints.push(note);
      await append(SEALING_STREAM, 'CheckpointSigned', { treeSize, root, position, keyId: by.id, note });
    },
    async rotate() {
      const previous = keys.at(-1)!;
      const next = signingKey(originOf(ledgerId), newPrivateKey());
      const note = signNote(rotationText(ledgerId, next.text), previous);
      keys.push(next);
      rotations.push(note);
      const data = { keyId: next.id, publicKey: next.text, previousKeyId: previous.id, note };
      await append('ledger', 'KeyRotated', data);
    },
    async archive() {
      const lines: string[] = [];
      for await (const some of archiveLines({ store, upTo: await store.lastPosition() })) lines.push(...some);
      return lines;
    },
  };
}
