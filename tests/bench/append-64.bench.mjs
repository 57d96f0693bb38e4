// 64 writers at once, one event an append: Waybill's store vs one writer of a log written by hand over better-sqlite3,
// which is all that a synchronous writer can do.
import { join } from 'node:path';
import { openSqliteEventStore } from '@waybill/stores';
import { createAppends, expected } from './appends.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';
import { openRawLog } from './raw-log.mjs';

const ROUNDS = 9;
const SLICES = 6;
const WRITERS = 64;
const APPENDS_EACH = 15;
const RAW_APPENDS = 150;

await inFolder(async (folder) => {
  const store = openSqliteEventStore({ file: join(folder, 'events.sqlite') });
  const raw = openRawLog(join(folder, 'raw.sqlite'));
  const [mine, theirs] = [createAppends(1), createAppends(1)];
  /** Takes the next append as soon as its last one is acknowledged. */
  const write = async (queue) => {
    for (let append = queue.pop(); append; append = queue.pop()) {
      await store.append(append.stream, append.events, expected(append.revision));
    }
  };
  const rounds = await inTurn({
    ours() {
      const queue = mine.next(WRITERS * APPENDS_EACH).reverse();
      return timed(() => Promise.all(Array.from({ length: WRITERS }, () => write(queue))));
    },
    anchor() {
      const appends = theirs.next(RAW_APPENDS);
      return timed(() => {
        for (const { stream, events, revision } of appends) raw.append(stream, events, revision);
      });
    },
    rounds: ROUNDS,
    slices: SLICES,
  });
  await store.close();
  raw.close();
  report('append-64', {
    ...rates(rounds, { ours: SLICES * WRITERS * APPENDS_EACH, anchor: SLICES * RAW_APPENDS }),
    better: 'higher',
    goal: 4,
    unit: 'events/s',
  });
});
