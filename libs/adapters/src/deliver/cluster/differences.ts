import type { JsonValue } from '@waybill/kernel';
import { type Json, isRecord } from './json-fields.js';

/** As many as an event takes of them, and as long. */
const MOST = 200;
const LONGEST = 500;

/**
 * Paths at which two values differ, such as `spec.template.spec.containers[0].image`: the places where one has no
 * counterpart in the other are named, not everything below them. With `extraAllowed` the second may hold fields more.
 */
export function differences(
  wanted: Json,
  live: Json,
  root = '',
  { extraAllowed = false }: { readonly extraAllowed?: boolean } = {},
): string[] {
  const found: string[] = [];
  compare(wanted, live, root);
  return found;

  function add(path: string): void {
    if (found.length < MOST) found.push(path.length <= LONGEST ? path : `${path.slice(0, LONGEST - 1)}…`);
  }

  function compare(a: Json, b: Json, path: string): void {
    if (a === b || found.length >= MOST) return;
    if (Array.isArray(a) && Array.isArray(b)) {
      const [first, second] = [a as readonly JsonValue[], b as readonly JsonValue[]];
      for (let i = 0; i < Math.max(first.length, second.length); i++) compare(first[i], second[i], `${path}[${i}]`);
      return;
    }
    if (!isRecord(a) || !isRecord(b)) return add(path);
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (extraAllowed && a[name] === undefined) continue;
      compare(a[name], b[name], joined(path, name));
    }
  }
}

/** A name with dots of its own, such as an annotation's, is bracketed. */
function joined(path: string, name: string): string {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}
