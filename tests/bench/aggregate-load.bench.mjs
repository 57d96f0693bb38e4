// A stream of 100 events to the state that decides over it (read, check of versions, evolve), vs reading and parsing the
// same rows of a log written by hand.
import { join } from 'node:path';
import { catalogue, environmentDecider, environmentStreamOf } from '@waybill/domain';
import { loadStream } from '@waybill/kernel';
import { openSqliteEventStore } from '@waybill/stores';
import { envelopes, environmentOf, requested } from './deployments.mjs';
import { inFolder, inTurn, medians, report, timed } from './measure.mjs';
import { openRawLog } from './raw-log.mjs';

const ROUNDS = 15;
const SLICES = 20;
const LOADS = 20;
const STREAMS = 200;
const EVENTS = 100;

await inFolder(async (folder) => {
  const store = openSqliteEventStore({ file: join(folder, 'events.sqlite') });
  const raw = openRawLog(join(folder, 'raw.sqlite'));
  const streams = Array.from({ length: STREAMS }, (_, index) => environmentStreamOf(environmentOf(index)));
  // One event of each stream after the other, so that a stream's rows lie as far apart as in a ledger in use.
  for (let generation = 1; generation <= EVENTS; generation++) {
    const appends = streams.map((stream, index) => ({
      stream,
      events: envelopes([requested(environmentOf(index), generation, generation)]),
    }));
    await Promise.all(
      appends.map(({ stream, events }) =>
        store.append(stream, events, generation === 1 ? 'no-stream' : generation - 2),
      ),
    );
    raw.together(() => appends.forEach(({ stream, events }) => raw.append(stream, events, generation - 2)));
  }
  let next = 0;
  const chosen = () => Array.from({ length: LOADS }, () => streams[(next += 7) % STREAMS]);
  const dependencies = { store, catalogue };
  const rounds = await inTurn({
    ours() {
      const loads = chosen();
      return timed(async () => {
        for (const stream of loads) {
          const { state } = await loadStream(dependencies, environmentDecider, stream);
          if (state.generation !== EVENTS) throw new Error(`${stream} ends at ${state.generation}`);
        }
      });
    },
    anchor() {
      const loads = chosen();
      return timed(() => {
        for (const stream of loads) {
          const last = raw
            .readStream(stream)
            .map(([, text]) => JSON.parse(text))
            .at(-1);
          if (last.data.generation !== EVENTS) throw new Error(`${stream} ends at ${last.data.generation}`);
        }
      });
    },
    rounds: ROUNDS,
    slices: SLICES,
  });
  await store.close();
  raw.close();
  const perLoad = (side) => rounds[side].map((milliseconds) => milliseconds / (SLICES * LOADS));
  report('aggregate-load', {
    ...medians({ ours: perLoad('ours'), anchor: perLoad('anchor') }),
    goal: 1.3,
    unit: 'ms',
  });
});
