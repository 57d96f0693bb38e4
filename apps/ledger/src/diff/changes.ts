import { createTwoFilesPatch } from 'diff';
import type * as Api from '../graphql.gen.js';

/** Most lines of one patch: a file that was generated anew says little. */
const MOST_LINES = 2_000;

type Texts = Readonly<Record<string, string>>;

/** Which texts came, went and changed, by path; what changed as a unified diff. */
export function textChanges(from: Texts, to: Texts): readonly Api.TextChange[] {
  const paths = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return paths.flatMap((path) => {
    const [before, after] = [from[path], to[path]];
    if (before === after) return [];
    const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    const names = [before === undefined ? '/dev/null' : `a/${path}`, after === undefined ? '/dev/null' : `b/${path}`];
    const patch = createTwoFilesPatch(names[0]!, names[1]!, before ?? '', after ?? '', undefined, undefined, {
      headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
    });
    return [{ path, change, patch: shortened(patch) }];
  });
}

function shortened(patch: string): string {
  const lines = patch.split('\n');
  if (lines.length <= MOST_LINES) return patch;
  return `${lines.slice(0, MOST_LINES).join('\n')}\n… ${lines.length - MOST_LINES} more lines\n`;
}

/** Values that differ, by their path in the object; a list counts as one value when its length differs. */
export function fieldChanges(from: unknown, to: unknown, path = ''): readonly Api.FieldChange[] {
  if (isSame(from, to)) return [];
  if (isObject(from) && isObject(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
    return keys.flatMap((key) => fieldChanges(from[key], to[key], path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((value, index) => fieldChanges(value, to[index], `${path}[${index}]`));
  }
  return [{ path, from: from ?? null, to: to ?? null }];
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (a ?? null) === (b ?? null) || JSON.stringify(a) === JSON.stringify(b);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
