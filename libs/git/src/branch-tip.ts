import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectReader } from './object-reader.js';

const OID = /^([0-9a-f]{40}|[0-9a-f]{64})\n$/;

/**
 * Commit id of the branch's tip, null when there is no such branch. A ref in a file of its own wins over every other
 * (gitrepository-layout(5), refs) and is read in place: a question to another process takes fifty times as long. Packed
 * and symbolic refs, and other ways to store them, are Git's.
 */
export async function tipOf(gitDir: string, branch: string, reader: ObjectReader): Promise<string | null> {
  return looseTip(gitDir, branch) ?? (await reader.info(`refs/heads/${branch}^{commit}`))?.oid ?? null;
}

function looseTip(gitDir: string, branch: string): string | undefined {
  // No branch is called so, and the path would lead elsewhere.
  if (branch.includes('..')) return undefined;
  try {
    return OID.exec(readFileSync(join(gitDir, 'refs', 'heads', branch), 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}
