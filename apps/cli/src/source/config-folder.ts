import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { usageError } from '../exit.js';
import { reasonOf } from '../input.js';

/** Files of a configuration folder as the ledger takes them: paths with `/`, text only. Links are not followed. */
export function readConfigFolder(folder: string): { path: string; text: string }[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return walk(folder).map((file) => {
    const path = relative(folder, file).split(sep).join('/');
    try {
      return { path, text: decoder.decode(readFileSync(file)) };
    } catch (error) {
      throw usageError(
        error instanceof TypeError ? `${file} is not UTF-8 text` : `cannot read ${file}: ${reasonOf(error)}`,
      );
    }
  });
}

function walk(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => name !== '.git')
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? walk(path) : entry.isFile() ? [path] : [];
      });
  } catch (error) {
    throw usageError(`cannot read the folder ${folder}: ${reasonOf(error)}`);
  }
}
