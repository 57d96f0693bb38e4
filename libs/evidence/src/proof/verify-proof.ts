import { WaybillError, isWaybillError, sha256 } from '@waybill/kernel';
import { readEventLine, streamName } from '../archive/event-line.js';
import type { GivenCheckpoint } from '../archive/given-checkpoint.js';
import { parseVerifierKey, type VerifierKey } from '../note/keys.js';
import { checkNote, parseNote, type SignedNote } from '../note/signed-note.js';
import { originOf, parseCheckpoint, rotationText, type Checkpoint } from '../note/statements.js';
import { isConsistent, isIncluded } from '../tree/check-paths.js';
import { leafOfEvent } from '../tree/node-hash.js';
import type { Proof } from './proof.js';

export interface ProofVerdict {
  readonly ledgerId: string;
  readonly stream: string | null;
  readonly revision: number | null;
  /** What the proof proves the event to be sealed by; null when it does not. */
  readonly sealed: (Omit<Checkpoint, 'ledgerId'> & { readonly keyId: string; readonly index: number }) | null;
  /** Size of the older checkpoint that this one continues; null when none was looked at. */
  readonly continues: number | null;
  /** One sentence; null when the proof holds. */
  readonly problem: string | null;
}

/** Parses a proof file. Throws `INVALID_INPUT` when it is none. */
export function parseProof(text: string): Proof {
  let proof: Partial<Proof> | null;
  try {
    proof = JSON.parse(text) as Partial<Proof> | null;
  } catch {
    throw notAProof('it is not JSON');
  }
  if (proof?.proof !== 'waybill') throw notAProof('it does not say so');
  if (proof.version !== 1) throw notAProof(`it has version ${String(proof.version)}, not 1`);
  const { ledgerId, event, index, checkpoint, inclusion, rotations, consistency } = proof;
  const whole =
    typeof ledgerId === 'string' &&
    typeof event === 'string' &&
    typeof index === 'number' &&
    typeof checkpoint === 'string' &&
    isPath(inclusion) &&
    Array.isArray(rotations) &&
    (consistency === undefined || (typeof consistency.checkpoint === 'string' && isPath(consistency.path)));
  if (!whole) throw notAProof('a field is missing or is not what it should be');
  return proof as Proof;
}

const isPath = (path: unknown): boolean =>
  Array.isArray(path) && path.every((node) => typeof node === 'string' && /^[0-9a-f]{64}$/.test(node));

/**
 * Checks a proof file with nothing but a trusted key, and a checkpoint that was kept outside the ledger's reach when
 * one is given.
 */
export function verifyProof(proof: Proof, trusted: VerifierKey, given?: GivenCheckpoint): ProofVerdict {
  const event = readEventLine(Buffer.from(proof.event));
  const verdict = {
    ledgerId: proof.ledgerId,
    stream: event ? streamName(event.stream) : null,
    revision: event?.revision ?? null,
    sealed: null,
    continues: null,
  };
  const failed = (problem: string): ProofVerdict => ({ ...verdict, problem });

  if (trusted.name !== originOf(proof.ledgerId)) return failed(`the key is of ${trusted.name}, another ledger`);
  if (!event) return failed('the text in it is no event');
  const keys = handedOver(proof, trusted);
  const checkpoint = signedCheckpoint(proof.checkpoint, proof.ledgerId, keys);
  if (typeof checkpoint === 'string') return failed(`its checkpoint ${checkpoint}`);
  const { treeSize, root, position, keyId } = checkpoint;
  const tree = { size: treeSize, root: Buffer.from(root, 'hex') };
  if (!isIncluded(leafOfEvent(sha256(proof.event)), proof.index, tree, nodes(proof.inclusion))) {
    return failed('the event does not stand in the tree that the checkpoint seals');
  }
  const sealed = { treeSize, root, position, keyId, index: proof.index };
  const older = proof.consistency && signedCheckpoint(proof.consistency.checkpoint, proof.ledgerId, keys);
  if (typeof older === 'string') return failed(`its older checkpoint ${older}`);
  if (older && !continues(older, tree, nodes(proof.consistency!.path))) {
    return failed('its checkpoint does not continue the older one');
  }
  if (given) {
    const known = signedCheckpoint(given.note, proof.ledgerId, keys);
    if (typeof known === 'string') return failed(`the checkpoint given ${known}`);
    const met = [checkpoint, older].some((one) => one?.treeSize === given.treeSize && one.root === given.root);
    if (!met) {
      return failed(
        `it says nothing about the checkpoint given, of ${given.treeSize} events: make it with waybill prove --checkpoint`,
      );
    }
  }
  return { ...verdict, sealed, continues: older?.treeSize ?? null, problem: null };
}

function continues(older: Checkpoint, tree: { size: number; root: Buffer }, path: readonly Buffer[]): boolean {
  return isConsistent({ size: older.treeSize, root: Buffer.from(older.root, 'hex') }, tree, path);
}

/** The trusted key, and those that it handed over to. */
function handedOver({ ledgerId, rotations }: Proof, trusted: VerifierKey): readonly VerifierKey[] {
  const keys = [trusted];
  for (const rotation of rotations) {
    const note = parsed(() => parseNote(rotation));
    const next = parsed(() => parseVerifierKey(note?.text.split('\n')[1]?.replace(/^key /, '') ?? ''));
    if (!note || !next || next.name !== trusted.name || note.text !== rotationText(ledgerId, next.text)) continue;
    if (checkNote(note, keys.at(-1)!) === 'signed') keys.push(next);
  }
  return keys;
}

function signedCheckpoint(
  note: string | SignedNote,
  ledgerId: string,
  keys: readonly VerifierKey[],
): (Checkpoint & { readonly keyId: string }) | string {
  const signed = typeof note === 'string' ? parsed(() => parseNote(note)) : note;
  const checkpoint = signed && parsed(() => parseCheckpoint(signed.text));
  if (!checkpoint) return 'is none';
  if (checkpoint.ledgerId !== ledgerId) return `is of ledger ${checkpoint.ledgerId}`;
  const key = keys.find((one) => checkNote(signed, one) === 'signed');
  return key ? { ...checkpoint, keyId: key.id } : `is not signed by key ${keys[0]!.id} or one that follows it`;
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (isWaybillError(error, 'INVALID_INPUT')) return undefined;
    throw error;
  }
}

const nodes = (path: readonly string[]): readonly Buffer[] => path.map((node) => Buffer.from(node, 'hex'));

function notAProof(why: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `this is not a proof: ${why}`, {
    hint: 'Give a file that waybill prove wrote.',
  });
}
