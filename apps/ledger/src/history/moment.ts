import { type RecordedEvent, WaybillError } from '@waybill/kernel';
import type { Moment } from '@waybill/views';
import type * as Api from '../graphql.gen.js';
import type { Parts } from '../parts.js';

/**
 * The moment that somebody asks about; null for today. An instant of the log is where it stood then. Throws
 * `INVALID_INPUT` unless exactly one of the two is given, and for a position of what happened: only instants happen.
 */
export async function momentOf(
  { views }: Pick<Parts, 'views'>,
  asOf: Api.AsOf | null | undefined,
): Promise<Moment | null> {
  if (asOf == null) return null;
  const { instant, position, by } = asOf;
  if ((instant == null) === (position == null)) throw mistaken('give either instant or position');
  if (by === 'happened') {
    if (instant == null) throw mistaken('what happened has an instant, no position');
    return { by, instant };
  }
  return {
    by: 'recorded',
    position:
      position == null
        ? await views.history.positionAt(instant!)
        : Math.min(Number(position), Number.MAX_SAFE_INTEGER - 1),
  };
}

/** Whether an event belongs to the past of the moment. */
export const isUpTo = (moment: Moment, event: RecordedEvent): boolean =>
  moment.by === 'recorded' ? Number(event.position) <= moment.position : event.occurredAt <= moment.instant;

const mistaken = (message: string): WaybillError =>
  new WaybillError('INVALID_INPUT', `asOf: ${message}`, { fields: [{ field: 'asOf', message }] });
