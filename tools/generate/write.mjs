import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../setup/install.mjs';

/**
 * Writes a generated file, or only looks whether it is stale.
 * @param {string} path relative to the repository's root
 * @param {string} wanted what is to stand there
 * @param {{ check: boolean }} options
 * @returns {string[]} the path when it is stale and was left so, else nothing
 */
export function writeOrCheck(path, wanted, { check }) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return [];
  if (check) return [path];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
  return [];
}
