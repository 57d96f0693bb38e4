import type { Ref } from '@waybill/domain';
import { type ObjectReader, type TreeEntry, readFolder } from '@waybill/git';
import type { Fault } from './config-result.js';
import { SETTINGS_FILE } from './parse-contents.js';

/** Directory of every tag. Reserved: a branch of that name does not get it. */
const TAG_DIRECTORY = 'tag';

export interface Located {
  /** Path from the root of the repository, as it is spelt there. */
  readonly directory: string;
  /** Tree hash. */
  readonly digest: string;
  readonly fallback: boolean;
}

/** `file` and `directory` are paths from the root of the repository. */
export type LocateFault = Fault & { readonly directory: string };

export interface DirectoryQuery {
  readonly project: string;
  readonly ref: Ref;
  /** The rule's own directory name, taken when the ref has none. */
  readonly directory: string;
}

/**
 * Finds `<project>/<ref>` or else `<project>/<rule's directory>` in a commit, never another branch's. Names are looked
 * up in tree objects one by one, so no name can lead out of the project's folder.
 */
export async function locateDirectory(
  reader: ObjectReader,
  commit: string,
  query: DirectoryQuery,
): Promise<Located | LocateFault> {
  const own = ownDirectory(query.ref);
  const wanted = [...new Set(own === null ? [query.directory] : [own, query.directory])];
  const project = projectFolder((await readFolder(reader, `${commit}^{tree}`)) ?? [], query);
  if (project !== null && 'problem' in project) return project;
  const folder = project?.path ?? query.project;
  for (const name of wanted) {
    const found = project && (await descend(reader, project.oid, name.split('/')));
    if (found === 'symlink') {
      return fault(folder, name, 'invalid', `${folder}/${name} is a symbolic link; copy the directory instead`);
    }
    if (found && (name !== own || isConfigDirectory(found.entries))) {
      return { directory: `${folder}/${name}`, digest: found.oid, fallback: name !== own };
    }
  }
  const places = wanted.map((name) => `${folder}/${name}`);
  const hint = `create ${folder}/${query.directory}/${SETTINGS_FILE} (an empty one is enough)`;
  const message = `there is no ${places.join(' and no ')} at ${commit.slice(0, 12)}; ${hint}`;
  return fault(folder, query.directory, 'missing', message);
}

function fault(folder: string, name: string, problem: 'missing' | 'invalid', message: string): LocateFault {
  const directory = `${folder}/${name}`;
  const file = problem === 'missing' ? `${directory}/${SETTINGS_FILE}` : directory;
  return { problem, directory, file, line: null, message };
}

function ownDirectory(ref: Ref): string | null {
  if (ref.kind === 'tag') return TAG_DIRECTORY;
  return ref.name === TAG_DIRECTORY ? null : ref.name;
}

/** The folder spelt like the key, or else the only one spelt so but for case: keys are lower-case, `A/` is usual. */
function projectFolder(root: readonly TreeEntry[], query: DirectoryQuery): TreeEntry | LocateFault | null {
  const folders = root.filter(
    ({ type, path }) => type === 'folder' && path.toLowerCase() === query.project.toLowerCase(),
  );
  const exact = folders.find(({ path }) => path === query.project);
  if (exact || folders.length <= 1) return exact ?? folders[0] ?? null;
  const names = folders.map(({ path }) => `${path}/`).join(' and ');
  return fault(query.project, query.directory, 'invalid', `${names} could both be project ${query.project}; keep one`);
}

async function descend(
  reader: ObjectReader,
  tree: string,
  names: readonly string[],
): Promise<{ oid: string; entries: readonly TreeEntry[] } | 'symlink' | null> {
  let found = { oid: tree, entries: (await readFolder(reader, tree)) ?? [] };
  for (const name of names) {
    const entry = found.entries.find(({ path }) => path === name);
    if (entry?.type === 'symlink') return 'symlink';
    if (entry?.type !== 'folder') return null;
    found = { oid: entry.oid, entries: (await readFolder(reader, entry.oid)) ?? [] };
  }
  return found;
}

/** `feature/` that only holds `feature/login/` is on the way to another ref's directory, not one itself. */
function isConfigDirectory(entries: readonly TreeEntry[]): boolean {
  return entries.some(({ type, path }) => type !== 'folder' || path === 'manifests');
}
