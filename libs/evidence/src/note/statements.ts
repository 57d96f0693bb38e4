import type { Position } from '@waybill/kernel';
import { NODE_BYTES } from '../tree/node-hash.js';
import { badNote } from './signed-note.js';

/** What a checkpoint says: the log up to a position has this many events, and the tree over them this root. */
export interface Checkpoint {
  readonly ledgerId: string;
  readonly treeSize: number;
  /** Hex. */
  readonly root: string;
  readonly position: Position;
}

const ORIGIN = 'waybill.dev/';

/** Name of a ledger's keys, and the first line of everything they sign. */
export const originOf = (ledgerId: string): string => `${ORIGIN}${ledgerId}`;

/** The ledger that a key or a note is of; undefined when it is none of ours. */
export function ledgerOfOrigin(origin: string): string | undefined {
  return origin.startsWith(ORIGIN) && origin.length > ORIGIN.length ? origin.slice(ORIGIN.length) : undefined;
}

/** The text of a checkpoint: https://c2sp.org/tlog-checkpoint, with the position as an extension line. */
export function checkpointText({ ledgerId, treeSize, root, position }: Checkpoint): string {
  return `${originOf(ledgerId)}\n${treeSize}\n${Buffer.from(root, 'hex').toString('base64')}\nposition ${position}\n`;
}

/** Throws `INVALID_INPUT` when the text is not one of {@link checkpointText}. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', encoded = '', extension = '', ...rest] = text.split('\n');
  const ledgerId = ledgerOfOrigin(origin);
  if (ledgerId === undefined) throw badNote(`its first line is not ${ORIGIN}<ledger id>`);
  const treeSize = Number(size);
  if (!/^[1-9]\d{0,15}$/.test(size) || !Number.isSafeInteger(treeSize)) throw badNote('its second line is not a size');
  const root = Buffer.from(encoded, 'base64');
  if (root.length !== NODE_BYTES || root.toString('base64') !== encoded) throw badNote('its third line is not a root');
  const position = /^position (\d{1,20})$/.exec(extension)?.[1];
  if (position === undefined || rest.join('\n') !== '') throw badNote('its fourth and last line is not a position');
  return { ledgerId, treeSize, root: root.toString('hex'), position };
}

/** What a key signs to hand over to the next one; its second line tells it from a checkpoint. */
export function rotationText(ledgerId: string, nextKey: string): string {
  return `${originOf(ledgerId)}\nkey ${nextKey}\n`;
}
