/** What can be said of a pattern by reading its text, without compiling it. Never says more than is true. */
export interface PatternShape {
  /** Every name the pattern matches starts with this; empty when nothing is known. ASCII only. */
  readonly prefix: string;
  /**
   * `exact`: matches the name that is `prefix` and no other. `open`: matches every ref name that starts with `prefix`.
   * `other`: only the engine can tell.
   */
  readonly kind: 'exact' | 'open' | 'other';
}

/** Letters, digits and the few signs that mean themselves in RE2 outside a character class. */
const LITERAL = /[A-Za-z0-9_/\-#@=,%!&:;<>"'~ ]/;

/** Punctuation that a backslash makes literal (RE2 syntax: "\ followed by punctuation"). */
const ESCAPED = /[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/;

/** What may stand behind a literal and make it optional or repeated. */
const QUANTIFIER = /[*+?{]/;

/** Rests that match whatever follows the prefix. A ref name is never empty and holds no line break. */
const OPEN_ANYTHING = new Set(['', '.*', '.*$', '(.*)', '(.*)$']);

/** Patterns that match every ref name, which is at least one character long and holds no line break. */
const EVERYTHING = /^\^?(\(\.[*+]\)|\.[*+]|\.)?\$?$/;
const ONE_CHARACTER = /^\^\.\$$/;
const NOTHING_BETWEEN = /^\^\$$/;

/** Whether a rule with this pattern matches every ref of its kind. Null does. May miss exotic spellings. */
export function matchesEverything(pattern: string | null): boolean {
  return (
    pattern === null || (EVERYTHING.test(pattern) && !ONE_CHARACTER.test(pattern) && !NOTHING_BETWEEN.test(pattern))
  );
}

/**
 * Reads the literal start that a pattern asks for: `^feature-[a-z]+$` gives `feature-`. Only patterns anchored with a
 * leading `^` have one; quoting (`\Q`) and an alternative at the top level give it up rather than guess.
 */
export function shapeOf(pattern: string): PatternShape {
  const nothing: PatternShape = { prefix: '', kind: matchesEverything(pattern) ? 'open' : 'other' };
  if (!pattern.startsWith('^') || pattern.includes('\\Q')) return nothing;
  if (pattern.includes('|') && hasTopLevelAlternative(pattern)) return nothing;

  let prefix = '';
  let at = 1;
  let beforeLast = 1;
  while (at < pattern.length) {
    const char = pattern[at]!;
    if (char === '\\') {
      const escaped = pattern[at + 1];
      if (escaped === undefined || !ESCAPED.test(escaped)) break;
      prefix += escaped;
      beforeLast = at;
      at += 2;
    } else if (LITERAL.test(char)) {
      prefix += char;
      beforeLast = at;
      at += 1;
    } else break;
  }
  // Setting flags matches nothing, so that what repeats behind it repeats the literal before it: `a(?i){0}`.
  const behind = pattern.slice(at).replace(/^(\(\?[A-Za-z-]*\))+/, '');
  if (prefix !== '' && QUANTIFIER.test(behind.charAt(0))) {
    prefix = prefix.slice(0, -1);
    at = beforeLast;
  }
  if (prefix === '') return nothing;
  const rest = pattern.slice(at);
  return { prefix, kind: rest === '$' ? 'exact' : OPEN_ANYTHING.has(rest) ? 'open' : 'other' };
}

/**
 * Upper bound of the program that the engine compiles from a pattern: characters, with counted repetition multiplied
 * out. Found before compiling, since compiling is what a repetition bomb makes expensive.
 */
export function expandedSize(pattern: string): number {
  const open: number[] = [];
  let total = 0;
  let last = 0;
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    const counted = char === '{' ? /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(pattern.slice(at, at + 12)) : null;
    if (counted) {
      const times = Math.max(Number(counted[1]), Number(counted[3] ?? 0), 1);
      total += last * (times - 1);
      last *= times;
      at += counted[0].length;
    } else if (char === '(') {
      open.push(total);
      at += 1;
    } else if (char === ')') {
      last = total - (open.pop() ?? 0) + 2;
      total += 2;
      at += 1;
    } else {
      at = char === '[' ? endOfClass(pattern, at) : at + (char === '\\' ? 2 : 1);
      last = 1;
      total += 1;
    }
  }
  return total;
}

function hasTopLevelAlternative(pattern: string): boolean {
  let depth = 0;
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!;
    if (char === '|' && depth <= 0) return true;
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    at = char === '[' ? endOfClass(pattern, at) : at + (char === '\\' ? 2 : 1);
  }
  return false;
}

/** Index behind the character class that opens at `start`. A `]` that comes first is one of its members. */
function endOfClass(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === '^') at += 1;
  if (pattern[at] === ']') at += 1;
  while (at < pattern.length && pattern[at] !== ']') {
    const named = pattern[at] === '[' && pattern[at + 1] === ':' ? pattern.indexOf(':]', at + 2) : -1;
    at = named === -1 ? at + (pattern[at] === '\\' ? 2 : 1) : named + 2;
  }
  return at + 1;
}
