import { DIMENSIONS, type DimensionName, type StatisticsFilter, type StatisticsOrder } from '@waybill/views';
import { WaybillError } from '@waybill/kernel';
import type * as Api from '../graphql.gen.js';
import type { Asker } from '../access/asker.js';
import { readableProjects } from '../access/permissions.js';

/** Projects that everything is cut to; null when the asker may read all. */
export function cutFor(asker: Asker): readonly string[] | null {
  const readable = readableProjects(asker);
  return readable === '*' ? null : readable;
}

export function filterFrom({ dimension, in: wanted, notIn }: Api.StatisticsFilter): StatisticsFilter {
  if (!isDimension(dimension)) {
    const message = `${dimension} is no filter: from and to say when`;
    throw new WaybillError('INVALID_INPUT', `filter: ${message}`, { fields: [{ field: 'filter', message }] });
  }
  return { dimension, in: valuesFrom(wanted), notIn: valuesFrom(notIn) };
}

export function orderFrom({ measure, by, value, descending }: Api.StatisticsOrder): StatisticsOrder {
  const of = measure ?? by;
  if (of == null || (measure != null && by != null)) {
    const message = 'give either measure or by';
    throw new WaybillError('INVALID_INPUT', `orderBy: ${message}`, { fields: [{ field: 'orderBy', message }] });
  }
  return { by: of, value, descending };
}

const valuesFrom = (values: Api.StatisticsFilter['in']): readonly (string | null)[] | null =>
  values?.map((value) => value ?? null) ?? null;

const isDimension = (name: string): name is DimensionName => Object.hasOwn(DIMENSIONS, name);
