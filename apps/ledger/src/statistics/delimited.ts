import type { StatisticsAnswer, StatisticsRow } from '@waybill/views';

export type ExportFormat = 'csv' | 'jsonl';

export const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

const DURATION_COLUMNS = ['count', 'mean', 'p50', 'p90', 'p99'] as const;

/** Rows that go out in one piece. */
const PIECE = 500;

/**
 * Rows as lines: CSV (RFC 4180) with the names of keys and measures as its head, of durations a column each for count,
 * mean and percentiles in milliseconds; or an object a line.
 */
export function* linesOf(
  answer: StatisticsAnswer,
  by: readonly string[],
  measures: readonly { readonly name: string; readonly isDuration: boolean }[],
  format: ExportFormat,
): Generator<string, void, void> {
  if (format === 'csv') {
    const names = measures.flatMap(({ name, isDuration }) =>
      isDuration ? DURATION_COLUMNS.map((column) => `${name}_${column}`) : [name],
    );
    yield csvLine([...by, ...names]);
  }
  let piece = '';
  let rows = 0;
  for (const row of answer.rows) {
    piece += format === 'csv' ? csvLine(cellsOf(row, measures)) : `${JSON.stringify(objectOf(row))}\n`;
    rows += 1;
    if (rows % PIECE === 0) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

function cellsOf(
  row: StatisticsRow,
  measures: readonly { readonly isDuration: boolean }[],
): readonly (string | number | null)[] {
  const values = row.values.flatMap(({ value, durations }, at) =>
    measures[at]!.isDuration ? DURATION_COLUMNS.map((column) => durations?.[column] ?? null) : [value],
  );
  return [...row.keys.map(({ value }) => value), ...values];
}

function objectOf({ keys, values }: StatisticsRow): Record<string, unknown> {
  return Object.fromEntries([
    ...keys.map(({ dimension, value }) => [dimension, value] as const),
    ...values.map(({ measure, value, durations }) => [measure, durations ?? value] as const),
  ]);
}

const csvLine = (cells: readonly (string | number | null)[]): string => `${cells.map(csvCell).join(',')}\r\n`;

/** A text that a spreadsheet would take for a formula is marked as text: names of teams and pipelines come from outside. */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
