import { stripVTControlCharacters } from 'node:util';
import { harmless } from './words.js';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  /** Colours a padded cell; gets the text as it is shown. */
  readonly paint?: (text: string) => string;
}

/** Columns two spaces apart, as `kubectl` prints them: nothing to cut away before `awk` or `cut`. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], wide: boolean): string {
  const shown = columns.filter((column) => wide || !column.wide);
  const cells = rows.map((row) => shown.map((column) => cell(column.value(row))));
  const widths = shown.map((column, i) =>
    Math.max(column.title.length, ...cells.map((line) => columnsOf(line[i] ?? ''))),
  );
  const print = (texts: readonly string[], paint: boolean): string =>
    texts
      .map((text, i) => {
        const painted = paint ? (shown[i]?.paint?.(text) ?? text) : text;
        const last = i === texts.length - 1;
        return last ? painted : painted + ' '.repeat((widths[i] ?? 0) - columnsOf(text) + 2);
      })
      .join('')
      .trimEnd();
  return [
    print(
      shown.map((column) => column.title.toUpperCase()),
      false,
    ),
    ...cells.map((line) => print(line, true)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

export type Fact = readonly [
  name: string,
  value: string | number | null | undefined,
  /** Colours the value; gets it as it is shown. */
  paint?: (text: string) => string,
];

/** `name: value` lines with the values in one column; empty values are left out. */
export function facts(entries: readonly Fact[]): string {
  const given = entries.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(0, ...given.map(([name]) => name.length + 1));
  return given
    .map(([name, value, paint]) => {
      const text = harmless(String(value)).replaceAll('\n', `\n${' '.repeat(width + 2)}`);
      return `${`${name}:`.padEnd(width)}  ${paint ? paint(text) : text}\n`;
    })
    .join('');
}

const cell = (value: string | number | null | undefined): string =>
  harmless(value === null || value === undefined ? '' : String(value)).replace(/[\n\t]+/g, ' ');

/** Terminal columns: East Asian wide characters and emoji take two. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (/\p{Mark}/u.test(character)) continue;
    columns +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return columns;
}
