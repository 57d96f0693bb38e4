// Single appends to a log of a million events vs to one of ten thousand; every stream has ten. Either way 1000 streams are
// in use: in the large log half of them are the newest, as deployments are, and half lie spread over all there are.
import { join } from 'node:path';
import { openSqliteEventStore } from '@waybill/stores';
import { STREAMS, createAppends, eventsOf, expected, streamOf } from './appends.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';

const ROUNDS = 15;
const SLICES = 10;
const APPENDS = 100;
const EACH = 10;
const LARGE = 100_000;
const AT_ONCE = 200;

await inFolder(async (folder) => {
  const filled = async (name, streams, inUse) => {
    const store = openSqliteEventStore({ file: join(folder, `${name}.sqlite`) });
    await fill(store, streams);
    const source = createAppends(1, { inUse, last: EACH - 1 });
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
  const spread = (index) => index * (LARGE / STREAMS);
  const newest = (index) => LARGE - STREAMS + index;
  const large = await filled('large', LARGE, (index) => (index % 2 === 0 ? spread(index) : newest(index)));
  const small = await filled('small', STREAMS, (index) => index);
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
