// The deployments view from nothing over 50,000 events: Waybill's rebuild of that one view vs Emmett's consumer with an
// upsert of the same row an event. Both keep their checkpoint with the rows.
import assert from 'node:assert';
import { join } from 'node:path';
import { environmentName } from '@waybill/domain';
import Database from 'better-sqlite3';
import { buildSqliteEngine } from '../../libs/views/dist/sqlite/engine.js';
import { openEmmett } from './emmett/open.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';
import { BATCH, openFilledLog, rebuildDeployments, table } from './views-log.mjs';

const ROUNDS = 5;
const SIZE = { environments: 500, generations: 20 };
const EVENTS = SIZE.environments * SIZE.generations * 5;
const COLUMNS = Object.keys(table.columns).map((column) => `"${column}"`);

await inFolder(async (folder) => {
  const file = { emmett: join(folder, 'emmett.sqlite'), log: join(folder, 'events.sqlite') };
  const store = await openFilledLog(file.log, SIZE);
  const emmett = await openEmmett(file.emmett);
  await fillEmmett(emmett, await store.readAll(undefined, EVENTS));

  const rows = {};
  let number = 0;
  const rounds = await inTurn({
    async ours() {
      const views = join(folder, `views-${number++}.sqlite`);
      const engine = buildSqliteEngine(views);
      const spent = await timed(() => rebuildDeployments(store, engine));
      await engine.close();
      rows.ours = rowsOf(views, table.name);
      return spent;
    },
    async anchor() {
      const name = `deployments_${number++}`;
      const spent = await consume(emmett, name);
      rows.anchor = rowsOf(file.emmett, name);
      return spent;
    },
    rounds: ROUNDS,
    warmUp: 1,
  });
  await store.close();
  if (rows.ours.length !== EVENTS / 5) throw new Error(`${rows.ours.length} rows`);
  assert.deepStrictEqual(rows.anchor, rows.ours);
  report('rebuild-vs-emmett', {
    ...rates(rounds, { ours: EVENTS, anchor: EVENTS }),
    better: 'higher',
    goal: 25,
    unit: 'events/s',
  });
});

/** Every row, JSON parsed: Emmett keeps the order of keys. */
function rowsOf(file, name) {
  const db = new Database(file, { readonly: true });
  const found = db.prepare(`SELECT ${COLUMNS} FROM ${name} ORDER BY name`).raw().all();
  db.close();
  return found.map((row) => row.map((value) => (/^[[{]/.test(value) ? JSON.parse(value) : value)));
}

/** In few large appends: how the events got there is not measured, and the projection does not look at streams. */
async function fillEmmett(emmett, events) {
  const messages = events.map(({ id, type, data, ...metadata }) => ({
    type,
    data,
    metadata: { messageId: id, ...metadata },
  }));
  for (let from = 0; from < messages.length; from += 500) {
    await emmett.appendToStream(`part-${from}`, messages.slice(from, from + 500), {
      expectedStreamVersion: 'STREAM_DOES_NOT_EXIST',
    });
  }
}

/** What libs/views makes of these events, statement by statement. Resolves with milliseconds. */
async function consume(emmett, name) {
  const others = Object.keys(table.columns).filter((column) => column !== table.key);
  const upsert = `INSERT INTO ${name} (${COLUMNS}) VALUES (${Object.keys(table.columns).map(() => '?')})
    ON CONFLICT ("${table.key}") DO UPDATE SET ${others.map((column) => `"${column}" = excluded."${column}"`)}`;
  const supersede = `UPDATE ${name} SET state = 'superseded', message = ?, "finishedAt" = ?
    WHERE name = ? AND state IN ('requested', 'accepted', 'adapted', 'applied', 'delayed')`;
  const underWay = `UPDATE ${name} SET state = ?, message = NULL, "finishedAt" = NULL, objects = coalesce(?, objects),
    "deliveredCommit" = coalesce(?, "deliveredCommit") WHERE name = ? AND state <> 'superseded'`;
  const delivered = `UPDATE ${name} SET state = 'delivered', good = 1, message = NULL, "deliveredCommit" = ?,
    "finishedAt" = ? WHERE name = ?`;

  const handle = async ({ type, data, metadata }, run) => {
    const { environment, generation } = data;
    const at = metadata.recordedAt;
    const key = `${environmentName(environment)}.${generation}`;
    switch (type) {
      case 'DeploymentRequested': {
        if (generation > 1) {
          const message = `generation ${generation} was asked for before this one was concluded`;
          await run(supersede, [message, at, `${environmentName(environment)}.${generation - 1}`]);
        }
        const { project, slot, location } = environment;
        const { release, ref, commit, deliverable, configDigest, tier, desired, replaces } = data;
        const row = {
          ...{ name: key, position: Number(metadata.globalPosition), environment: environmentName(environment) },
          ...{ project, slot, location, generation, state: 'requested', good: 0, message: null, release },
          ...{ ref: ref.name, refKind: ref.kind, commit, deliverable: JSON.stringify(deliverable), configDigest },
          ...{ tier, desired, replaces, deliveredCommit: null, objects: '[]', requestedAt: at, finishedAt: null },
          ...{ drift: null, correlationId: metadata.correlationId },
        };
        return run(
          upsert,
          Object.keys(table.columns).map((column) => row[column]),
        );
      }
      case 'DeploymentAccepted':
        return run(underWay, ['accepted', null, null, key]);
      case 'ManifestsAdapted':
        return run(underWay, ['adapted', JSON.stringify(data.objects), null, key]);
      case 'ManifestsApplied':
        return run(underWay, ['applied', null, data.commit, key]);
      case 'DeploymentDelivered':
        return run(delivered, [data.commit, at, key]);
      default:
        throw new Error(`no projection of ${type}`);
    }
  };

  const consumer = emmett.consumer({ pulling: { batchSize: BATCH } });
  let created = false;
  let failure;
  consumer.processor({
    processorId: name,
    startFrom: 'BEGINNING',
    stopAfter: ({ metadata }) => metadata.globalPosition >= BigInt(EVENTS),
    async eachMessage(message, { connection }) {
      const run = (sql, values) => connection.command(sql, values);
      try {
        if (!created) await run(`CREATE TABLE ${name} (${COLUMNS}, PRIMARY KEY ("${table.key}"))`, []);
        created = true;
        await handle(message, run);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  const spent = await timed(() => consumer.start());
  // Takes a quarter of a second of its own.
  await consumer.close();
  if (failure) throw failure;
  return spent;
}
