import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { GitObject } from './object-reader.js';

export type ObjectFormat = 'sha1' | 'sha256';

/** The object with its name: the hash of `<type> <size>\0<content>`. */
export function newObject(type: 'commit' | 'tree' | 'blob', content: Buffer, format: ObjectFormat): GitObject {
  const oid = createHash(format).update(`${type} ${content.length}\0`).update(content).digest('hex');
  return { oid, type, content };
}

const PACK_TYPES = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/** The objects as a pack without deltas: gitformat-pack(5). */
export function packOf(objects: readonly GitObject[], format: ObjectFormat): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [header];
  for (const { type, content } of objects) {
    // Git deflates again when it unpacks: here only speed counts.
    parts.push(sizeHeader(PACK_TYPES[type], content.length), deflateSync(content, { level: 1 }));
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
}

/** Type and size, seven bits a byte, the first byte holding the type and four bits of the size. */
function sizeHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 128);
    byte = rest & 127;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
