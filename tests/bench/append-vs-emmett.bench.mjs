// One writer, one event an append, each awaited: Waybill's store vs Emmett's SQLite store, both durable, both with the
// revision expected.
import { join } from 'node:path';
import { openSqliteEventStore } from '@waybill/stores';
import { createAppends, expected } from './appends.mjs';
import { openEmmett } from './emmett/open.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';

const ROUNDS = 9;
const SLICES = 5;
const OURS = 100;
const EMMETT = 20;

await inFolder(async (folder) => {
  const store = openSqliteEventStore({ file: join(folder, 'events.sqlite') });
  const mine = createAppends(1);
  const ours = () => {
    const appends = mine.next(OURS);
    return timed(async () => {
      for (const { stream, events, revision } of appends) await store.append(stream, events, expected(revision));
    });
  };
  const against = async (emmett) => {
    const theirs = createAppends(1);
    const anchor = () => {
      const appends = theirs.next(EMMETT).map(asEmmett);
      return timed(async () => {
        for (const append of appends) await untilWritten(emmett, append);
      });
    };
    const rounds = await inTurn({ ours, anchor, rounds: ROUNDS, slices: SLICES });
    return rates(rounds, { ours: SLICES * OURS, anchor: SLICES * EMMETT });
  };
  const kept = await against(await openEmmett(join(folder, 'kept.sqlite'), { keepConnection: true }));
  process.stderr.write(
    `against Emmett over a connection that stays open: ratio=${(kept.ours / kept.anchor).toPrecision(3)}\n`,
  );
  const measured = await against(await openEmmett(join(folder, 'emmett.sqlite')));
  await store.close();
  report('append-vs-emmett', { ...measured, better: 'higher', goal: 6, unit: 'events/s' });
});

function asEmmett({ stream, events, revision }) {
  const messages = events.map(({ id, type, data, ...rest }) => ({ type, data, metadata: { messageId: id, ...rest } }));
  // Emmett counts from 1.
  return { stream, messages, expectedStreamVersion: revision === -1 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision + 1) };
}

/** Now and then Emmett cannot commit while its own PRAGMA runs on the connection it just opened: then once more. */
async function untilWritten(emmett, { stream, messages, expectedStreamVersion }) {
  for (;;) {
    try {
      return await emmett.appendToStream(stream, messages, { expectedStreamVersion });
    } catch (error) {
      if (error.code !== 'SQLITE_BUSY') throw error;
    }
  }
}
