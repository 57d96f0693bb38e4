import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Unit } from './engine.js';
import { remembering } from './remembering.js';
import { defineTable, integer, text, type AnyRow } from './table.js';

const table = defineTable({ name: 'things', key: 'key', columns: { key: text(), count: integer() } });
const other = defineTable({ name: 'others', key: 'key', columns: { key: text(), count: integer() } });

/** A database of two tables that counts the keys it is asked for. */
function createDatabase() {
  const rows = new Map<string, Map<unknown, AnyRow>>([
    ['things', new Map()],
    ['others', new Map()],
  ]);
  const asked: (string | number)[] = [];
  const unit: Unit = {
    checkpoint: () => Promise.resolve({ position: null, ledger: null }),
    moveCheckpoint: () => Promise.resolve(true),
    load({ name }, keys) {
      asked.push(...keys);
      const found = keys.map((key) => rows.get(name)!.get(key));
      return Promise.resolve(found.filter((row) => row !== undefined));
    },
    storeAll(changes) {
      for (const {
        table: { name, key },
        rows: changed,
      } of changes) {
        for (const row of changed) rows.get(name)!.set(row[key], { ...row });
      }
      return Promise.resolve();
    },
  };
  return { asked, transact: <T>(work: (unit: Unit) => Promise<T>) => work(unit) };
}

it('answers as the database would, whatever was written when, and need not ask for what it knows', async () => {
  const step = fc.record({
    load: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
    store: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
    in: fc.constantFrom(table, other),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const [plain, behind] = [createDatabase(), createDatabase()];
      const remembered = remembering(behind);
      for (const [count, { load, store, in: where }] of steps.entries()) {
        const rows = store.map((key) => ({ key, count }));
        const run = (unit: Unit) =>
          unit.load(where, load).then(async (found) => {
            await unit.storeAll([{ table: where, rows: rows.map((row) => ({ ...row })) }]);
            return new Map(found.map((row) => [row['key'], row['count']]));
          });
        expect(await remembered.transact(run)).toEqual(await plain.transact(run));
      }
      expect(behind.asked).toEqual([]);
    }),
  );
});

it('asks for rows that were written before it was ever asked', async () => {
  const behind = createDatabase();
  const remembered = remembering(behind);
  await remembered.transact((unit) => unit.storeAll([{ table, rows: [{ key: 'a', count: 1 }] }]));
  const found = await remembered.transact((unit) => unit.load(table, ['a', 'b']));
  expect(found).toEqual([{ key: 'a', count: 1 }]);
  expect(behind.asked).toEqual(['a', 'b']);
});
