import { categoryOf, catalogue } from '@waybill/domain';
import type { RecordedEvent } from '@waybill/kernel';
import type { Fact } from '../projection.js';
import { RowBuffer } from '../row-buffer.js';
import { releaseProjection } from './projection.js';
import { shownRelease, type ReleaseRow } from './queries.js';
import { releaseTable } from './table.js';

/**
 * A release as the given events leave it, which are those of its stream up to some moment: the projection itself makes
 * the row, so that an earlier state is told in the words of today's. Undefined when its request is not among them.
 */
export function foldedRelease(events: readonly RecordedEvent[]): ReleaseRow | undefined {
  const handler = releaseProjection.on.release;
  const id = events[0]?.data['release'];
  if (!handler || typeof id !== 'string') return undefined;
  const rows = new RowBuffer();
  rows.announce(releaseTable, id);
  for (const event of events) {
    if (categoryOf(event.stream) !== 'release') continue;
    const { data } = catalogue.upcast(event);
    handler.project({ ...event, data } as Fact as never, rows);
  }
  const record = rows.of(releaseTable).get(id);
  return record && shownRelease(record, new Map());
}
