import { describe, expect, it } from '@jest/globals';
import { columnsOf, facts, table } from './table.js';
import { age, duration, harmless, parseDuration, plural } from './words.js';

interface Row {
  readonly key: string;
  readonly note: string | null;
}
const columns = [
  { title: 'key', value: (row: Row) => row.key },
  { title: 'note', value: (row: Row) => row.note },
  { title: 'length', value: (row: Row) => row.key.length, wide: true },
];

describe('table', () => {
  it('lines columns up two spaces apart and leaves no blanks at the end', () => {
    const rows = [
      { key: 'dev', note: null },
      { key: 'release', note: 'held' },
    ];
    expect(table(columns, rows, false)).toBe('KEY      NOTE\ndev\nrelease  held\n');
  });

  it('shows wide columns when asked', () => {
    expect(table(columns, [{ key: 'dev', note: 'x' }], true)).toBe('KEY  NOTE  LENGTH\ndev  x     3\n');
  });

  it('counts the columns of wide characters', () => {
    expect(columnsOf('支付')).toBe(4);
    expect(
      table(
        columns,
        [
          { key: '支付', note: 'x' },
          { key: 'abcd', note: 'y' },
        ],
        false,
      ),
    ).toBe('KEY   NOTE\n支付  x\nabcd  y\n');
  });

  it('lets no escape sequence or line feed of the data through', () => {
    expect(table(columns, [{ key: '\u001b[31mred', note: 'two\nlines' }], false)).toBe(
      'KEY       NOTE\n?[31mred  two lines\n',
    );
  });
});

describe('facts', () => {
  it('aligns values, leaves empty ones out and indents further lines', () => {
    expect(
      facts([
        ['a', 1],
        ['longer', 'x\ny'],
        ['none', null],
        ['empty', ''],
      ]),
    ).toBe('a:       1\nlonger:  x\n         y\n');
  });
});

describe('words', () => {
  it('says ages and durations', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(age('2026-11-24T11:59:48Z', now)).toBe('12s');
    expect(age('2026-11-24T11:00:00Z', now)).toBe('1h');
    expect(age('2026-11-20T12:00:00Z', now)).toBe('4d');
    expect(age('2026-11-24T12:00:10Z', now)).toBe('0s');
    expect(duration(340)).toBe('340 ms');
    expect(duration(2400)).toBe('2.4 s');
    expect(duration(185_000)).toBe('3 min 5 s');
    expect(duration(null)).toBe('');
    expect(plural(1, 'event')).toBe('1 event');
    expect(plural(2, 'event')).toBe('2 events');
  });

  it('reads durations', () => {
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration('1.5m')).toBe(90_000);
    expect(parseDuration('5')).toBe(5000);
    expect(parseDuration('soon')).toBeUndefined();
    expect(parseDuration('-1s')).toBeUndefined();
  });

  it('lets no bidirectional control through', () => {
    expect(harmless('a\u202eb\u202ac\u2066d\u2069e')).toBe('a?b?c?d?e');
    expect(harmless('שלום 支付')).toBe('שלום 支付');
  });

  it('keeps line feeds and tabs', () => {
    expect(harmless('a\tb\nc\u0007\u009b')).toBe('a\tb\nc??');
  });
});
