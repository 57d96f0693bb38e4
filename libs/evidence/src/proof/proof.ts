import { WaybillError, envelopeText, type RecordedEvent } from '@waybill/kernel';
import { parseNote } from '../note/signed-note.js';
import { parseCheckpoint } from '../note/statements.js';
import type { LogTree } from '../tree/log-tree.js';

/** A proof file: that one event stands in the log that a checkpoint seals. docs/evidence.md says what each field is. */
export interface Proof {
  readonly proof: 'waybill';
  readonly version: 1;
  readonly ledgerId: string;
  /** The text that was hashed, as written. */
  readonly event: string;
  /** Place of the event in the tree, from 0. */
  readonly index: number;
  /** Signed note. */
  readonly checkpoint: string;
  /** Hex, from the leaf up (RFC 6962 §2.1.1). */
  readonly inclusion: readonly string[];
  /** Signed notes by which each key handed over to the next, oldest first. */
  readonly rotations: readonly string[];
  /** That the checkpoint continues an older one (RFC 6962 §2.1.2). */
  readonly consistency?: { readonly checkpoint: string; readonly path: readonly string[] };
}

export interface ProofOptions {
  readonly ledgerId: string;
  readonly tree: LogTree;
  readonly event: RecordedEvent;
  /** Signed note of a checkpoint that seals the event. */
  readonly checkpoint: string;
  readonly rotations: readonly string[];
  /** Signed note of an older checkpoint. */
  readonly older?: string | undefined;
}

/**
 * Throws `NOT_FOUND` when the event is not in the tree or the checkpoint does not reach it, `INVALID_INPUT` when the
 * older checkpoint is none of this log's.
 */
export async function makeProof({ ledgerId, tree, event, checkpoint, rotations, older }: ProofOptions): Promise<Proof> {
  const { treeSize } = parseCheckpoint(parseNote(checkpoint).text);
  const index = await tree.indexOf(event.position);
  if (index >= treeSize) throw new WaybillError('NOT_FOUND', `event ${event.id} is not sealed by a checkpoint yet`);
  const inclusion = (await tree.inclusion(index, treeSize)).map(hex);
  return {
    proof: 'waybill',
    version: 1,
    ledgerId,
    event: envelopeText(event),
    index,
    checkpoint,
    inclusion,
    rotations,
    ...(older === undefined ? {} : { consistency: await consistencyWith(tree, older, { ledgerId, treeSize }) }),
  };
}

async function consistencyWith(
  tree: LogTree,
  older: string,
  newer: { readonly ledgerId: string; readonly treeSize: number },
): Promise<NonNullable<Proof['consistency']>> {
  const { ledgerId, treeSize, root } = parseCheckpoint(parseNote(older).text);
  if (ledgerId !== newer.ledgerId) {
    throw new WaybillError('INVALID_INPUT', `the checkpoint given is of ledger ${ledgerId}, not of this one`);
  }
  if (treeSize > newer.treeSize) {
    throw new WaybillError('INVALID_INPUT', `the checkpoint given seals ${treeSize} events, more than are here`, {
      hint: 'Events were lost or taken away since: export the log and verify it with that checkpoint.',
    });
  }
  if (hex(await tree.rootAt(treeSize)) !== root) {
    throw new WaybillError('INVALID_INPUT', `the checkpoint given was not made for the first ${treeSize} events`, {
      hint: 'The log was changed since: export it and verify it with that checkpoint.',
    });
  }
  return { checkpoint: older, path: (await tree.consistency(treeSize, newer.treeSize)).map(hex) };
}

const hex = (node: Buffer): string => node.toString('hex');
