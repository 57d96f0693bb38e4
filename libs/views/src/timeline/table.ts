import { defineTable, integer, text } from '../table.js';

/** Where each event is, so that it is found by its id, its correlation or its cause; the event stays in the store. */
export const timelineTable = defineTable({
  name: 'timeline',
  key: 'position',
  columns: {
    position: integer(),
    id: text(),
    stream: text(),
    revision: integer(),
    type: text(),
    correlationId: text(),
    causationId: text(),
    commandId: text(),
    recordedAt: text(),
  },
  indexes: [
    { columns: ['id'], unique: true },
    { columns: ['correlationId', 'position'] },
    { columns: ['causationId', 'position'] },
  ],
});
