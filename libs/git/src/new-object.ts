import { createHash } from 'node:crypto';
import type { GitObject } from './object-reader.js';

export type ObjectFormat = 'sha1' | 'sha256';

/** The object with its name: the hash of `<type> <size>\0<content>`. */
export function newObject(type: 'commit' | 'tree' | 'blob', content: Buffer, format: ObjectFormat): GitObject {
  const oid = createHash(format).update(`${type} ${content.length}\0`).update(content).digest('hex');
  return { oid, type, content };
}
