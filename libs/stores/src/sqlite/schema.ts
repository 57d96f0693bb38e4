import type { Schema } from './database.js';

/**
 * `text` is the exact RFC 8785 text that was hashed, so that years later the hash can be checked against what is here.
 * Events are never deleted: rowids are the positions, without holes.
 */
export const LOG_SCHEMA: Schema = {
  applicationId: 'WBev',
  migrations: [
    `CREATE TABLE ledger (
       id TEXT NOT NULL,
       only_one INTEGER PRIMARY KEY CHECK (only_one = 1)
     ) STRICT;
     CREATE TABLE events (
       position INTEGER PRIMARY KEY,
       stream TEXT NOT NULL,
       revision INTEGER NOT NULL,
       id TEXT NOT NULL,
       type TEXT NOT NULL,
       text TEXT NOT NULL,
       hash TEXT NOT NULL
     ) STRICT;
     CREATE UNIQUE INDEX events_by_id ON events (id);
     CREATE UNIQUE INDEX events_by_stream ON events (stream, revision);`,
  ],
};
