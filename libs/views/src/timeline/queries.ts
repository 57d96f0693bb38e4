import { listFingerprint, readPage, type Page, type PageRequest } from '../paging.js';
import type { Read } from '../reading.js';
import type { Schema } from '../schema.js';
import { decodeRow, type RowOf } from '../table.js';
import { timelineTable } from './table.js';

/** Where an event is; read the event itself from its stream. */
export type TimelineEntry = Omit<RowOf<typeof timelineTable.columns>, 'position'> & { readonly position: string };

export type TimelineRequest = PageRequest & { readonly newestFirst?: boolean | null | undefined };

export interface TimelineQueries {
  byId(eventId: string): Promise<TimelineEntry | undefined>;
  /** Those that exist, in any order. */
  byIds(eventIds: readonly string[]): Promise<readonly TimelineEntry[]>;
  /** Everything one command led to; oldest first unless asked otherwise. */
  byCorrelation(correlationId: string, request?: TimelineRequest): Promise<Page<TimelineEntry>>;
  /** What an event led to directly, oldest first. */
  causedBy(eventId: string): Promise<readonly TimelineEntry[]>;
  /** What any of these events led to directly, oldest first; no more than `limit`. */
  causedByAny(eventIds: readonly string[], limit: number): Promise<readonly TimelineEntry[]>;
  /** Every event; oldest first unless asked otherwise. */
  list(request?: TimelineRequest): Promise<Page<TimelineEntry>>;
  count(): Promise<number>;
}

export function timelineQueries(read: Read): TimelineQueries {
  const list = (correlationId: string | null, { newestFirst, ...request }: TimelineRequest) =>
    read((db) => {
      let query = db.selectFrom('timeline').selectAll();
      if (correlationId !== null) query = query.where('correlationId', '=', correlationId);
      const direction = newestFirst ? ('desc' as const) : ('asc' as const);
      return readPage(query, request, {
        fingerprint: listFingerprint('timeline', { correlationId, direction }),
        by: 'timeline.position',
        type: 'number',
        direction,
        preset: 50,
        keyOf: (row) => Number(row.position),
        nodes: (rows) => rows.map(toEntry),
      });
    });
  return {
    byId: (eventId) =>
      read(async (db) => {
        const row = await db.selectFrom('timeline').selectAll().where('id', '=', eventId).executeTakeFirst();
        return row && toEntry(row);
      }),
    byCorrelation: (correlationId, request = {}) => list(correlationId, request),
    list: (request = {}) => list(null, request),
    causedBy: (eventId) =>
      read(async (db) => {
        const rows = db.selectFrom('timeline').selectAll().where('causationId', '=', eventId).orderBy('position');
        return (await rows.execute()).map(toEntry);
      }),
    byIds: (eventIds) =>
      read(async (db) => {
        if (eventIds.length === 0) return [];
        const rows = db
          .selectFrom('timeline')
          .selectAll()
          .where('id', 'in', [...eventIds]);
        return (await rows.execute()).map(toEntry);
      }),
    causedByAny: (eventIds, limit) =>
      read(async (db) => {
        if (eventIds.length === 0) return [];
        const rows = db
          .selectFrom('timeline')
          .selectAll()
          .where('causationId', 'in', [...eventIds])
          .orderBy('position')
          .limit(limit);
        return (await rows.execute()).map(toEntry);
      }),
    count: () =>
      read(async (db) => {
        const row = await db
          .selectFrom('timeline')
          .select((eb) => eb.fn.countAll().as('total'))
          .executeTakeFirstOrThrow();
        return Number(row.total);
      }),
  };
}

function toEntry(stored: Schema['timeline']): TimelineEntry {
  const { position, ...row } = decodeRow(timelineTable, stored);
  return { ...row, position: String(position) };
}
