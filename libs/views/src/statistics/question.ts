import { WaybillError } from '@waybill/kernel';
import { calendarOf, type Calendar, type TimeUnit } from './calendar.js';
import { rangeOf, type QuarterRange } from './range.js';
import { DIMENSIONS, MEASURES, TIME_UNITS, type DimensionName, type MeasureName } from './vocabulary.js';

export type KeyName = DimensionName | TimeUnit;
/** What an answer is ordered by; `value` is the count, or the median of durations. */
export type ValueName = 'value' | 'p50' | 'p90' | 'p99' | 'mean';

export interface StatisticsFilter {
  readonly dimension: DimensionName;
  /** Null stands for facts without a value. */
  readonly in?: readonly (string | null)[] | null | undefined;
  readonly notIn?: readonly (string | null)[] | null | undefined;
}

export interface StatisticsOrder {
  /** A measure of the question or what it is counted by. */
  readonly by: MeasureName | KeyName;
  readonly value?: ValueName | null | undefined;
  readonly descending?: boolean | null | undefined;
}

export interface StatisticsQuestion {
  readonly measures: readonly MeasureName[];
  readonly by?: readonly KeyName[] | null | undefined;
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly filter?: readonly StatisticsFilter[] | null | undefined;
  /** Projects that everything is cut to, whatever else is asked; all when left out. */
  readonly projects?: readonly string[] | null | undefined;
  readonly orderBy?: readonly StatisticsOrder[] | null | undefined;
  readonly limit?: number | null | undefined;
  /** Also hours, days, weeks or months in which there was nothing; only when nothing else is counted by. */
  readonly empty?: boolean | null | undefined;
}

export interface Plan {
  readonly measures: readonly MeasureName[];
  readonly keys: readonly KeyName[];
  readonly unit: TimeUnit | undefined;
  readonly calendar: Calendar;
  readonly range: QuarterRange;
  readonly filters: readonly StatisticsFilter[];
  readonly order: readonly StatisticsOrder[];
  readonly limit: number;
  readonly empty: boolean;
}

const MAX_MEASURES = 10;
const MAX_KEYS = 4;
const MAX_VALUES = 1_000;
export const MAX_ROWS = 1_000;
const PRESET_ROWS = 100;
/** Hours of ten years and a half. */
const MAX_BUCKETS = 100_000;
const QUARTERS: Readonly<Record<TimeUnit, number>> = { hour: 4, day: 96, week: 672, month: 2688 };

/** Checks a question. `maxRows` is the most that may be asked for. Throws `INVALID_INPUT` naming the field. */
export function planOf(question: StatisticsQuestion, now: string, maxRows = MAX_ROWS): Plan {
  const measures = [...new Set(question.measures)];
  if (measures.length === 0 || measures.length > MAX_MEASURES) {
    throw wrong('measures', `give 1 to ${MAX_MEASURES} measures`);
  }
  for (const name of measures)
    if (!Object.hasOwn(MEASURES, name)) throw unknown('measures', name, Object.keys(MEASURES));
  const keys = [...(question.by ?? [])];
  if (keys.length > MAX_KEYS) throw wrong('by', `give ${MAX_KEYS} at most`);
  if (new Set(keys).size < keys.length) throw wrong('by', 'names one twice');
  for (const name of keys) {
    if (!Object.hasOwn(DIMENSIONS, name) && !isTimeUnit(name))
      throw unknown('by', name, [...Object.keys(DIMENSIONS), ...TIME_UNITS]);
  }
  const units = keys.filter(isTimeUnit);
  if (units.length > 1) throw wrong('by', `takes one of ${TIME_UNITS.join(', ')}, not several`);
  const [unit] = units;
  const calendar = calendarOf(question.timeZone ?? 'UTC');
  const range = rangeOf(calendar, question.from, question.to, now);
  if (unit && (range.to - range.from) / QUARTERS[unit] > MAX_BUCKETS) {
    throw wrong('by', `${unit}s of such a long range are more than ${MAX_BUCKETS}`, 'Ask by day, or for less time.');
  }
  const empty = question.empty ?? false;
  if (empty && !(unit && keys.length === 1)) {
    throw wrong('empty', 'is for series by hour, day, week or month alone', 'Leave it out, or ask by time only.');
  }
  return {
    measures,
    keys,
    unit,
    calendar,
    range,
    filters: [...(question.filter ?? []).map(checkedFilter), ...cut(question.projects)],
    order: orderOf(question.orderBy ?? [], measures, keys, unit),
    limit: limitOf(question.limit ?? Math.min(PRESET_ROWS, maxRows), maxRows),
    empty,
  };
}

const isTimeUnit = (name: string): name is TimeUnit => (TIME_UNITS as readonly string[]).includes(name);

const cut = (projects: readonly string[] | null | undefined): readonly StatisticsFilter[] =>
  projects ? [{ dimension: 'project', in: projects }] : [];

function checkedFilter(filter: StatisticsFilter, index: number): StatisticsFilter {
  const field = `filter.${index}`;
  if (!Object.hasOwn(DIMENSIONS, filter.dimension)) throw unknown(field, filter.dimension, Object.keys(DIMENSIONS));
  if ((filter.in == null) === (filter.notIn == null)) throw wrong(field, 'give either in or notIn');
  const values = filter.in ?? filter.notIn ?? [];
  if (values.length > MAX_VALUES) throw wrong(field, `names ${values.length} values; ${MAX_VALUES} are allowed`);
  return filter;
}

function orderOf(
  wanted: readonly StatisticsOrder[],
  measures: readonly MeasureName[],
  keys: readonly KeyName[],
  unit: TimeUnit | undefined,
): readonly StatisticsOrder[] {
  for (const { by } of wanted) {
    if (!(measures as readonly string[]).includes(by) && !(keys as readonly string[]).includes(by)) {
      throw wrong(
        'orderBy',
        `${String(by).slice(0, 60)} is neither a measure of the question nor what it is counted by`,
      );
    }
  }
  if (wanted.length > 0) return wanted;
  // Series in the order of time; anything else by what there is most of.
  return unit ? [{ by: unit }] : [{ by: measures[0]!, descending: true }];
}

function limitOf(limit: number, maxRows: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxRows) return limit;
  throw wrong(
    'limit',
    `${limit} is not a whole number from 1 to ${maxRows}`,
    'waybill stats and /export/statistics give all rows as CSV.',
  );
}

const unknown = (field: string, name: string, known: readonly string[]): WaybillError =>
  wrong(field, `there is no ${JSON.stringify(String(name).slice(0, 60))}`, `There are ${known.join(', ')}.`);

function wrong(field: string, message: string, hint?: string): WaybillError {
  return new WaybillError('INVALID_INPUT', `${field}: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    fields: [{ field, message }],
  });
}
