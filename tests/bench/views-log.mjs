// What the benchmarks of views share: a log of deployments, and the rows that views make of it.
import { catalogue } from '@waybill/domain';
import { openSqliteEventStore } from '@waybill/stores';
import { deploymentProjection } from '../../libs/views/dist/deployments/projection.js';
import { remembering } from '../../libs/views/dist/remembering.js';
import { replay } from '../../libs/views/dist/replay.js';
import { rowEncoder } from '../../libs/views/dist/table.js';
import { deployments } from './deployments.mjs';

/** Events a transaction. */
export const BATCH = 1000;

/** 100,000 events: five a deployment. */
const SIZE = { environments: 1000, generations: 20 };
export const EVENTS = SIZE.environments * SIZE.generations * 5;
export const DEPLOYMENTS = SIZE.environments * SIZE.generations;

export const table = deploymentProjection.tables[0];

/** @param {string} file */
export async function openFilledLog(file, size = SIZE) {
  const store = openSqliteEventStore({ file });
  process.stderr.write(`storing ${size.environments * size.generations * 5} events …\n`);
  let waiting = [];
  for (const { stream, events, expected } of deployments(size)) {
    waiting.push(store.append(stream, events, expected));
    if (waiting.length === 2000) await Promise.all(waiting.splice(0));
  }
  await Promise.all(waiting);
  return store;
}

/** The deployments view from nothing, as `Views.rebuild` builds all of them. */
export async function rebuildDeployments(store, engine, projections = [deploymentProjection]) {
  const filled = { ...remembering(engine), checkpoint: () => engine.checkpoint() };
  await replay({ engine: filled, store, projections, catalogue, batch: BATCH });
  await engine.finish();
}

/**
 * The rows that the view writes, as the database takes them, by batch: what the anchors write without knowing how
 * events become rows.
 * @returns {Promise<unknown[][][]>}
 */
export async function rowsByBatch(store) {
  const encode = rowEncoder(table);
  const kept = new Map();
  const batches = [];
  let checkpoint = { position: null, ledger: null };
  await replay({
    engine: {
      async transact(work) {
        return work({
          checkpoint: async () => checkpoint,
          async moveCheckpoint(_from, to) {
            checkpoint = to;
            return true;
          },
          load: async (_table, keys) => keys.flatMap((key) => kept.get(key) ?? []),
          async storeAll([{ rows }]) {
            for (const row of rows) kept.set(row[table.key], row);
            batches.push(rows.map((row) => encode(row)));
          },
        });
      },
      checkpoint: async () => checkpoint,
    },
    store,
    projections: [deploymentProjection],
    catalogue,
    batch: BATCH,
  });
  return batches;
}
