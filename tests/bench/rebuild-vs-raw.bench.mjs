// The deployments view from nothing over 100,000 events: Waybill's rebuild vs a program over better-sqlite3 that is told
// which rows to write. It reads and parses the same log, upserts the same rows in the same batches, moves a checkpoint
// with each, and builds the same indexes at the end; how events become rows it need not know.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { buildSqliteEngine } from '../../libs/views/dist/sqlite/engine.js';
import { inFolder, inTurn, rates, report, timed } from './measure.mjs';
import { BATCH, DEPLOYMENTS, EVENTS, openFilledLog, rebuildDeployments, rowsByBatch, table } from './views-log.mjs';

const ROUNDS = 7;

await inFolder(async (folder) => {
  const log = join(folder, 'events.sqlite');
  const store = await openFilledLog(log);
  const batches = await rowsByBatch(store);
  let number = 0;
  const rounds = await inTurn({
    async ours() {
      const file = join(folder, `views-${number++}.sqlite`);
      const engine = buildSqliteEngine(file);
      const spent = await timed(() => rebuildDeployments(store, engine));
      await engine.close();
      return checked(spent, file);
    },
    async anchor() {
      const file = join(folder, `raw-${number++}.sqlite`);
      const spent = await timed(() => rebuildByHand(log, file, batches));
      return checked(spent, file);
    },
    rounds: ROUNDS,
    warmUp: 1,
  });
  await store.close();
  report('rebuild-vs-raw', {
    ...rates(rounds, { ours: EVENTS, anchor: EVENTS }),
    better: 'higher',
    goal: 0.5,
    unit: 'events/s',
  });
});

function checked(spent, file) {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare(`select count(*) from deployments where state = 'delivered'`).pluck().get();
  db.close();
  if (rows !== DEPLOYMENTS) throw new Error(`${rows} rows, not ${DEPLOYMENTS}`);
  return spent;
}

function rebuildByHand(log, file, batches) {
  const events = new Database(log, { readonly: true });
  const db = new Database(file);
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -65536');
  const names = Object.keys(table.columns).map((name) => `"${name}"`);
  const key = `"${table.key}"`;
  const others = names.filter((name) => name !== key).map((name) => `${name} = excluded.${name}`);
  db.exec(`create table deployments (${names}, primary key (${key})); create table checkpoint (position integer);
           insert into checkpoint values (0);`);
  const page = events.prepare('select position, text from events where position > ? order by position limit ?').raw();
  const upsert = db.prepare(`insert into deployments (${names}) values (${names.map(() => '?')})
                             on conflict (${key}) do update set ${others}`);
  const move = db.prepare('update checkpoint set position = ?');
  const apply = db.transaction((rows, position) => {
    for (const row of rows) upsert.run(row);
    move.run(position);
  });
  let position = 0;
  for (const rows of batches) {
    const read = page.all(position, BATCH);
    for (const [, text] of read) JSON.parse(text);
    position = read.at(-1)[0];
    apply(rows, position);
  }
  for (const [number, { columns }] of table.indexes.entries()) {
    db.exec(`create index by_${number} on deployments (${columns.map((name) => `"${name}"`)})`);
  }
  events.close();
  db.close();
}
