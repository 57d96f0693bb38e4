import { WaybillError } from '@waybill/kernel';
import type { ObjectReader } from './object-reader.js';

export interface TreeEntry {
  /** Path from the tree that was asked for, `/` between names. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'symlink' | 'submodule';
  readonly executable: boolean;
  readonly oid: string;
  /** False when the name is not UTF-8; `path` then holds replacement characters. */
  readonly utf8: boolean;
}

/** The entries of one tree object, in Git's order. `oidBytes` is 20, or 32 in a SHA-256 repository. */
export function parseTree(content: Buffer, oidBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + oidBytes > content.length) {
      throw new WaybillError('GIT_FAILED', 'a tree object is cut short');
    }
    const name = content.subarray(space + 1, end);
    const path = name.toString('utf8');
    entries.push({
      path,
      ...kindOf(content.toString('latin1', at, space)),
      oid: content.toString('hex', end + 1, end + 1 + oidBytes),
      utf8: !path.includes('\ufffd') || Buffer.from(path, 'utf8').equals(name),
    });
    at = end + 1 + oidBytes;
  }
  return entries;
}

function kindOf(mode: string): Pick<TreeEntry, 'type' | 'executable'> {
  switch (mode) {
    case '40000':
    case '040000':
      return { type: 'folder', executable: false };
    case '120000':
      return { type: 'symlink', executable: false };
    case '160000':
      return { type: 'submodule', executable: false };
    default:
      return { type: 'file', executable: (Number.parseInt(mode, 8) & 0o100) !== 0 };
  }
}

/** The entries of one folder, not of those below. Null when `rev` is not a tree (or a commit). */
export async function readFolder(reader: ObjectReader, rev: string): Promise<TreeEntry[] | null> {
  const object = await reader.read(rev);
  return object?.type === 'tree' ? parseTree(object.content, object.oid.length / 2) : null;
}

/** Most entries {@link readTree} returns unless told otherwise. */
const MAX_ENTRIES = 100_000;

/**
 * Everything below a tree, folders themselves left out, one round trip for each level. `descend` says which folders
 * to look into. Throws `NOT_FOUND` when there is no such tree and `CONTENT_TOO_LARGE` when it has more than
 * `maxEntries` entries.
 */
export async function readTree(
  reader: ObjectReader,
  rev: string,
  options: {
    readonly maxEntries?: number;
    readonly descend?: (path: string, entries: readonly TreeEntry[]) => boolean;
  } = {},
): Promise<TreeEntry[]> {
  const { maxEntries = MAX_ENTRIES, descend = () => true } = options;
  const found: TreeEntry[] = [];
  let seen = 0;
  let level: { path: string; rev: string }[] = [{ path: '', rev }];
  while (level.length > 0) {
    const objects = await reader.readMany(level.map((folder) => folder.rev));
    const next: typeof level = [];
    for (const [i, object] of objects.entries()) {
      const folder = level[i]!;
      if (object?.type !== 'tree') throw new WaybillError('NOT_FOUND', `there is no tree ${folder.rev}`);
      const entries = parseTree(object.content, object.oid.length / 2);
      if (folder.path !== '' && !descend(folder.path, entries)) continue;
      seen += entries.length;
      if (seen > maxEntries) {
        throw new WaybillError('CONTENT_TOO_LARGE', `the folder has more than ${maxEntries} files`);
      }
      for (const entry of entries) {
        const path = folder.path === '' ? entry.path : `${folder.path}/${entry.path}`;
        if (entry.type === 'folder') next.push({ path, rev: entry.oid });
        else found.push({ ...entry, path });
      }
    }
    level = next;
  }
  return found;
}
