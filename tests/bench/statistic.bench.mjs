// Releases of a year counted by any two dimensions, through the statistics view, vs the plain SQL group-by over the table
// of releases in the same file: the rate at which such questions are answered. Prints besides p50 and p99 of our answers,
// over every pair of dimensions, and what the process holds.
//
//   npm run bench -- statistic                                   100,000 releases
//   WAYBILL_BENCH_RELEASES=1000000 npm run bench -- statistic    takes some minutes to fill
import { catalogue } from '@waybill/domain';
import { join } from 'node:path';
import { projectBatch } from '../../libs/views/dist/projector.js';
import { releaseProjection } from '../../libs/views/dist/releases/projection.js';
import { remembering } from '../../libs/views/dist/remembering.js';
import { buildSqliteEngine } from '../../libs/views/dist/sqlite/engine.js';
import { statisticsProjection } from '../../libs/views/dist/statistics/projection.js';
import { statisticsQueries } from '../../libs/views/dist/statistics/queries.js';
import { inFolder, rates, report, timed } from './measure.mjs';
import { yearOfReleases } from './releases-of-a-year.mjs';

const RELEASES = Number(process.env.WAYBILL_BENCH_RELEASES ?? 100_000);
const BATCH = 5_000;
const ROUNDS = 5;
const FROM = '2025-11-01';
const TO = '2026-11-01';
const NOW = `${TO}T00:00:00.000Z`;

/** What the table of releases can be asked for as well, in its words. */
const IN_SQL = {
  project: 'project',
  ref_kind: '"refKind"',
  tier: `json_extract(rule, '$.tier')`,
  person: '"requestedBy"',
  via: 'via',
  trigger: '"trigger"',
  outcome: 'coalesce(outcome, state)',
  day: 'substr("requestedAt", 1, 10)',
  month: 'substr("requestedAt", 1, 7)',
};
const EVERY = [
  ...Object.keys(IN_SQL),
  'product_line',
  'role',
  'team',
  'pipeline',
  'location',
  'resource_kind',
  'failure',
];

const pairsOf = (names) =>
  names
    .flatMap((one, at) => names.slice(at + 1).map((other) => [one, other]))
    .filter((pair) => pair.join() !== 'day,month');

await inFolder(async (folder) => {
  const engine = buildSqliteEngine(join(folder, 'views.sqlite'));
  const filled = remembering(engine);
  process.stderr.write(`projecting ${RELEASES} releases …\n`);
  let batch = [];
  let after = null;
  const flush = async () => {
    const events = batch;
    batch = [];
    after = await projectBatch(filled, [releaseProjection, statisticsProjection], catalogue, {
      events,
      after,
      ledger: 'bench',
    });
  };
  for (const event of yearOfReleases({ releases: RELEASES, from: FROM, to: TO })) {
    batch.push(event);
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  await engine.finish();

  const db = engine.queries;
  const statistics = statisticsQueries((query) => query(db));
  const ask = (by, measures = ['releases']) => statistics.ask({ measures, by, from: FROM, to: TO, limit: 1000 }, NOW);
  const first = await timed(() => ask(['project']));
  const memory = process.memoryUsage();

  const pairs = pairsOf(EVERY);
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const pair of pairs) times.push(await timed(() => ask(pair)));
  }
  const durations = [];
  for (const pair of pairs) durations.push(await timed(() => ask(pair, ['releases', 'lead_time'])));

  const both = pairsOf(Object.keys(IN_SQL));
  const database = new (await import('better-sqlite3')).default(join(folder, 'views.sqlite'), { readonly: true });
  const sql = ([one, other]) =>
    database
      .prepare(
        `select ${IN_SQL[one]} a, ${IN_SQL[other]} b, count(*) n from releases
         where "requestedAt" >= ? and "requestedAt" < ? group by 1, 2 order by n desc limit 1000`,
      )
      .all(`${FROM}T00:00:00.000Z`, NOW);
  const rounds = { ours: [], anchor: [] };
  const some = both.filter((_, at) => at % 5 === 0);
  for (let round = 0; round < ROUNDS; round++) {
    rounds.ours.push(
      await timed(async () => {
        for (const pair of some) await ask(pair);
      }),
    );
    rounds.anchor.push(await timed(() => some.forEach(sql)));
  }
  database.close();
  await engine.close();
  const percentile = (values, share) =>
    [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1].toFixed(1);
  console.log(
    `statistic at ${RELEASES} releases, ${pairs.length} pairs of dimensions: ` +
      `p50=${percentile(times, 0.5)} ms p99=${percentile(times, 0.99)} ms; ` +
      `with percentiles of durations p50=${percentile(durations, 0.5)} ms p99=${percentile(durations, 0.99)} ms; ` +
      `the first question reads the facts: ${Math.round(first)} ms; ` +
      `rss=${Math.round(memory.rss / 2 ** 20)} MB, of it array buffers ${Math.round(memory.arrayBuffers / 2 ** 20)} MB`,
  );
  report('statistic', {
    ...rates(rounds, { ours: some.length, anchor: some.length }),
    goal: 20,
    unit: 'answers/s',
    better: 'higher',
  });
});
