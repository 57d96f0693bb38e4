import { newestKept } from '@waybill/kernel';
import type { GitObject, ObjectReader } from './object-reader.js';
import { parseTree } from './tree.js';

/** Answers from memory what can never change: an object by its name, and what a commit or tree holds below it. */
export interface RememberingReader extends ObjectReader {
  /** Objects that were just written. */
  remember(objects: readonly GitObject[]): void;
}

/** Bytes kept of one repository, and the largest object that is kept. */
const KEPT_BYTES = 4 * 1024 * 1024;
const LARGEST_BYTES = 64 * 1024;

const FIXED = /^([0-9a-f]{40}|[0-9a-f]{64})(?:(\^\{tree\})|:(.+))?$/;

export function rememberObjects(reader: ObjectReader): RememberingReader {
  const kept = newestKept<GitObject>(KEPT_BYTES);

  /** Undefined: ask Git. */
  function recall(rev: string): GitObject | undefined {
    const [, oid, itsTree, path] = FIXED.exec(rev) ?? [];
    let found = oid === undefined ? undefined : kept.get(oid);
    if (itsTree === undefined && path === undefined) return found;
    if (found?.type === 'commit') found = kept.get(treeOf(found));
    if (found?.type !== 'tree') return undefined;
    for (const name of path?.split('/') ?? []) {
      const entry: string | undefined = found?.type === 'tree' ? entryOf(found, name) : undefined;
      found = entry === undefined ? undefined : kept.get(entry);
    }
    return found;
  }

  function remember(objects: readonly (GitObject | null)[]): void {
    for (const object of objects) {
      if (!object || object.content.length > LARGEST_BYTES) continue;
      // A copy: what Git sent is a piece of a larger buffer.
      kept.set(object.oid, { ...object, content: Buffer.from(object.content) }, 200 + object.content.length);
    }
  }

  async function readMany(revs: readonly string[]): Promise<(GitObject | null)[]> {
    const found = revs.map(recall);
    const unknown = revs.filter((_, i) => !found[i]);
    if (unknown.length === 0) return found as GitObject[];
    const asked = await reader.readMany(unknown);
    remember(asked);
    return found.map((object) => object ?? asked.shift()!);
  }

  return {
    info: (rev) => reader.info(rev),
    infoMany: (revs) => reader.infoMany(revs),
    read: async (rev) => (await readMany([rev]))[0]!,
    readMany,
    remember,
    close: () => reader.close(),
  };
}

const treeOf = ({ content }: GitObject): string => /^tree ([0-9a-f]+)/.exec(content.toString('latin1', 0, 80))![1]!;

const entryOf = ({ oid, content }: GitObject, name: string): string | undefined =>
  parseTree(content, oid.length / 2).find(({ path }) => path === name)?.oid;
