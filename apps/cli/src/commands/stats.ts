import { type Command, Option } from 'commander';
import {
  DORA,
  DORA_DEFINITIONS,
  type DoraAnswer,
  type DoraDefinitionsAnswer,
  type DoraMetric,
  type DoraNumber,
  STATISTICS,
  type StatisticsAnswer,
  type StatisticsRow,
} from '../documents/statistics.js';
import { usageError } from '../exit.js';
import { wholeNumber } from '../input.js';
import { ledgerOf } from '../ledger/client.js';
import { openPath } from '../ledger/paths.js';
import { type OutputOptions, printOne, withOutput } from '../output/print.js';
import { type Column, facts, table } from '../output/table.js';
import { duration, plural, shortId } from '../output/words.js';
import type { World } from '../world.js';
import { withExamples } from './define.js';

interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly timeZone?: string;
}

const withRange = (command: Command): Command =>
  command
    .option('--from <date>', 'from when: a date, a local time or an instant (default: 30 days before --to)')
    .option('--to <date>', 'until when, itself left out (default: now)')
    .option('--time-zone <name>', 'IANA time zone of dates, hours, days, weeks and months (default: UTC)');

export function register(program: Command, world: World): void {
  registerStats(program, world);
  registerDora(program, world);
}

interface StatsOptions extends OutputOptions, RangeOptions {
  readonly measures: readonly string[];
  readonly by: readonly string[];
  readonly filter: readonly string[];
  readonly order?: string;
  readonly limit: number;
  readonly empty?: true;
  readonly format?: 'csv' | 'jsonl';
}

const list = (text: string): readonly string[] => text.split(',').map((word) => word.trim().replaceAll('-', '_'));

function registerStats(program: Command, world: World): void {
  const stats = withRange(
    program
      .command('stats')
      .description('Count and time releases, deployments and drifts by what they have in common.')
      .option('--measures <names>', 'with commas between: releases, lead_time, …', list, ['releases'])
      .option('--by <names>', 'with commas between: project, outcome, month, …', list, [])
      .option('--filter <dimension=values>', 'only these, != all but these; may be given again', collect, []),
  )
    .option('--order <name>', 'a measure or what is counted by, - in front for the highest first')
    .option('--limit <number>', 'at most this many rows', wholeNumber('--limit', 1), 50)
    .option('--empty', 'also hours, days, weeks or months without anything')
    .addOption(new Option('--format <format>', 'all rows for other programs').choices(['csv', 'jsonl']));
  withExamples(
    stats,
    'waybill stats --measures releases,releases_failed,lead_time --by project',
    'waybill stats --by month,tier --from 2026-01-01 --time-zone Europe/Berlin',
    'waybill stats --measures deployments --by location,failure --filter outcome=failed',
    'waybill stats --by person,day --format csv > people.csv',
  );
  withOutput(stats).action(async (options: StatsOptions) => {
    if (options.format) return exportRows(world, options, options.format);
    const { statistics } = await ledgerOf(world).ask<StatisticsAnswer>(STATISTICS, { input: inputOf(options) });
    await printOne(world, options, statistics, () => {
      const columns = [
        ...options.by.map((name, at): Column<StatisticsRow> => ({
          title: words(name),
          value: (row) => keyOf(row, at),
        })),
        ...options.measures.map((name, at): Column<StatisticsRow> => ({
          title: words(name),
          value: (row) => valueOf(row, at),
        })),
      ];
      const rows = options.by.length === 0 ? [statistics.total] : statistics.rows;
      return rows.length === 0 ? '' : table(columns, rows, false);
    });
    if (statistics.totalRows > statistics.rows.length) {
      world.err(
        `${statistics.rows.length} of ${plural(statistics.totalRows, 'row')}; --limit shows more, --format all\n`,
      );
    } else if (options.by.length > 0 && statistics.rows.length === 0) world.err('nothing to count\n');
  });
}

const collect = (text: string, earlier: readonly string[]): readonly string[] => [...earlier, text];

function inputOf(options: StatsOptions): Record<string, unknown> {
  const { measures, by, from, to, timeZone, limit, empty, order } = options;
  const name = order?.replace(/^-/, '').replaceAll('-', '_');
  const orderBy = name === undefined ? [] : [{ ...orderOf(name, measures), descending: order!.startsWith('-') }];
  return {
    measures: measures.map((measure) => measure.toUpperCase()),
    by: by.map((key) => key.toUpperCase()),
    from,
    to,
    ...(timeZone === undefined ? {} : { timeZone }),
    filter: options.filter.map(filterOf),
    orderBy,
    limit,
    empty: empty === true,
  };
}

const orderOf = (name: string, measures: readonly string[]): Record<string, string> =>
  measures.includes(name) ? { measure: name.toUpperCase() } : { by: name.toUpperCase() };

function filterOf(text: string): Record<string, unknown> {
  const [, name, not, given] = /^([a-zA-Z_-]+)(!?)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || given === undefined) throw usageError(`--filter takes dimension=value, not ${text}`);
  const values = given.split(',').map((value) => (value === '' ? null : value));
  const dimension = name.replaceAll('-', '_').toUpperCase();
  return not ? { dimension, notIn: values } : { dimension, in: values };
}

async function exportRows(world: World, options: StatsOptions, format: string): Promise<void> {
  const query = new URLSearchParams({ measures: options.measures.join(','), format });
  if (options.by.length > 0) query.set('by', options.by.join(','));
  for (const name of ['from', 'to', 'timeZone'] as const)
    if (options[name] !== undefined) query.set(name, options[name]);
  for (const filter of options.filter) query.append('filter', filter);
  for await (const chunk of await openPath(world, `/export/statistics?${query.toString()}`))
    await world.outBytes(chunk);
}

/** Lead times go on for days: `2 d 5 h`, `3 h 12 min`, below that as elsewhere. */
function timeWords(ms: number): string {
  if (ms < 3_600_000) return duration(ms);
  const minutes = Math.round(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const words = (name: string): string => name.replaceAll('_', ' ');

function keyOf({ keys }: StatisticsRow, at: number): string {
  const { value, principal } = keys[at]!;
  return principal?.name ?? principal?.login ?? value ?? '–';
}

function valueOf({ values }: StatisticsRow, at: number): string | number | null {
  const { value, durations } = values[at]!;
  if (!durations) return value;
  const { p50, p90, p99 } = durations;
  return [p50, p90, p99].map((ms) => timeWords(ms)).join(' / ');
}

interface DoraOptions extends OutputOptions, RangeOptions {
  readonly definition?: string;
  readonly knownAt?: string;
  readonly evidence?: string;
  readonly definitions?: true;
}

function registerDora(program: Command, world: World): void {
  const dora = withRange(
    program
      .command('dora')
      .description('DORA’s metrics of production releases, by a named definition, with what they are made of.')
      .argument('[project]', 'key of a project; all that you may read when left out')
      .option('--definition <name>', 'dora-2025, devlake-2023 or fourkeys (default: dora-2025)'),
  )
    .option('--known-at <instant>', 'only what had been recorded by then')
    .option('--evidence <metric>', 'also what this metric is made of, such as lead_time')
    .option('--definitions', 'only say how each definition computes each metric');
  withExamples(
    dora,
    'waybill dora shop --from 2026-01-01',
    'waybill dora --definition devlake-2023 --time-zone Europe/Berlin',
    'waybill dora shop --evidence change_fail_rate',
  );
  withOutput(dora).action(async (project: string | undefined, options: DoraOptions) => {
    if (options.definitions) return showDefinitions(world, options);
    const { definition, from, to, timeZone, knownAt } = options;
    const given = Object.entries({ definition, from, to, timeZone, project, knownAt });
    const answer = await ledgerOf(world).ask<DoraAnswer>(DORA, {
      input: Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      evidence: options.evidence === undefined ? 5 : 50,
    });
    await printOne(world, options, answer.dora, () => describeDora(answer.dora, options.evidence));
  });
}

function describeDora(dora: DoraAnswer['dora'], evidence: string | undefined): string {
  const defined = new Map(dora.definition.metrics.map((metric) => [metric.metric, metric.defined]));
  const columns: Column<DoraMetric>[] = [
    { title: 'metric', value: ({ metric }) => words(metric.toLowerCase()) },
    {
      title: 'value',
      value: (metric) => (defined.get(metric.metric) ? inUnit(metric, metric.asKnown) : 'not defined'),
    },
    { title: 'rating', value: ({ asKnown }) => asKnown.rating },
    { title: 'of', value: ({ asKnown }) => asKnown.evidence.totalCount || null },
    { title: 'inferred', value: ({ asKnown }) => asKnown.inferred || null },
    {
      title: 'as recorded',
      value: (metric) => (metric.asRecorded.value === metric.asKnown.value ? null : inUnit(metric, metric.asRecorded)),
    },
  ];
  const metric = dora.metrics.find((it) => it.metric.toLowerCase() === evidence?.toLowerCase().replaceAll('-', '_'));
  if (evidence !== undefined && !metric) {
    throw usageError(
      `there is no metric ${evidence}`,
      `there are ${dora.metrics.map((it) => it.metric.toLowerCase()).join(', ')}`,
    );
  }
  return (
    `${dora.definition.title}: ${dora.from.slice(0, 10)} to ${dora.to.slice(0, 10)}, ${dora.timeZone}\n\n` +
    table(columns, dora.metrics, false) +
    (dora.corrections.length > 0 ? `\n${plural(dora.corrections.length, 'correction')} of incidents\n` : '') +
    (metric ? `\n${metric.words}\n\n${table(evidenceColumns(metric), metric.asKnown.evidence.nodes, false)}` : '')
  );
}

type Evidence = DoraNumber['evidence']['nodes'][number];

const evidenceColumns = (metric: DoraMetric): Column<Evidence>[] => [
  { title: 'at', value: ({ at }) => at },
  { title: 'release', value: ({ release }) => release && shortId(release.id) },
  { title: 'incident', value: ({ incident }) => incident?.id },
  { title: 'value', value: ({ value }) => (metric.unit === 'MILLISECONDS' ? timeWords(value) : value) },
  { title: 'inferred', value: ({ inferred }) => (inferred ? 'inferred' : null) },
  { title: 'events', value: ({ events }) => events.join(' ') },
];

function inUnit({ unit }: DoraMetric, { value }: DoraNumber): string {
  if (value === null) return '–';
  switch (unit) {
    case 'MILLISECONDS':
      return timeWords(value);
    case 'SHARE':
      return `${Math.round(value * 1000) / 10} %`;
    case 'DAYS_PER_WEEK':
      return `${Math.round(value * 100) / 100} days a week`;
    default:
      return `${Math.round(value * 100) / 100} a week`;
  }
}

async function showDefinitions(world: World, options: OutputOptions): Promise<void> {
  const { doraDefinitions } = await ledgerOf(world).ask<DoraDefinitionsAnswer>(DORA_DEFINITIONS);
  await printOne(world, options, doraDefinitions, () =>
    doraDefinitions
      .map(
        ({ name, title, source, metrics }) =>
          `${name}: ${title} (${source})\n${facts(metrics.map((metric) => [words(metric.metric.toLowerCase()), metric.words]))}`,
      )
      .join('\n'),
  );
}
