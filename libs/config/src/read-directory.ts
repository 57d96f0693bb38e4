import { type ObjectReader, readTree, type TreeEntry } from '@waybill/git';
import { isWaybillError } from '@waybill/kernel';
import { type ConfigContents, type Fault, MAX_CONFIG_FILES, type ParsedContents } from './config-result.js';
import { SETTINGS_FILE, checkContents, isProblem, sizeFault } from './parse-contents.js';

export interface DirectoryContents {
  readonly contents: ConfigContents;
  readonly parsed: ParsedContents;
}

/** Reads and checks the files of one tree. `file` of a fault is a path in it. */
export async function readDirectory(reader: ObjectReader, digest: string): Promise<DirectoryContents | Fault> {
  const entries = await entriesOf(reader, digest);
  if ('problem' in entries) return entries;
  const odd = entries.map(entryFault).find((fault) => fault !== undefined);
  if (odd) return odd;
  const infos = await reader.infoMany(entries.map(({ oid }) => oid));
  const tooLarge = sizeFault(entries.map(({ path }, i) => ({ path, bytes: infos[i]?.size ?? 0 })));
  if (tooLarge) return tooLarge;
  const blobs = await reader.readMany(entries.map(({ oid }) => oid));
  const files: Record<string, string> = {};
  for (const [i, { path }] of entries.entries()) {
    const text = decodeText(blobs[i]?.content ?? null);
    if (typeof text !== 'string') return { ...text, file: path };
    files[path] = text;
  }
  const contents = { files };
  const parsed = checkContents(contents);
  return isProblem(parsed) ? parsed : { contents, parsed };
}

async function entriesOf(reader: ObjectReader, digest: string): Promise<TreeEntry[] | Fault> {
  try {
    return await readTree(reader, digest, { maxEntries: MAX_CONFIG_FILES, descend: isPart });
  } catch (error) {
    if (!isWaybillError(error, 'CONTENT_TOO_LARGE')) throw error;
    return tooManyFiles();
  }
}

/** A folder with a `waybill.yaml` is the directory of another ref, such as `feature/login` within `feature`. */
function isPart(path: string, entries: readonly TreeEntry[]): boolean {
  return path === 'manifests' || !entries.some((entry) => entry.path === SETTINGS_FILE);
}

function tooManyFiles(): Fault {
  const message = `the directory holds more than ${MAX_CONFIG_FILES} files; keep only what the service needs`;
  return { problem: 'too-large', file: null, line: null, message };
}

function entryFault({ type, path, utf8 }: Pick<TreeEntry, 'type' | 'path' | 'utf8'>): Fault | undefined {
  if (type === 'symlink') return fault(path, 'is a symbolic link; copy the file instead');
  if (type === 'submodule') return fault(path, 'is a submodule; copy the files instead');
  if (!utf8) return fault(path, 'has a name that is not UTF-8');
  if (path === '__proto__') return fault(path, 'has a name that cannot be kept');
  return undefined;
}

const fault = (file: string | null, message: string): Fault => ({ problem: 'invalid', file, line: null, message });

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text, or why it is none. */
function decodeText(content: Buffer | null): string | Fault {
  if (content === null) return fault(null, 'is missing from the repository');
  if (content.includes(0)) return fault(null, 'is binary; only text can be configuration');
  let text: string;
  try {
    text = UTF8.decode(content);
  } catch {
    return fault(null, 'is not UTF-8 text');
  }
  return text.startsWith('version https://git-lfs.github.com/spec/')
    ? fault(null, 'is kept in Git LFS; its content is not in the repository')
    : text;
}
