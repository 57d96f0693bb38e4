import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordsOf } from './completion/words.js';
import { fullProgram } from './program.js';
import type { World } from './world.js';

const ROOT = join(__dirname, '../../..');
const silent = { out: () => undefined, err: () => undefined, width: 100 } as unknown as World;

/** Hints and pages that tell people to type a command: `waybill <group> <command>`. */
function mentions(): { file: string; group: string; word: string }[] {
  const files = ['apps', 'libs', 'docs', 'tools'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|tsx|mjs|md)$/.test(file) && !/(^|\/)(dist|node_modules)\//.test(file))
      .map((file) => join(folder, file)),
  );
  return [...files, 'README.md'].flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\bwaybill ([a-z][a-z-]*) ([a-z][a-z-]*)\b/g)].map((match) => ({
      file,
      group: match[1] ?? '',
      word: match[2] ?? '',
    })),
  );
}

it('every command of a group that a hint or a page names exists', async () => {
  const words = wordsOf(await fullProgram(silent));
  const groups = new Map(words.map(({ path, commands }) => [path, commands.map(({ name }) => name)]));
  const unknown = mentions().filter(({ group, word }) => {
    const commands = groups.get(group);
    return commands !== undefined && commands.length > 0 && !commands.includes(word);
  });
  expect(unknown).toEqual([]);
});
