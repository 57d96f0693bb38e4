// One writer, one event an append, each awaited: with live views that follow vs the same store alone. A round ends when
// the views have read all of it, so that what is left for later is paid for too.
import { join } from 'node:path';
import { openSqliteEventStore } from '@waybill/stores';
import { openViews } from '@waybill/views';
import { createAppends, expected } from './appends.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';

const ROUNDS = 15;
const SLICES = 10;
const APPENDS = 200;

await inFolder(async (folder) => {
  const followed = openSqliteEventStore({ file: join(folder, 'followed.sqlite') });
  const alone = openSqliteEventStore({ file: join(folder, 'alone.sqlite') });
  const views = await openViews({ folder: join(folder, 'views'), ledger: followed.ledgerId });
  const stopping = new AbortController();
  const following = views.follow(followed, stopping.signal);
  const [mine, theirs] = [createAppends(1), createAppends(1)];
  const append = async (store, appends) => {
    let position;
    for (const { stream, events, revision } of appends) {
      ({ position } = await store.append(stream, events, expected(revision)));
    }
    return position;
  };
  const rounds = await inTurn({
    ours() {
      const appends = mine.next(APPENDS);
      return timed(async () => views.waitFor(await append(followed, appends), 60_000));
    },
    anchor() {
      const appends = theirs.next(APPENDS);
      return timed(() => append(alone, appends));
    },
    rounds: ROUNDS,
    slices: SLICES,
  });
  stopping.abort();
  await following;
  await views.close();
  await followed.close();
  await alone.close();
  report('append-with-views', {
    ...rates(rounds, { ours: SLICES * APPENDS, anchor: SLICES * APPENDS }),
    better: 'higher',
    goal: 0.85,
    unit: 'events/s',
  });
});
