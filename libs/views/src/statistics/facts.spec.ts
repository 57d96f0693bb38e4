import { expect, it } from '@jest/globals';
import { CodeColumn, Dictionary, FactColumns } from './facts.js';

it('a column is as wide as its largest number, and keeps what it held', () => {
  const column = new CodeColumn();
  const numbers = [1, 255, 256, 65_536, 2 ** 32, 2 ** 40 + 1, 3];
  const widths = numbers.map((number, index) => {
    column.set(index, number);
    return column.data.BYTES_PER_ELEMENT;
  });
  expect(widths).toEqual([1, 1, 2, 4, 8, 8, 8]);
  expect(Array.from(column.data.subarray(0, numbers.length))).toEqual(numbers);
  for (let index = 0; index < 5_000; index++) column.set(index, index);
  expect(column.data[4_999]).toBe(4_999);
});

it('facts are found by position, and new ones belong at the end', () => {
  const columns = new FactColumns();
  [3, 7, 2 ** 35].forEach((position, index) => {
    columns.positions.set(index, position);
    columns.size += 1;
  });
  expect([3, 7, 2 ** 35, 2 ** 36].map((position) => columns.indexOf(position))).toEqual([0, 1, 2, 3]);
});

it('a dictionary has each value once, and 0 for none', () => {
  const dictionary = new Dictionary();
  expect([null, 'a', 'b', 'a'].map((value) => dictionary.codeOf(value))).toEqual([0, 1, 2, 1]);
  expect(dictionary.values).toEqual([null, 'a', 'b']);
});
