import { hash } from 'node:crypto';

/** Length of a node of the tree. Bytes. */
export const NODE_BYTES = 32;

const LEAF = 0x00;
const INNER = 0x01;

const inner = Buffer.alloc(1 + 2 * NODE_BYTES);
inner[0] = INNER;

/** A leaf of the tree (RFC 6962 §2.1): SHA-256(0x00 ‖ data). */
export function leafHash(data: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(1 + data.length);
  prefixed[0] = LEAF;
  prefixed.set(data, 1);
  return hash('sha256', prefixed, 'buffer');
}

/** The leaf of an event, from the event's hash in hex. */
export function leafOfEvent(eventHash: string): Buffer {
  return leafHash(Buffer.from(eventHash, 'hex'));
}

/** An inner node (RFC 6962 §2.1): SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  inner.set(left, 1);
  inner.set(right, 1 + NODE_BYTES);
  return hash('sha256', inner, 'buffer');
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Buffer {
  return hash('sha256', '', 'buffer');
}
