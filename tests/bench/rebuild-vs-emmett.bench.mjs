// The deployments view from nothing over 20,000 events: Waybill's rebuild of that one view vs Emmett's consumer with an
// upsert of the same row an event. Both keep their checkpoint with the rows.
import { join } from 'node:path';
import { catalogue, environmentName } from '@waybill/domain';
import { openSqliteEventStore } from '@waybill/stores';
import Database from 'better-sqlite3';
import { deploymentProjection } from '../../libs/views/dist/deployments/projection.js';
import { projectBatch } from '../../libs/views/dist/projector.js';
import { buildSqliteEngine } from '../../libs/views/dist/sqlite/engine.js';
import { deployments } from './deployments.mjs';
import { openEmmett } from './emmett/open.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';

const ROUNDS = 5;
const SIZE = { environments: 400, generations: 10 };
const EVENTS = SIZE.environments * SIZE.generations * 5;
const BATCH = 1000;

const STATES = {
  DeploymentRequested: 'requested',
  DeploymentAccepted: 'accepted',
  ManifestsAdapted: 'adapted',
  ManifestsApplied: 'applied',
  DeploymentDelivered: 'delivered',
};

await inFolder(async (folder) => {
  const file = { emmett: join(folder, 'emmett.sqlite'), log: join(folder, 'events.sqlite') };
  const store = openSqliteEventStore({ file: file.log });
  const emmett = await openEmmett(file.emmett);
  process.stderr.write(`storing ${EVENTS} events twice …\n`);
  const all = [...deployments(SIZE)];
  await Promise.all(all.map(({ stream, events, expected }) => store.append(stream, events, expected)));
  await fillEmmett(emmett, all);

  let number = 0;
  const rounds = await inTurn({
    async ours() {
      const engine = buildSqliteEngine(join(folder, `views-${number++}.sqlite`));
      const spent = await timed(() => rebuild(store, engine));
      const { rows } = await engine.queries
        .selectFrom('deployments')
        .where('state', '=', 'delivered')
        .select((select) => select.fn.countAll().as('rows'))
        .executeTakeFirstOrThrow();
      await engine.close();
      return checked(spent, rows);
    },
    async anchor() {
      const table = `deployments_${number++}`;
      const spent = await timed(() => consume(emmett, table));
      const db = new Database(file.emmett, { readonly: true });
      const rows = db.prepare(`SELECT count(*) FROM ${table} WHERE state = 'delivered'`).pluck().get();
      db.close();
      return checked(spent, rows);
    },
    rounds: ROUNDS,
    warmUp: 1,
  });
  await store.close();
  report('rebuild-vs-emmett', {
    ...rates(rounds, { ours: EVENTS, anchor: EVENTS }),
    better: 'higher',
    goal: 25,
    unit: 'events/s',
  });
});

function checked(spent, rows) {
  const wanted = EVENTS / 5;
  if (Number(rows) !== wanted) throw new Error(`${rows} rows, not ${wanted}`);
  return spent;
}

/** What `Views.rebuild` does, for one view. */
async function rebuild(store, engine) {
  let after = null;
  for (;;) {
    const events = await store.readAll(after === null ? undefined : String(after), BATCH);
    if (events.length === 0) break;
    after = await projectBatch(engine, [deploymentProjection], catalogue, { events, after, ledger: store.ledgerId });
  }
  await engine.finish();
}

/** In few large appends: how the events got there is not measured, and the projection does not look at streams. */
async function fillEmmett(emmett, appends) {
  const messages = appends.flatMap(({ events }) =>
    events.map(({ id, type, data, ...rest }) => ({ type, data, metadata: { messageId: id, ...rest } })),
  );
  for (let from = 0; from < messages.length; from += 500) {
    await emmett.appendToStream(`part-${from}`, messages.slice(from, from + 500), {
      expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
    });
  }
}

async function consume(emmett, table) {
  const columns = [
    'name',
    'position',
    'environment',
    'project',
    'slot',
    'location',
    'generation',
    'state',
    'release',
    'ref',
    'commit_id',
    'deliverable',
    'config_digest',
    'tier',
    'desired',
    'requested_at',
  ];
  const insert = `INSERT INTO ${table} (${columns}) VALUES (${columns.map(() => '?')}) ON CONFLICT (name) DO UPDATE SET state = excluded.state`;
  const update = `UPDATE ${table} SET state = ?, finished_at = ?, objects = coalesce(?, objects) WHERE name = ?`;
  const consumer = emmett.consumer({ pulling: { batchSize: BATCH } });
  let created = false;
  consumer.processor({
    processorId: table,
    startFrom: 'BEGINNING',
    stopAfter: ({ metadata }) => metadata.globalPosition >= BigInt(EVENTS),
    async eachMessage({ type, data, metadata }, { connection }) {
      if (!created) {
        created = true;
        await connection.command(`CREATE TABLE ${table} (${columns}, objects, finished_at, PRIMARY KEY (name))`);
      }
      const { environment, generation } = data;
      const name = `${environmentName(environment)}.${generation}`;
      if (type !== 'DeploymentRequested') {
        const finished = type === 'DeploymentDelivered' ? metadata.occurredAt : null;
        const objects = data.objects ? JSON.stringify(data.objects) : null;
        await connection.command(update, [STATES[type], finished, objects, name]);
        return;
      }
      await connection.command(insert, [
        name,
        Number(metadata.globalPosition),
        environmentName(environment),
        environment.project,
        environment.slot,
        environment.location,
        generation,
        'requested',
        data.release,
        data.ref.name,
        data.commit,
        JSON.stringify(data.deliverable),
        data.configDigest,
        data.tier,
        data.desired,
        metadata.occurredAt,
      ]);
    },
  });
  await consumer.start();
  await consumer.close();
}
