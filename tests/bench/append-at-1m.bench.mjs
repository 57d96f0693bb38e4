// Single appends to a log of a million events vs to one of ten thousand. Either way 1000 streams are in use, spread evenly
// over all there are; every stream has ten events.
import { join } from 'node:path';
import { openSqliteEventStore } from '@waybill/stores';
import { createAppends, eventsOf, expected, streamOf } from './appends.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';

const ROUNDS = 15;
const SLICES = 10;
const APPENDS = 100;
const EACH = 10;
const STREAMS = { large: 100_000, small: 1000 };
const AT_ONCE = 200;

await inFolder(async (folder) => {
  const filled = async (name) => {
    const store = openSqliteEventStore({ file: join(folder, `${name}.sqlite`) });
    await fill(store, STREAMS[name]);
    const source = createAppends(1, { every: STREAMS[name] / STREAMS.small, last: EACH - 1 });
    return {
      store,
      slice() {
        const appends = source.next(APPENDS);
        return timed(async () => {
          for (const { stream, events, revision } of appends) await store.append(stream, events, expected(revision));
        });
      },
    };
  };
  const large = await filled('large');
  const small = await filled('small');
  const rounds = await inTurn({ ours: large.slice, anchor: small.slice, rounds: ROUNDS, slices: SLICES });
  await large.store.close();
  await small.store.close();
  const amount = SLICES * APPENDS;
  report('append-at-1m', {
    ...rates(rounds, { ours: amount, anchor: amount }),
    better: 'higher',
    goal: 0.9,
    unit: 'events/s',
  });
});

/** Through the store, many appends at once. */
async function fill(store, streams) {
  for (let first = 0; first < streams; first += AT_ONCE) {
    const appends = Array.from({ length: AT_ONCE }, (_, offset) =>
      store.append(streamOf(first + offset), eventsOf(EACH), 'no-stream'),
    );
    await Promise.all(appends);
    if (first % 10_000 === 0) process.stderr.write(`\r${(first + AT_ONCE) * EACH} events stored `);
  }
  process.stderr.write(`\r${streams * EACH} events stored \n`);
}
