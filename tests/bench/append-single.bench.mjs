// One writer, one event an append, each awaited: Waybill's store vs a log written by hand over better-sqlite3.
import { join } from 'node:path';
import { openSqliteEventStore } from '@waybill/stores';
import { createAppends, expected } from './appends.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';
import { openRawLog } from './raw-log.mjs';

const ROUNDS = 15;
const SLICES = 10;
const APPENDS = 100;

await inFolder(async (folder) => {
  const store = openSqliteEventStore({ file: join(folder, 'events.sqlite') });
  const raw = openRawLog(join(folder, 'raw.sqlite'));
  const [mine, theirs] = [createAppends(1), createAppends(1)];
  const rounds = await inTurn({
    ours() {
      const appends = mine.next(APPENDS);
      return timed(async () => {
        for (const { stream, events, revision } of appends) await store.append(stream, events, expected(revision));
      });
    },
    anchor() {
      const appends = theirs.next(APPENDS);
      return timed(() => {
        for (const { stream, events, revision } of appends) raw.append(stream, events, revision);
      });
    },
    rounds: ROUNDS,
    slices: SLICES,
  });
  await store.close();
  raw.close();
  report('append-single', {
    ...rates(rounds, { ours: SLICES * APPENDS, anchor: SLICES * APPENDS }),
    better: 'higher',
    goal: 0.85,
    unit: 'events/s',
  });
});
