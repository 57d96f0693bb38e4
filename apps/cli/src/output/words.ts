/** Ids are shown by their first characters; the ledger takes any unambiguous prefix of eight or more. */
export const shortId = (id: string): string => id.slice(0, 8);

export const shortCommit = (commit: string | null | undefined): string => (commit ? commit.slice(0, 8) : '');

/** How long ago, in the largest unit: `12s`, `5m`, `3h`, `9d`. */
export function age(instant: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(instant)) / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A duration in milliseconds as people say it: `340 ms`, `2.4 s`, `3 min 5 s`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `10m`, `90s`, `1h` or plain seconds, in milliseconds; undefined when it is none of them. */
export function parseDuration(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?$/.exec(text.trim());
  if (!match) return undefined;
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? 's'];
  return unit === undefined ? undefined : Number(match[1]) * unit;
}

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Control characters but line feed and tab, and those that change the direction of text. */
const HARMFUL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text for a terminal: what a server or a file wrote could hold escape sequences that move the cursor or change
 * colours, or bidirectional controls that show a name as another, so those characters are shown as `?`.
 */
export function harmless(text: string): string {
  return text.replace(HARMFUL, '?');
}

/** The same for a JSON text, or strings in double quotes of a YAML text: an escape that means the same character. */
export function escaped(text: string): string {
  return text.replace(HARMFUL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export const isHarmless = (text: string): boolean => text.search(HARMFUL) === -1;
