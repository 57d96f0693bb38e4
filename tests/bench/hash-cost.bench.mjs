// What the chain of hashes costs: the same store, one event an append, with SHA-256 and with a function in its place that
// gives the same 64 characters each time. The text is written out either way: it is what is stored.
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { openSqliteEventStore } from '@waybill/stores';
import { createAppends, expected } from './appends.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';

const ROUNDS = 15;
const SLICES = 10;
const APPENDS = 100;

// The libs are CommonJS and look the function up in this object at each call.
const crypto = createRequire(import.meta.url)('node:crypto');
const { hash } = crypto;
const CONSTANT = '0'.repeat(64);

await inFolder(async (folder) => {
  const appending = (file, hashing) => {
    const store = openSqliteEventStore({ file: join(folder, file) });
    const source = createAppends(1);
    return {
      store,
      async slice() {
        const appends = source.next(APPENDS);
        crypto.hash = hashing;
        const spent = await timed(async () => {
          for (const { stream, events, revision } of appends) await store.append(stream, events, expected(revision));
        });
        crypto.hash = hash;
        return spent;
      },
    };
  };
  const chained = appending('chained.sqlite', hash);
  const unchained = appending('unchained.sqlite', () => CONSTANT);
  const rounds = await inTurn({ ours: chained.slice, anchor: unchained.slice, rounds: ROUNDS, slices: SLICES });
  await chained.store.close();
  const [first] = await unchained.store.readAll(undefined, 1);
  if (first.hash !== CONSTANT) throw new Error('the store without hashes hashes');
  await unchained.store.close();
  const amount = SLICES * APPENDS;
  report('hash-cost', {
    ...rates(rounds, { ours: amount, anchor: amount }),
    better: 'higher',
    goal: 0.85,
    unit: 'events/s',
  });
});
