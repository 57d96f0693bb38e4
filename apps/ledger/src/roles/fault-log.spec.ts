import { expect, it } from '@jest/globals';
import { createFaultLog } from './fault-log.js';

it('tells a fault with its stack once, and shortly while it lasts', () => {
  const told: (readonly [string, boolean])[] = [];
  const tell = createFaultLog({ error: (words, error) => void told.push([words, error !== undefined]) });
  tell('it failed (1)', new Error('no route'));
  tell('it failed (2)', new Error('no route'));
  tell('it failed (3)', new Error('refused'));
  tell('it failed (4)', new Error('refused'));
  tell.recovered();
  tell('it failed (1)', new Error('refused'));
  expect(told).toEqual([
    ['it failed (1)', true],
    ['it failed (2): no route', false],
    ['it failed (3)', true],
    ['it failed (4): refused', false],
    ['it failed (1)', true],
  ]);
});
