import type { Projection } from '../projection.js';
import { timelineTable } from './table.js';

export const timelineProjection: Projection = {
  name: 'timeline',
  version: 1,
  tables: [timelineTable],
  on: {},
  onEvery(event, rows) {
    const { id, stream, revision, type, correlationId, causationId, commandId, recordedAt } = event;
    rows.of(timelineTable).put({
      position: Number(event.position),
      id,
      stream,
      revision,
      type,
      correlationId,
      causationId,
      commandId,
      recordedAt,
    });
  },
};
