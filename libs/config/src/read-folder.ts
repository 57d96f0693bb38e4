import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import {
  type ConfigContents,
  type ConfigProblem,
  type Fault,
  MAX_CONFIG_FILES,
  type ParsedContents,
} from './config-result.js';
import { SETTINGS_FILE, checkContents, isProblem } from './parse-contents.js';
import { decodeText, tooManyFiles } from './read-directory.js';

export type LocalConfig =
  { readonly ok: true; readonly contents: ConfigContents; readonly parsed: ParsedContents } | ConfigProblem;

/** Checks and parses files that are not in a repository yet: path in the directory → text. */
export function readConfigFromFiles(files: Readonly<Record<string, string>>, directory = '.'): LocalConfig {
  const contents = { files: { ...files } };
  const parsed = checkContents(contents);
  return isProblem(parsed) ? asProblem(parsed, directory) : { ok: true, contents, parsed };
}

/**
 * Reads a folder of this machine as the config repository would be read. Throws `NOT_FOUND` when there is no such
 * folder.
 */
export async function readConfigFolder(folder: string): Promise<LocalConfig> {
  const files: Record<string, string> = {};
  const fault = await collect(folder, '', files);
  return fault ? asProblem(fault, folder) : readConfigFromFiles(files, folder);
}

async function collect(folder: string, below: string, files: Record<string, string>): Promise<Fault | undefined> {
  const entries = await readdir(join(folder, below), { withFileTypes: true }).catch((cause: unknown) => {
    throw new WaybillError('NOT_FOUND', `the folder ${join(folder, below)} cannot be read`, { cause });
  });
  const isOther = below !== '' && below !== 'manifests' && entries.some(({ name }) => name === SETTINGS_FILE);
  if (isOther) return undefined;
  for (const entry of entries) {
    if (entry.name === '.git') continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    const fault = entry.isDirectory()
      ? await collect(folder, path, files)
      : await collectFile(folder, path, entry.isFile(), files);
    if (fault) return fault;
    if (Object.keys(files).length > MAX_CONFIG_FILES) return tooManyFiles();
  }
  return undefined;
}

async function collectFile(
  folder: string,
  path: string,
  plain: boolean,
  files: Record<string, string>,
): Promise<Fault | undefined> {
  if (!plain) {
    return {
      problem: 'invalid',
      file: path,
      line: null,
      message: 'is a symbolic link or no file; copy the file instead',
    };
  }
  const text = decodeText(await readFile(join(folder, path)));
  if (typeof text !== 'string') return { ...text, file: path };
  files[path] = text;
  return undefined;
}

function asProblem({ problem, file, line, message }: Fault, directory: string): ConfigProblem {
  const path = file === null || directory === '.' ? file : `${directory}/${file}`;
  return { ok: false, repository: directory, directory, problem, file: path, line, message };
}
