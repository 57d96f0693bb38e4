import { WaybillError } from './errors.js';

/** Deeper data is refused: no reader of ours recurses without a bound. */
const MAX_DEPTH = 200;

/** Thrown while writing; {@link explain} then finds the place and the words. */
const FAULT = new Error('outside I-JSON');

/** Thrown while copying: an object built in the order of its sorted keys would not keep that order. */
const NO_ORDER = new Error('keys that JavaScript puts in an order of its own');

/**
 * The RFC 8785 (JCS) text of a value. Properties that are `undefined` are left out.
 * Throws `INVALID_EVENT` for values outside I-JSON (RFC 7493): NaN, infinities, integers beyond 2^53 − 1, lone
 * surrogates, anything that is not JSON; and for more than 200 levels.
 */
export function canonicalText(value: unknown): string {
  return quickForm(value)?.text ?? written(value);
}

/** The RFC 8785 text of a value, and the value that this text stands for. Refuses what {@link canonicalText} refuses. */
export interface CanonicalForm<Value = unknown> {
  readonly text: string;
  /** What `JSON.parse(text)` gives: a copy, its keys in order, without `undefined`. */
  readonly value: Value;
}

export function canonicalForm<Value>(value: Value): CanonicalForm<Value> {
  const quick = quickForm(value);
  if (quick) return quick as CanonicalForm<Value>;
  const text = written(value);
  return { text, value: JSON.parse(text) as Value };
}

/**
 * One walk copies the value in the order of its keys, and the engine's own `JSON.stringify` writes the copy out: quicker
 * than writing here and parsing that again. Undefined where that does not do.
 */
function quickForm(value: unknown): CanonicalForm | undefined {
  try {
    const copy = copied(value, 0);
    const text = JSON.stringify(copy);
    // Lone surrogates are written as escapes; what else looks like one here is an escaped backslash.
    return text.includes('\\ud') ? undefined : { text, value: copy };
  } catch (error) {
    if (error === FAULT || error === NO_ORDER) return undefined;
    throw error;
  }
}

function copied(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!isIJson(value)) throw FAULT;
      // There is no negative zero in the text.
      return value === 0 ? 0 : value;
    case 'object':
      if (value === null) return null;
      if (depth >= MAX_DEPTH) throw FAULT;
      return Array.isArray(value) ? copiedList(value, depth + 1) : copiedObject(value, depth + 1);
    default:
      throw FAULT;
  }
}

// Not `map`, which leaves holes alone: a hole is an `undefined`, and refused.
function copiedList(list: readonly unknown[], depth: number): unknown[] {
  const copy: unknown[] = [];
  for (let i = 0; i < list.length; i++) copy.push(copied(list[i], depth));
  return copy;
}

function copiedObject(object: object, depth: number): object {
  if (!isPlain(object)) throw FAULT;
  const members = object as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = {};
  for (const key of inOrder(Object.keys(object))) {
    if (hasOrderOfItsOwn(key)) throw NO_ORDER;
    const member = members[key];
    if (member !== undefined) copy[key] = copied(member, depth);
  }
  return copy;
}

/** JavaScript puts whole numbers before all other keys, and takes `__proto__` for something else. */
function hasOrderOfItsOwn(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || key === '__proto__';
}

const isIJson = (value: number): boolean =>
  Number.isFinite(value) && (Number.isSafeInteger(value) || !Number.isInteger(value));

function written(value: unknown): string {
  try {
    return write(value, 0);
  } catch (error) {
    if (error === FAULT) explain(value, '', 0);
    throw error;
  }
}

// ECMAScript's own number and string forms are the ones RFC 8785 §3.2.2 asks for.
function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      if (!isIJson(value)) throw FAULT;
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw FAULT;
      return Array.isArray(value) ? writeList(value, depth + 1) : writeObject(value, depth + 1);
    default:
      throw FAULT;
  }
}

function writeString(value: string): string {
  if (!value.isWellFormed()) throw FAULT;
  return JSON.stringify(value);
}

function writeList(list: readonly unknown[], depth: number): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    text += write(list[i], depth);
  }
  return `${text}]`;
}

function writeObject(object: object, depth: number): string {
  if (!isPlain(object)) throw FAULT;
  const members = object as Readonly<Record<string, unknown>>;
  const keys = inOrder(Object.keys(object));
  let text = '{';
  for (const key of keys) {
    const member = members[key];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${writeString(key)}:${write(member, depth)}`;
  }
  return `${text}}`;
}

/** A root of its own behind it, not a class: `Object.prototype` of this realm or another (jest, a vm), or nothing. */
function isPlain(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** More keys than this are sorted by the engine, which is slower to begin. */
const FEW_KEYS = 32;

/** By UTF-16 code units (RFC 8785 §3.2.3), which is what `sort` and `<` do; written text comes back sorted already. */
function inOrder(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    if (keys[i - 1]! < key) continue;
    if (keys.length > FEW_KEYS) return keys.sort();
    let at = i;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
  return keys;
}

/** Walks the value again, keeping the path, to name the first fault. */
function explain(value: unknown, path: string, depth: number): void {
  switch (typeof value) {
    case 'boolean':
      return;
    case 'undefined':
      throw outside(path, 'undefined');
    case 'string':
      if (!value.isWellFormed()) throw outside(path, 'a string with a lone surrogate');
      return;
    case 'number':
      if (!Number.isFinite(value)) throw outside(path, String(value));
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw outside(path, `the integer ${value}`);
      return;
    case 'object':
      if (value === null) return;
      if (depth >= MAX_DEPTH) throw outside(path, `more than ${MAX_DEPTH} levels`);
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) explain(value[i], `${path}.${i}`, depth + 1);
        return;
      }
      if (!isPlain(value)) throw outside(path, 'an object that is not plain');
      for (const [key, member] of Object.entries(value)) {
        if (!key.isWellFormed()) throw outside(path, 'a key with a lone surrogate');
        if (member !== undefined) explain(member, path ? `${path}.${key}` : key, depth + 1);
      }
      return;
    default:
      throw outside(path, `a ${typeof value}`);
  }
}

function outside(path: string, what: string): WaybillError {
  const field = path || '(root)';
  const message = `holds ${what}, which JSON (RFC 7493) cannot carry`;
  return new WaybillError('INVALID_EVENT', `${field} ${message}`, { fields: [{ field, message }] });
}
