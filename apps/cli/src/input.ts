import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { usageError } from './exit.js';
import { parseDuration } from './output/words.js';
import type { World } from './world.js';

/** The text of a file, or of stdin for `-`. */
export async function readText(world: World, file: string): Promise<string> {
  if (file === '-') return world.readStdin();
  try {
    return readFileSync(resolve(world.cwd, file), 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${file}: ${reasonOf(error)}`);
  }
}

/** A YAML or JSON document; JSON is YAML. The error names file, line and column. */
export async function readDocument(world: World, file: string): Promise<unknown> {
  const text = await readText(world, file);
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { prettyErrors: true });
  const problem = document.errors[0];
  if (problem) {
    const place = problem.linePos?.[0];
    const at = place ? `:${place.line}:${place.col}` : '';
    throw usageError(
      `${file}${at} is not valid YAML: ${(problem.message.split('\n')[0] ?? '').replace(/ at line .*$/, '')}`,
    );
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (value === null || value === undefined) throw usageError(`${file} is empty`);
  return value;
}

/** Collects `key=value` options into an object; numbers and true/false stay text unless `typed`. */
export function collectPairs(name: string, typed = false) {
  return (text: string, earlier: Record<string, string | number | boolean> = {}) => {
    const at = text.indexOf('=');
    if (at < 1) throw usageError(`${name} takes key=value, not ${JSON.stringify(text)}`);
    const value = text.slice(at + 1);
    return { ...earlier, [text.slice(0, at)]: typed ? typedValue(value) : value };
  };
}

function typedValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9][0-9]{0,14})(\.[0-9]+)?$/.test(text) ? Number(text) : text;
}

export function wholeNumber(name: string, least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw usageError(`${name} takes a whole number from ${least}, not ${text}`);
    return value;
  };
}

/** A moment as the ledger takes it. */
export interface Moment {
  readonly instant?: string;
  readonly position?: string;
}

/** A position of the log, or an instant; a day is its first moment in UTC. */
export function momentOption(name: string) {
  return (text: string): Moment => {
    if (/^\d+$/.test(text)) return { position: text };
    const instant = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
    if (!/^\d{4}-\d\d-\d\dT/.test(instant)) {
      throw usageError(`${name} takes an instant such as 2026-03-01T12:00:00Z or a position, not ${text}`);
    }
    return { instant };
  };
}

/** `10m`, `90s`, `1h`: milliseconds. */
export function durationOption(name: string) {
  return (text: string): number => {
    const value = parseDuration(text);
    if (value === undefined) throw usageError(`${name} takes a duration such as 90s, 10m or 1h, not ${text}`);
    return value;
  };
}

export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'it is a folder';
  return error instanceof Error ? error.message : String(error);
}
