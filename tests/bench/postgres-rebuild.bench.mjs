// The deployments view from nothing over 100,000 events into PostgreSQL: Waybill's rebuild vs a program over the bare pg
// client that is told which rows to write. It reads and parses the same log, upserts the same rows in the same batches
// as arrays of columns, moves a checkpoint with each, and builds the same indexes at the end.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { openPostgresHome } from '../../libs/views/dist/postgres/home.js';
import { serverOf } from '../../libs/views/dist/postgres/connection.js';
import { startPostgres } from '../../tools/servers/postgres.mjs';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';
import { BATCH, DEPLOYMENTS, EVENTS, openFilledLog, rebuildDeployments, rowsByBatch, table } from './views-log.mjs';

const ROUNDS = 7;

const server = process.env.DATABASE_URL ? undefined : await startPostgres();
const url = process.env.DATABASE_URL ?? server.url;
const client = new pg.Client({ connectionString: url });
await client.connect();

await inFolder(async (folder) => {
  const log = join(folder, 'events.sqlite');
  const store = await openFilledLog(log);
  const home = await openPostgresHome({ server: serverOf(url), ledger: store.ledgerId, onTrouble: console.error });
  const batches = await rowsByBatch(store);
  let round = 0;
  const rounds = await inTurn({
    async ours() {
      const { number, engine } = await home.build();
      const spent = await timed(() => rebuildDeployments(store, engine));
      await check(`waybill_views_${number}.deployments`);
      await engine.close();
      await home.release(number);
      return spent;
    },
    async anchor() {
      await client.query('create schema raw; set search_path to raw; set synchronous_commit to off');
      const spent = await timed(() => rebuildByHand(log, batches, round++));
      await check('raw.deployments');
      await client.query('drop schema raw cascade');
      return spent;
    },
    rounds: ROUNDS,
    warmUp: 1,
  });
  await home.close();
  await store.close();
  report('postgres-rebuild', {
    ...rates(rounds, { ours: EVENTS, anchor: EVENTS }),
    better: 'higher',
    goal: 0.5,
    unit: 'events/s',
  });
});
await client.end();
await server?.stop();

async function check(name) {
  const { rows } = await client.query(`select count(*)::int as found from ${name} where state = 'delivered'`);
  if (rows[0].found !== DEPLOYMENTS) throw new Error(`${rows[0].found} rows, not ${DEPLOYMENTS}`);
}

async function rebuildByHand(log, batches, round) {
  const columns = Object.entries(table.columns);
  const typeOf = ({ kind }) => (kind === 'integer' || kind === 'boolean' ? 'bigint' : 'text');
  const names = columns.map(([name]) => `"${name}"`);
  const key = `"${table.key}"`;
  const others = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  const definitions = columns.map(
    ([name, column]) => `"${name}" ${typeOf(column)}${typeOf(column) === 'text' ? ' collate "C"' : ''}`,
  );
  await client.query(`create table deployments (${definitions}, primary key (${key}))`);
  await client.query('create table checkpoint (position bigint); insert into checkpoint values (0)');
  const upsert = `insert into deployments
    select * from unnest(${columns.map(([, column], index) => `$${index + 1}::${typeOf(column)}[]`)})
    on conflict (${key}) do update set ${others}`;
  const events = new Database(log, { readonly: true });
  const page = events.prepare('select position, text from events where position > ? order by position limit ?').raw();
  let position = 0;
  for (const rows of batches) {
    const read = page.all(position, BATCH);
    for (const [, text] of read) JSON.parse(text);
    position = read.at(-1)[0];
    await client.query('begin');
    await client.query({ name: `move ${round}`, text: 'update checkpoint set position = $1', values: [position] });
    const values = columns.map((_, column) => rows.map((row) => row[column]));
    await client.query({ name: `upsert ${round}`, text: upsert, values });
    await client.query('commit');
  }
  events.close();
  for (const { columns: indexed } of table.indexes) {
    await client.query(`create index on deployments (${indexed.map((name) => `"${name}"`)})`);
  }
}
