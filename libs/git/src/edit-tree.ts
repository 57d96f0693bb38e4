import { WaybillError } from '@waybill/kernel';
import { type ObjectFormat, newObject } from './new-object.js';
import type { GitObject, ObjectReader } from './object-reader.js';

export interface FileEdit {
  /** Path from the root of the repository, `/` between names. */
  readonly path: string;
  /** Null removes the file, or the folder of that name. */
  readonly content: string | Buffer | null;
}

/** What is to become of one name. Names are the bytes of Git, one character a byte, so that none is changed by us. */
interface Change {
  /** The folder is emptied before its changes are made. */
  empty: boolean;
  content: Buffer | null | undefined;
  readonly below: Map<string, Change>;
}

interface Entry {
  readonly mode: string;
  readonly oid: string;
}

/**
 * The tree that comes of the edits: its name and every object that is new. `folder` is emptied first. Folders that end
 * up empty vanish, as Git keeps none. Throws `INVALID_INPUT` for paths Git cannot hold.
 */
export async function editTree(
  reader: ObjectReader,
  tree: string | null,
  edits: { readonly removeFolder?: string | undefined; readonly files: readonly FileEdit[] },
  format: ObjectFormat,
): Promise<{ oid: string; objects: GitObject[] }> {
  const root: Change = change();
  if (edits.removeFolder !== undefined) at(root, edits.removeFolder).empty = true;
  for (const { path, content } of edits.files) {
    at(root, path).content = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  }
  const objects: GitObject[] = [];
  const oid = await apply(tree, root);
  if (oid !== null) return { oid, objects };
  return { oid: add('tree', Buffer.alloc(0)), objects };

  function add(type: 'tree' | 'blob', content: Buffer): string {
    const object = newObject(type, content, format);
    objects.push(object);
    return object.oid;
  }

  async function apply(before: string | null, { empty, below }: Change): Promise<string | null> {
    const entries = before === null || empty ? new Map<string, Entry>() : await entriesOf(reader, before);
    await Promise.all(
      [...below].map(async ([name, next]) => {
        if (next.content !== undefined && next.below.size > 0) {
          throw new WaybillError('INVALID_INPUT', `${fromBytes(name)} cannot be both a file and a folder`);
        }
        const entry = next.content === undefined ? await folderEntry(entries.get(name), next) : fileEntry(next.content);
        if (entry) entries.set(name, entry);
        else entries.delete(name);
      }),
    );
    return entries.size === 0 ? null : add('tree', treeContent(entries));
  }

  async function folderEntry(before: Entry | undefined, next: Change): Promise<Entry | null> {
    const isFolder = before?.mode === FOLDER;
    if (before && !isFolder && next.below.size === 0) return before;
    const oid = await apply(isFolder ? before.oid : null, next);
    return oid === null ? null : { mode: FOLDER, oid };
  }

  function fileEntry(content: Buffer | null): Entry | null {
    return content === null ? null : { mode: '100644', oid: add('blob', content) };
  }
}

const FOLDER = '40000';

const change = (): Change => ({ empty: false, content: undefined, below: new Map() });

function at(root: Change, path: string): Change {
  let found = root;
  for (const name of namesOf(path)) {
    const next = found.below.get(name) ?? change();
    found.below.set(name, next);
    found = next;
  }
  return found;
}

function namesOf(path: string): string[] {
  const names = path.split('/');
  if (!path.isWellFormed() || path.includes('\0') || names.some(isForbidden)) {
    throw new WaybillError('INVALID_INPUT', `${JSON.stringify(path)} is not a path a Git repository can hold`, {
      hint: 'Names between slashes must not be empty, . or .., nor .git.',
    });
  }
  return names.map((name) => Buffer.from(name, 'utf8').toString('latin1'));
}

const isForbidden = (name: string): boolean => name === '' || name === '.' || name === '..' || /^\.git$/i.test(name);

const fromBytes = (name: string): string => Buffer.from(name, 'latin1').toString('utf8');

async function entriesOf(reader: ObjectReader, tree: string): Promise<Map<string, Entry>> {
  const object = await reader.read(tree);
  if (object?.type !== 'tree') throw new WaybillError('GIT_FAILED', `the tree ${tree} is missing`);
  const { content } = object;
  const oidBytes = object.oid.length / 2;
  const entries = new Map<string, Entry>();
  for (let start = 0; start < content.length;) {
    const space = content.indexOf(32, start);
    const end = content.indexOf(0, space);
    entries.set(content.toString('latin1', space + 1, end), {
      mode: content.toString('latin1', start, space),
      oid: content.toString('hex', end + 1, end + 1 + oidBytes),
    });
    start = end + 1 + oidBytes;
  }
  return entries;
}

/** Git orders a folder as if its name ended in a slash. */
function treeContent(entries: ReadonlyMap<string, Entry>): Buffer {
  const sorted = [...entries].map(([name, entry]) => ({
    name,
    entry,
    key: entry.mode === FOLDER ? `${name}/` : name,
  }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ name, entry }) => [
      Buffer.from(`${entry.mode} ${name}\0`, 'latin1'),
      Buffer.from(entry.oid, 'hex'),
    ]),
  );
}
