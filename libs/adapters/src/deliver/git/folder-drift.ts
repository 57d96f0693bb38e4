import type { DesiredRecord } from '@waybill/channel';
import { type Repository, type TreeEntry, readTree, runGit } from '@waybill/git';
import type { Drift } from '../deliverer.js';
import { folderOf } from './deployment-commit.js';

/** Bounds of a report: more says nothing more. */
const MAX_PATHS = 200;
const MAX_PATH_LENGTH = 500;

/**
 * How the environment's folder at `tip` differs from what `base`, our own commit, put there: undefined when it does
 * not. Two questions to a running process when it does not, one run of Git when it does.
 */
export async function folderDrift(
  repository: Repository,
  record: DesiredRecord,
  base: string,
  tip: string | null,
): Promise<Drift | undefined> {
  const { reader } = repository;
  const folder = folderOf(record.environment);
  const [before, now] = await reader.infoMany([`${base}:${folder}`, `${tip ?? base}:${folder}`]);
  if (tip !== null && before?.oid === now?.oid) return undefined;
  const ours = await filesIn(repository, before?.oid);
  const theirs = tip === null ? new Map<string, string>() : await filesIn(repository, now?.oid);
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])]
    .filter((path) => ours.get(path) !== theirs.get(path))
    .map((path) => `${folder}/${path}`);
  return driftOf(record, paths, tip === null ? null : await newestEdit(repository.gitDir, base, tip, folder));
}

/** A whole folder that is not what it should be. */
export function folderGone(record: DesiredRecord, tip: string | null): Drift {
  return driftOf(record, [`${folderOf(record.environment)}/`], tip);
}

function driftOf({ environment, generation }: DesiredRecord, paths: readonly string[], commit: string | null): Drift {
  const all = paths.length > 0 ? paths : [`${folderOf(environment)}/`];
  return {
    environment,
    generation,
    paths: [...all]
      .sort()
      .slice(0, MAX_PATHS)
      .map((path) => path.toWellFormed().slice(0, MAX_PATH_LENGTH).toWellFormed()),
    commit,
  };
}

/** Path to content and mode. A folder that has become a file has no files in it. */
async function filesIn({ reader }: Repository, tree: string | undefined): Promise<Map<string, string>> {
  if (tree === undefined || (await reader.info(tree))?.type !== 'tree') return new Map();
  const entry = ({ path, type, executable, oid }: TreeEntry): [string, string] => [
    path,
    `${type} ${executable} ${oid}`,
  ];
  return new Map((await readTree(reader, tree)).map(entry));
}

async function newestEdit(gitDir: string, base: string, tip: string, folder: string): Promise<string | null> {
  const { stdout } = await runGit(['log', '-1', '--format=%H', `${base}..${tip}`, '--', folder], { gitDir });
  return stdout.toString('latin1').trim() || tip;
}
